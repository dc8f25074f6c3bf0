import { type DirectiveNode, type DocumentNode, Kind, type OperationDefinitionNode, type SelectionNode, visit } from 'graphql';
import { booleanOf, defaultOf } from '../plan/condition.ts';
import type { Run } from '../plan/run.ts';

/** All must hold. Each is a place in the list of the operation's Boolean variables, and whether it must be true. */
export type When = readonly { readonly variable: number; readonly is: boolean }[];

/** The variables in `@skip` and `@include` of one operation and its fragments. All are known from the start: types are compiled when they are met. */
export class Conditions {
  private readonly names: readonly string[];
  private readonly operation: OperationDefinitionNode;

  constructor(document: DocumentNode, operation: OperationDefinitionNode) {
    const names = new Set<string>();
    const add = (node: DirectiveNode): void => {
      const value = isCondition(node) ? ifOf(node) : false;
      if (typeof value === 'string') names.add(value);
    };
    visit(document, { Directive: add });
    this.names = [...names];
    this.operation = operation;
  }

  /** What the directives of a selection add to the conditions around it; null where it is never there. */
  within(when: When, { directives = [] }: SelectionNode): When | null {
    let all = when;
    for (const directive of directives) {
      if (!isCondition(directive)) continue;
      const wanted = directive.name.value === 'include';
      const value = ifOf(directive);
      if (typeof value === 'boolean') {
        if (value !== wanted) return null;
        continue;
      }
      const variable = this.names.indexOf(value);
      if (all.some((each) => each.variable === variable && each.is !== wanted)) return null;
      if (!all.some((each) => each.variable === variable)) all = [...all, { variable, is: wanted }];
    }
    return all;
  }

  evaluate(variables: Run['variables']): readonly boolean[] {
    return this.names.map((name) => booleanOf(variables, name, defaultOf(this.operation, name)));
  }
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}

function ifOf({ arguments: given = [] }: DirectiveNode): boolean | string {
  const value = given.find(({ name }) => name.value === 'if')?.value;
  if (value?.kind === Kind.VARIABLE) return value.name.value;
  return value?.kind === Kind.BOOLEAN && value.value;
}

/** Whether one of them holds. */
export function holds(whens: readonly When[], conditions: readonly boolean[]): boolean {
  return whens.some((when) => when.every(({ variable, is }) => conditions[variable] === is));
}

/** As an expression over `c`, the evaluated conditions; null where the selection is always there. */
export function expressionOf(whens: readonly When[]): string | null {
  if (whens.some((when) => when.length === 0)) return null;
  return whens.map((when) => `(${when.map(({ variable, is }) => `${is ? '' : '!'}c[${variable}]`).join('&&')})`).join('||');
}
