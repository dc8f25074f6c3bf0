import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type GraphQLNamedType, type GraphQLSchema, isAbstractType } from 'graphql';
import { type CodeMeter, generate, property, quoted } from './generated-code.ts';
import { perType, textOf } from './per-type.ts';
import { compileRewrites, isOfType, type Rewrite, typenameOf } from './rewrite.ts';
import { isTreeObject, mergeInto, printTree, slotOf, type Tree, type TreeObject } from './tree.ts';
import { toWire, type WireText } from './wire.ts';

/** The reference by which a subgraph finds an entity, as JSON; null where the object does not hold what it takes. */
export type Represent = (entity: TreeObject) => WireText | null;

export interface Representation {
  readonly represent: Represent;
  /** Makes the builders of all types that the fetch is for. */
  prepare(): void;
}

/** One builder per runtime type, made when the type is first met; simple ones as generated code. */
export function compileRepresentation(
  requires: readonly QueryPlanSelectionNode[],
  inputRewrites: readonly FetchDataRewrite[] | undefined,
  schema: GraphQLSchema,
  meter: CodeMeter,
): Representation {
  const rewrite = compileRewrites(inputRewrites, schema);
  const general = generalBuilder(requires, rewrite, schema);
  const builderOf = perType(schema, ({ name }) => builderFor(name, requires, inputRewrites ?? [], schema, meter) ?? general, general);
  return {
    represent: (entity) => builderOf(entity.$__typename)(entity),
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
function generalBuilder(requires: readonly QueryPlanSelectionNode[], rewrite: Rewrite | null, schema: GraphQLSchema): Represent {
  return (entity) => {
    const representation = select(entity, requires, schema);
    if (!isTreeObject(representation) || !representation.$__typename) return null;
    rewrite?.(representation);
    return printTree(representation);
  };
}

/** Undefined and null where something that is required is missing; what one fragment lacks does not hinder the others. */
function select(source: Tree, selections: readonly QueryPlanSelectionNode[], schema: GraphQLSchema): Tree {
  if (Array.isArray(source)) return source.map((each) => select(each, selections, schema));
  if (!isTreeObject(source)) return null;
  const result: TreeObject = {};
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const slot = slotOf(selection.alias ?? selection.name);
      const value = source[slot];
      if (value === undefined) return null;
      result[slot] = selection.selections ? select(value, selection.selections, schema) : value;
    } else if (applies(source, selection.typeCondition, schema)) {
      const inner = select(source, selection.selections, schema);
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
  requires: readonly QueryPlanSelectionNode[],
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
  const keys = fragment.selections.flatMap((each) => (each.kind === 'Field' && !each.selections ? [each.alias ?? each.name] : []));
  if (fragments.length > 1 || keys.length !== fragment.selections.length || !keys.includes('__typename')) return null;
  const sent = typenameAfter(name, inputRewrites, schema);
  return sent === null ? null : leafBuilder(keys, sent, meter);
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

function leafBuilder(keys: readonly string[], typename: string, meter: CodeMeter): Represent {
  const fields = keys.filter((key) => key !== '__typename');
  const reads = fields.map((key, index) => `const f${index} = o${property(key)}; if (f${index} === undefined) return null;`);
  const parts = fields.map((key, index) => `+ ${JSON.stringify(`,${quoted(key)}:`)} + f${index}`);
  const start = toWire(`{"__typename":${JSON.stringify(typename)}`);
  return generate(`return (o) => { ${reads.join(' ')} return ${JSON.stringify(start)} ${parts.join(' ')} + '}'; };`, {}, meter);
}
