import { type DirectiveNode, Kind, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import { booleanOf, defaultOf } from '../plan/condition.ts';
import type { Run } from '../plan/run.ts';

/** All must hold. Each is a place in the list of the operation's Boolean variables, and whether it must be true. */
export type When = readonly { readonly variable: number; readonly is: boolean }[];

/** The variables in `@skip` and `@include` of one operation. */
export class Conditions {
  private readonly names: string[] = [];
  private readonly operation: OperationDefinitionNode;

  constructor(operation: OperationDefinitionNode) {
    this.operation = operation;
  }

  /** What the directives of a selection add to the conditions around it; null where it is never there. */
  within(when: When, { directives = [] }: SelectionNode): When | null {
    let all = when;
    for (const directive of directives) {
      const name = directive.name.value;
      if (name !== 'skip' && name !== 'include') continue;
      const wanted = name === 'include';
      const value = ifOf(directive);
      if (typeof value === 'boolean') {
        if (value !== wanted) return null;
        continue;
      }
      const variable = this.indexOf(value);
      if (all.some((each) => each.variable === variable && each.is !== wanted)) return null;
      if (!all.some((each) => each.variable === variable)) all = [...all, { variable, is: wanted }];
    }
    return all;
  }

  evaluate(variables: Run['variables']): readonly boolean[] {
    return this.names.map((name) => booleanOf(variables, name, defaultOf(this.operation, name)));
  }

  private indexOf(name: string): number {
    const known = this.names.indexOf(name);
    return known === -1 ? this.names.push(name) - 1 : known;
  }
}

function ifOf({ arguments: given = [] }: DirectiveNode): boolean | string {
  const value = given.find(({ name }) => name.value === 'if')?.value;
  if (value?.kind === Kind.VARIABLE) return value.name.value;
  return value?.kind === Kind.BOOLEAN && value.value;
}

/** As an expression over `c`, the evaluated conditions; null where the selection is always there. */
export function expressionOf(whens: readonly When[]): string | null {
  if (whens.some((when) => when.length === 0)) return null;
  return whens.map((when) => `(${when.map(({ variable, is }) => `${is ? '' : '!'}c[${variable}]`).join('&&')})`).join('||');
}
