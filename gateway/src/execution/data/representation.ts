import type { FetchDataRewrite, QueryPlanFieldNode, QueryPlanInlineFragmentNode } from '@apollo/query-planner';
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { expressionOf, holds, type When } from '../shape/conditions.ts';
import { type CodeMeter, generate, property, quoted } from './generated-code.ts';
import { perType, textOf } from './per-type.ts';
import { compileRewrites, isOfType, type Rewrite, typenameOf } from './rewrite.ts';
import { isTreeObject, mergeInto, printTree, slotOf, type Tree, type TreeObject } from './tree.ts';
import { toWire, type WireText } from './wire.ts';

/** A selection of a plan's `requires`. With `when`, it is needed where one of these holds, and else left out. */
export type RequiredNode = RequiredField | RequiredFragment;

interface RequiredField extends Omit<QueryPlanFieldNode, 'selections'> {
  readonly selections?: readonly RequiredNode[];
  readonly when?: readonly When[];
}

interface RequiredFragment extends Omit<QueryPlanInlineFragmentNode, 'selections'> {
  readonly selections: readonly RequiredNode[];
  readonly when?: readonly When[];
}

/** In the place of a reference: what the object holds of it cannot be right. */
export const UNFIT = '';

/**
 * The reference by which a subgraph finds an entity, as JSON. Null where nothing is asked of the object, or it lacks what it takes: at another position of
 * its place, or for another type, less may have been asked for. `UNFIT` where a leaf is null that may not be, or its type is none that objects have.
 */
export type Represent = (entity: TreeObject, conditions: readonly boolean[]) => WireText | null;

export interface Representation {
  readonly represent: Represent;
  /** Makes the builders of all types that the fetch is for. */
  prepare(): void;
}

/** One builder per runtime type, made when the type is first met; simple ones as generated code. */
export function compileRepresentation(
  requires: readonly RequiredNode[],
  inputRewrites: readonly FetchDataRewrite[] | undefined,
  schema: GraphQLSchema,
  meter: CodeMeter,
): Representation {
  const rewrite = compileRewrites(inputRewrites, schema);
  const general = generalBuilder(requires, rewrite, schema);
  const ofNoType: Represent = ({ $__typename }, conditions) =>
    $__typename !== undefined && requires.some(({ when = ALWAYS }) => holds(when, conditions)) ? UNFIT : null;
  const builderOf = perType(
    schema,
    (type) => (isCompositeType(type) ? (builderFor(type.name, requires, inputRewrites ?? [], schema, meter) ?? general) : ofNoType),
    ofNoType,
  );
  return {
    represent: (entity, conditions) => builderOf(entity.$__typename)(entity, conditions),
    prepare: () => {
      const conditions = requires.flatMap((each) => (each.kind === 'InlineFragment' && each.typeCondition ? [each.typeCondition] : []));
      for (const type of conditions.flatMap((name) => typesIn(name, schema))) builderOf(textOf(type));
    },
  };
}

function typesIn(name: string, schema: GraphQLSchema): readonly GraphQLNamedType[] {
  const type = schema.getType(name);
  if (!type) return [];
  return isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type];
}

/** Selects, merges, rewrites and prints. */
function generalBuilder(requires: readonly RequiredNode[], rewrite: Rewrite | null, schema: GraphQLSchema): Represent {
  return (entity, conditions) => {
    const representation = select(entity, requires, schema, conditions);
    if (!isTreeObject(representation) || !representation.$__typename) return null;
    rewrite?.(representation);
    return printTree(representation);
  };
}

/** Undefined and null where something that is needed is missing; what one fragment lacks does not hinder the others. */
function select(source: Tree, selections: readonly RequiredNode[], schema: GraphQLSchema, conditions: readonly boolean[]): Tree {
  if (Array.isArray(source)) return source.map((each) => select(each, selections, schema, conditions));
  if (!isTreeObject(source)) return null;
  const result: TreeObject = {};
  for (const selection of selections) {
    if (selection.when && !holds(selection.when, conditions)) continue;
    if (selection.kind === 'Field') {
      const slot = slotOf(selection.alias ?? selection.name);
      const value = source[slot];
      if (value === undefined) return null;
      result[slot] = selection.selections ? select(value, selection.selections, schema, conditions) : value;
    } else if (applies(source, selection.typeCondition, schema)) {
      const inner = select(source, selection.selections, schema, conditions);
      if (isTreeObject(inner)) mergeInto(result, inner);
    }
  }
  return result;
}

function applies(source: TreeObject, condition: string | undefined, schema: GraphQLSchema): boolean {
  const typename = typenameOf(source);
  return condition !== undefined && typename !== null && isOfType(schema, typename, condition);
}

/** Generated where exactly one fragment is for this type, holds leaves only, and at most its `__typename` is rewritten. */
function builderFor(
  name: string,
  requires: readonly RequiredNode[],
  inputRewrites: readonly FetchDataRewrite[],
  schema: GraphQLSchema,
  meter: CodeMeter,
): Represent | null {
  if (requires.some(({ kind }) => kind === 'Field')) return null;
  const fragments = requires.flatMap((each) =>
    each.kind === 'InlineFragment' && each.typeCondition && isOfType(schema, name, each.typeCondition) ? [each] : [],
  );
  const [fragment] = fragments;
  if (!fragment) return () => null;
  const leaves = fragment.selections.flatMap((each) =>
    each.kind === 'Field' && !each.selections
      ? [{ key: each.alias ?? each.name, isRequired: isRequired(schema, name, each.name), when: each.when ?? ALWAYS }]
      : [],
  );
  if (fragments.length > 1 || leaves.length !== fragment.selections.length || !leaves.some(({ key }) => key === '__typename')) return null;
  const sent = typenameAfter(name, inputRewrites, schema);
  return sent === null ? null : leafBuilder(leaves, fragment.when ?? ALWAYS, sent, meter);
}

function isRequired(schema: GraphQLSchema, type: string, field: string): boolean {
  const named = schema.getType(type);
  return (isObjectType(named) || isInterfaceType(named)) && isNonNullType(named.getFields()[field]?.type);
}

/** What `__typename` is sent as; null where the rewrites do more than that. */
function typenameAfter(name: string, inputRewrites: readonly FetchDataRewrite[], schema: GraphQLSchema): string | null {
  let sent = name;
  for (const rewrite of inputRewrites) {
    const [condition = '', field, ...more] = rewrite.path;
    if (rewrite.kind !== 'ValueSetter' || field !== '__typename' || more.length > 0 || !condition.startsWith('... on ')) return null;
    if (isOfType(schema, sent, condition.slice('... on '.length))) sent = String(rewrite.setValueTo);
  }
  return sent;
}

interface Leaf {
  readonly key: string;
  /** Null may not be. */
  readonly isRequired: boolean;
  readonly when: readonly When[];
}

const ALWAYS: readonly When[] = [[]];

/** `when` anything is asked of the entity. */
function leafBuilder(leaves: readonly Leaf[], when: readonly When[], typename: string, meter: CodeMeter): Represent {
  const fields = leaves.filter(({ key }) => key !== '__typename');
  const anything = expressionOf(when);
  const guard = anything === null ? '' : `if (!(${anything})) return null; `;
  const lines = fields.map(({ key, isRequired, when: needed }, index) => {
    const expression = expressionOf(needed);
    const ifNull = isRequired ? ` if (f${index} === null) return ${JSON.stringify(UNFIT)};` : '';
    const read = `o${property(key)}; if (f${index} === undefined) return null;${ifNull}`;
    const name = JSON.stringify(`,${quoted(key)}:`);
    if (expression === null) return { read: `const f${index} = ${read}`, part: `+ ${name} + f${index}` };
    return { read: `let f${index} = ''; if (${expression}) { f${index} = ${read} f${index} = ${name} + f${index}; }`, part: `+ f${index}` };
  });
  const reads = lines.map(({ read }) => read).join(' ');
  const parts = lines.map(({ part }) => part).join(' ');
  const start = toWire(`{"__typename":${JSON.stringify(typename)}`);
  return generate(`return (o, c) => { ${guard}${reads} return ${JSON.stringify(start)} ${parts} + '}'; };`, {}, meter);
}
