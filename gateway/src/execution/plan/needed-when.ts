import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { doTypesOverlap, type FieldNode, type GraphQLCompositeType, type GraphQLSchema, isAbstractType, type SelectionNode } from 'graphql';
import type { RequiredNode } from '../data/representation.ts';
import type { Conditions, When } from '../shape/conditions.ts';
import { below, compositeNamed, typeIn } from './fetch-operation.ts';
import { type AskedField, askedFields, type Need, needsOf } from './required-ways.ts';

/** A field that the fetch asks for where the conditions hold; null where it never does. */
interface Use {
  readonly type: GraphQLCompositeType | null;
  readonly when: When | null;
  readonly needs: readonly Need[];
}

interface Parts {
  readonly schema: GraphQLSchema;
  readonly uses: readonly Use[];
}

/**
 * What a fetch requires, and under which conditions. The planner tells what all of its fields require together; where a condition leaves one of
 * them out, it leaves out what that field requires too, where it is fetched. What no field requires is a key and always needed: composition lets no
 * subgraph require its own keys.
 */
export function neededWhen(fetch: FetchNode, schema: GraphQLSchema, conditions: Conditions): readonly RequiredNode[] {
  const { requires = [] } = fetch;
  const asked = askedFields(fetch, schema).map((field) => ({ ...field, when: whenOf(field, conditions) }));
  if (asked.every(({ when }) => when?.length === 0)) return requires;
  const uses = asked.map(({ type, node, when }) => ({ type, when, needs: needsUnder(type, node, schema) }));
  return requires.flatMap((each) => {
    const type = each.kind === 'InlineFragment' ? compositeNamed(each.typeCondition ?? '', schema) : null;
    const own = uses.filter((use) => overlap(use.type, type, schema));
    return conditioned(each, '', type, { schema, uses: own }).flatMap((node) => under(node, whenAnyOf(own)));
  });
}

function whenOf({ around, node }: AskedField, conditions: Conditions): When | null {
  return [...around, node].reduce<When | null>((when, each: SelectionNode) => when && conditions.within(when, each), []);
}

/** Asked of an interface, a field requires what it requires in any type that has it. */
function needsUnder(type: GraphQLCompositeType | null, node: FieldNode, schema: GraphQLSchema): readonly Need[] {
  if (!type) return [];
  const types = isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type];
  return types.flatMap((each) => needsOf(each, node, schema));
}

/** None where it is never needed. `path` is from the entity, `type` the one whose fields these are. */
function conditioned(node: QueryPlanSelectionNode, path: string, type: GraphQLCompositeType | null, parts: Parts): readonly RequiredNode[] {
  const { schema, uses } = parts;
  const inside = (nodes: readonly QueryPlanSelectionNode[], at: string, inner: GraphQLCompositeType | null) =>
    nodes.flatMap((each) => conditioned(each, at, inner, parts));
  if (node.kind === 'InlineFragment') {
    const inner = node.typeCondition ? compositeNamed(node.typeCondition, schema) : type;
    return [{ ...node, selections: inside(node.selections, path, inner) }];
  }
  const here = below(path, [node.name]);
  if (node.selections) {
    const selections = inside(node.selections, here, typeIn(type, node.name));
    return under({ ...node, selections }, whenAny(selections));
  }
  if (here === '__typename') return [node];
  return under(node, whenAnyOf(uses.filter(({ needs }) => needs.some((need) => need.path === here && overlap(need.type, type, schema)))));
}

function under(node: RequiredNode, when: readonly When[] | null): readonly RequiredNode[] {
  if (when === null) return [node];
  return when.length === 0 ? [] : [{ ...node, when }];
}

/** When one of these is asked for; null where one always is, and where there are none: then nobody knows for whom it is. */
function whenAnyOf(uses: readonly Use[]): readonly When[] | null {
  return uses.length === 0 ? null : unlessAlways(uses.flatMap(({ when }) => (when ? [when] : [])));
}

/** When one of these is needed; null where one always is. */
function whenAny(nodes: readonly RequiredNode[]): readonly When[] | null {
  return unlessAlways(nodes.flatMap((each) => each.when ?? (each.kind === 'InlineFragment' ? whenAny(each.selections) : null) ?? [[]]));
}

function unlessAlways(all: readonly When[]): readonly When[] | null {
  return all.some((when) => when.length === 0) ? null : all;
}

/** Of what is not known, anything may be. */
function overlap(one: GraphQLCompositeType | null, other: GraphQLCompositeType | null, schema: GraphQLSchema): boolean {
  return !one || !other || doTypesOverlap(schema, one, other);
}
