import type { FetchNode, PlanNode } from '@apollo/query-planner';
import {
  doTypesOverlap,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isUnionType,
  Kind,
  print,
  type SelectionSetNode,
} from 'graphql';
import { requiresOf } from '../../supergraph/required-arguments.ts';
import { ENTITIES } from './compiled-fetch.ts';
import { below, conditionOf, mapFields, operationOf, typeIn } from './fetch-operation.ts';
import { freeName } from './free-name.ts';
import { childrenOf } from './plan-nodes.ts';

/** A field that some `@requires` asks for. */
export interface Need {
  /** From the entity that requires it: `price` or `category.averagePrice`. */
  readonly path: string;
  readonly type: GraphQLCompositeType;
  readonly node: FieldNode;
}

/** One of several ways in which fields require one field: with a name of its own. */
export interface Way {
  readonly type: GraphQLCompositeType;
  readonly node: FieldNode;
  readonly alias: string;
}

/** A field of an entity that a fetch asks for. */
export interface AskedField {
  readonly type: GraphQLCompositeType | null;
  readonly node: FieldNode;
  /** The fragments in which it stands, outer ones first. */
  readonly around: readonly InlineFragmentNode[];
}

/** Such a field, and what it requires. */
export interface RequiringField {
  readonly node: FieldNode;
  readonly needs: readonly Need[];
}

/** The fields of one plan that are required in more than one way, by their places in the answer. */
export class RequiredWays {
  private readonly byPlace = new Map<string, Way[]>();
  private readonly schema: GraphQLSchema;

  constructor(node: PlanNode, schema: GraphQLSchema) {
    this.schema = schema;
    const prefix = freePrefix(node);
    visitFetches(node, '', (fetch, place) => {
      for (const { needs } of requiringFields(fetch, schema)) for (const need of needs) this.add(below(place, [need.path]), need, prefix);
    });
    visitFetches(node, '', (fetch, place) => this.addAsked(fetch, place, prefix));
    for (const [place, ways] of this.byPlace)
      this.byPlace.set(
        place,
        ways.filter((way) => ways.some((other) => this.overlap(way.type, other.type) && argumentsOf(way.node) !== argumentsOf(other.node))),
      );
  }

  /** The planner may ask for what nobody requires any more, since a condition leaves it out. */
  private addAsked(fetch: FetchNode, place: string, prefix: string): void {
    mapFields(fetch, operationOf(fetch), place, this.schema, (node, here, type) => {
      if (type && (node.arguments?.length || this.of(here, type).length > 0)) this.add(here, { type, node }, prefix);
      return [node];
    });
  }

  private add(place: string, { type, node }: Pick<Need, 'type' | 'node'>, prefix: string): void {
    const ways = this.byPlace.get(place) ?? [];
    if (!this.byPlace.has(place)) this.byPlace.set(place, ways);
    if (ways.some((way) => way.type === type && argumentsOf(way.node) === argumentsOf(node))) return;
    ways.push({ type, node, alias: `${prefix}${ways.length}_${node.name.value}` });
  }

  /** The field's own name for each name that was made up. */
  names(): ReadonlyMap<string, string> {
    return new Map([...this.byPlace.values()].flat().map(({ alias, node }) => [alias, node.name.value]));
  }

  at(place: string): readonly Way[] {
    return this.byPlace.get(place) ?? [];
  }

  /** Those that may be about an object of this type. */
  of(place: string, type: GraphQLCompositeType | null): readonly Way[] {
    return type ? this.at(place).filter((way) => this.overlap(way.type, type)) : [];
  }

  wayOf(place: string, { type, node }: Need): Way | undefined {
    return this.at(place).find((way) => way.type === type && argumentsOf(way.node) === argumentsOf(node));
  }

  overlap(one: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
    return doTypesOverlap(this.schema, one, other);
  }
}

const PREFIX = 'required_';

/** One that stands in nothing that the plan asks for, so nobody has chosen a name with it. */
function freePrefix(node: PlanNode): string {
  const operations: string[] = [];
  visitFetches(node, '', ({ operation }) => void operations.push(operation));
  return freeName(PREFIX, (prefix) => operations.some((operation) => operation.includes(prefix)));
}

function visitFetches(node: PlanNode, place: string, use: (fetch: FetchNode, place: string) => void): void {
  if (node.kind === 'Fetch') use(node, place);
  const here = node.kind === 'Flatten' ? below(place, node.path) : place;
  for (const each of childrenOf(node)) visitFetches(each, here, use);
}

/** What an entity fetch asks of each type, and what each of these fields requires. */
export function requiringFields(fetch: FetchNode, schema: GraphQLSchema): readonly RequiringField[] {
  return askedFields(fetch, schema).map(({ type, node }) => ({ node, needs: type ? needsOf(type, node, schema) : [] }));
}

/** What an entity fetch asks of each type. */
export function askedFields(fetch: FetchNode, schema: GraphQLSchema): readonly AskedField[] {
  if (!fetch.requires) return [];
  const inSet = (
    type: GraphQLCompositeType | null,
    { selections }: SelectionSetNode,
    around: AskedField['around'],
  ): readonly AskedField[] =>
    selections.flatMap((node) => {
      if (node.kind === Kind.INLINE_FRAGMENT) return inSet(conditionOf(node, type, schema), node.selectionSet, [...around, node]);
      return node.kind === Kind.FIELD ? [{ type, node, around }] : [];
    });
  return operationOf(fetch).selectionSet.selections.flatMap((each) =>
    each.kind === Kind.FIELD && each.name.value === ENTITIES && each.selectionSet ? inSet(null, each.selectionSet, []) : [],
  );
}

export function needsOf(type: GraphQLCompositeType, { name }: FieldNode, schema: GraphQLSchema): readonly Need[] {
  const field = isUnionType(type) ? undefined : type.getFields()[name.value];
  return requiresOf(field?.astNode?.directives).flatMap((set) => needsIn(set, '', type, schema));
}

function needsIn(set: SelectionSetNode, path: string, type: GraphQLCompositeType | null, schema: GraphQLSchema): Need[] {
  return set.selections.flatMap((node) => {
    if (node.kind === Kind.INLINE_FRAGMENT) return needsIn(node.selectionSet, path, conditionOf(node, type, schema), schema);
    if (node.kind !== Kind.FIELD || !type) return [];
    const here = below(path, [node.name.value]);
    const inner = node.selectionSet ? needsIn(node.selectionSet, here, typeIn(type, node.name.value), schema) : [];
    return [{ path: here, type, node }, ...inner];
  });
}

function argumentsOf(node: FieldNode): string {
  return (node.arguments ?? []).map((each) => print(each)).join(', ');
}
