import type { FetchNode, FlattenNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type FieldNode, type GraphQLCompositeType, type GraphQLSchema, Kind, type SelectionNode } from 'graphql';
import { below, compositeNamed, mapFields, operationOf, typeIn, withOperation } from './fetch-operation.ts';
import { type ExecutablePlan, mapChildren } from './plan-nodes.ts';
import { type Need, RequiredWays, requiringFields, type Way } from './required-ways.ts';

export interface SplitPlan {
  readonly plan: ExecutablePlan;
  /** The field's own name for each name that was made up. */
  readonly names: ReadonlyMap<string, string>;
}

interface Parts {
  readonly schema: GraphQLSchema;
  readonly required: RequiredWays;
}

const NO_NAMES: SplitPlan['names'] = new Map();

/**
 * `@requires(fields: "price(currency: USD)")` and `@requires(fields: "price(currency: EUR)")` on one object: the planner knows both as `price`,
 * asks for one, and hands it to both. Here every way gets a name of its own where it is fetched, and its own name back where it is handed on; a
 * fetch whose fields require different values under one name becomes several. What the client itself asks of such a field was set apart before.
 */
export function splitRequirements(plan: ExecutablePlan, schema: GraphQLSchema): SplitPlan {
  const { node } = plan;
  if (!node) return { plan, names: NO_NAMES };
  const required = new RequiredWays(node, schema);
  const names = required.names();
  return names.size === 0 ? { plan, names } : { plan: { ...plan, node: rewrite(node, '', { schema, required }) }, names };
}

function rewrite(node: PlanNode, place: string, parts: Parts): PlanNode {
  if (node.kind === 'Flatten') return atEveryWay(node, place, parts);
  if (node.kind === 'Fetch') return split(produce(node, place, parts), place, parts);
  return mapChildren(node, (each) => rewrite(each, place, parts));
}

/** What is fetched below a required field is fetched below each way of it. */
function atEveryWay(node: FlattenNode, place: string, parts: Parts): PlanNode {
  let paths: FlattenNode['path'][] = [[]];
  let here = place;
  for (const part of node.path) {
    here = below(here, [part]);
    const others = part === '@' ? [] : parts.required.at(here).map(({ alias }) => alias);
    paths = paths.flatMap((path) => [part, ...others].map((each) => [...path, each]));
  }
  const inner = rewrite(node.node, here, parts);
  const nodes = paths.map((path) => ({ ...node, path, node: inner }));
  const [only] = nodes;
  return nodes.length === 1 && only ? only : { kind: 'Parallel', nodes };
}

/**
 * Asks for a field in every way in which somebody requires it, in the place of the one that the planner chose: of several in one selection set it
 * keeps one.
 */
function produce(fetch: FetchNode, place: string, { schema, required }: Parts): FetchNode {
  const operation = operationOf(fetch);
  let isChanged = false;
  const selectionSet = mapFields(fetch, operation, place, schema, (node, here, type) => {
    const ways = required.of(here, type).filter((way) => way.node.name.value === node.name.value);
    if (ways.length === 0) return [node];
    isChanged = true;
    return ways.map((way) => asked(node, way));
  });
  if (isChanged) return withOperation(fetch, { ...operation, selectionSet });
  return { ...fetch, operationDocumentNode: { kind: Kind.DOCUMENT, definitions: [operation] } }; // one and the same for all who look at its fields
}

function asked(node: FieldNode, { node: { arguments: given = [] }, alias }: Way): FieldNode {
  return { ...node, alias: { kind: Kind.NAME, value: alias }, arguments: given };
}

/** A required field and the name under which it was fetched. */
interface Wanted {
  readonly need: Need;
  readonly alias: string;
}

interface Group {
  readonly fields: Set<FieldNode>;
  readonly wanted: Wanted[];
}

/** One fetch for each set of fields that can be answered from one reference. */
function split(fetch: FetchNode, place: string, parts: Parts): PlanNode {
  const { schema, required } = parts;
  const conflict = (one: Wanted, other: Wanted) =>
    one.need.path === other.need.path && one.alias !== other.alias && required.overlap(one.need.type, other.need.type);
  const groups: Group[] = [];
  for (const { node, needs } of requiringFields(fetch, schema)) {
    const wanted = needs.flatMap((need) => {
      const way = required.wayOf(below(place, [need.path]), need);
      return way ? [{ need, alias: way.alias }] : [];
    });
    const known = groups.find((group) => !group.wanted.some((one) => wanted.some((other) => conflict(one, other))));
    const group = known ?? { fields: new Set(), wanted: [] };
    if (!known) groups.push(group);
    group.fields.add(node);
    group.wanted.push(...wanted);
  }
  if (groups.every(({ wanted }) => wanted.length === 0)) return fetch;
  const nodes = groups.map((group) => consume(fetch, group, place, parts));
  const [only] = nodes;
  return nodes.length === 1 && only ? only : { kind: 'Parallel', nodes };
}

function consume(fetch: FetchNode, { fields, wanted }: Group, place: string, parts: Parts): FetchNode {
  const operation = operationOf(fetch);
  const keep = (node: SelectionNode, isEntity: boolean): SelectionNode[] => {
    if (node.kind === Kind.FIELD && isEntity) return fields.has(node) ? [node] : [];
    if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) return [node];
    const selections = node.selectionSet.selections.flatMap((each) => keep(each, true));
    return selections.length > 0 ? [{ ...node, selectionSet: { ...node.selectionSet, selections } } as SelectionNode] : []; // the same kind of node
  };
  const selections = operation.selectionSet.selections.flatMap((each) => keep(each, false));
  return {
    ...withOperation(fetch, { ...operation, selectionSet: { ...operation.selectionSet, selections } }),
    requires: (fetch.requires ?? []).flatMap((each) => readUnder(each, '', null, wanted, place, parts)),
    inputRewrites: [...(fetch.inputRewrites ?? []), ...renamesOf(wanted)],
  };
}

/** Outer ones first: the inner ones are found under the names that these give. */
function renamesOf(wanted: readonly Wanted[]) {
  const byDepth = [...wanted].sort((one, other) => one.need.path.split('.').length - other.need.path.split('.').length);
  const renames = new Map(
    byDepth.map(({ need, alias }) => {
      const keys = need.path.split('.');
      return [
        `${need.path} ${alias}`,
        { kind: 'KeyRenamer' as const, path: [...keys.slice(0, -1), alias], renameKeyTo: keys.at(-1) ?? '' },
      ];
    }),
  );
  return [...renames.values()];
}

/** The same requirement, read under the name of its way; without what only fields of another group require. */
function readUnder(
  node: QueryPlanSelectionNode,
  path: string,
  type: GraphQLCompositeType | null,
  wanted: readonly Wanted[],
  place: string,
  parts: Parts,
): QueryPlanSelectionNode[] {
  const { schema, required } = parts;
  const inside = (selections: readonly QueryPlanSelectionNode[], at: string, inner: GraphQLCompositeType | null) =>
    selections.flatMap((each) => readUnder(each, at, inner, wanted, place, parts));
  if (node.kind === 'InlineFragment') {
    const inner = node.typeCondition ? compositeNamed(node.typeCondition, schema) : type;
    return [{ ...node, selections: inside(node.selections, path, inner) }];
  }
  const here = below(path, [node.alias ?? node.name]);
  const aliases = new Set(
    wanted.flatMap(({ need, alias }) => (type && need.path === here && required.overlap(need.type, type) ? [alias] : [])),
  );
  if (aliases.size === 0 && required.of(below(place, [here]), type).length > 0) return [];
  const selections = node.selections && inside(node.selections, here, typeIn(type, node.name));
  if (selections?.length === 0) return [];
  const read = { ...node, ...(selections ? { selections } : {}) };
  return aliases.size === 0 ? [read] : [...aliases].map((alias) => ({ ...read, alias }));
}
