import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { type GraphQLFieldMap, type GraphQLObjectType, type GraphQLSchema, isObjectType, isUnionType, parse } from 'graphql';
import { buildSchemaSync, createResolversMap, type NonEmptyArray } from 'type-graphql';
import { type AccessRule, accessRuleOf } from '../access/index.ts';
import { InvariantViolation } from '../errors/index.ts';
import type { RequestContext } from './context.ts';
import { checkOf, type ReferenceCheck, type References, resolverOf } from './reference.ts';
import { guardEntities, guardRootField } from './root-field.ts';
import {
  CalendarDate,
  CountryCode,
  CurrencyCodeScalar,
  Cursor,
  DateTime,
  EmailAddress,
  Locale,
  MinorUnits,
  PhoneNumber,
  Url,
} from './scalars.ts';

const FEDERATION_LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@tag", "@inaccessible", "@cost", "@listSize", "@provides", "@external", "@requires", "@override", "@interfaceObject"])\n`;
const SCALARS = [CalendarDate, CountryCode, CurrencyCodeScalar, Cursor, DateTime, EmailAddress, Locale, MinorUnits, PhoneNumber, Url];

// biome-ignore lint/complexity/noBannedTypes: type-graphql's own type for classes
type ResolverClass = Function;

export interface FederatedSchema {
  readonly schema: GraphQLSchema;
  /** The subgraph's own SDL with federation directives, as composition wants it. */
  readonly sdl: string;
  /** The declared rule of each root field, by `Query.order`; undefined where none was declared. */
  readonly access: ReadonlyMap<string, AccessRule | undefined>;
}

/**
 * Builds one subgraph from type-graphql classes. type-graphql keeps its metadata in one global store: only what the given resolvers and
 * orphaned types reach becomes part of the schema, so several subgraphs may be built in one process, in any order.
 */
export function buildFederatedSchema({
  resolvers,
  references,
  orphanedTypes = [],
  sdlHeader = FEDERATION_LINK,
}: {
  readonly resolvers: readonly ResolverClass[];
  readonly references: References;
  readonly orphanedTypes?: readonly ResolverClass[];
  /** What stands before the types: default the link to the federation that our own subgraphs share. With it go definitions of own directives. */
  readonly sdlHeader?: string;
}): FederatedSchema {
  const plain = buildSchemaSync({
    resolvers: resolvers as unknown as NonEmptyArray<ResolverClass>, // a subgraph without resolvers makes no sense
    orphanedTypes: [...orphanedTypes],
    scalarsMap: [],
    validate: false,
    skipCheck: true,
  });
  const sdl = sdlHeader + printSchemaWithDirectives(plain);
  const resolverMap = createResolversMap(plain) as Record<string, Record<string, unknown>>; // printed types have fields, enums have values
  for (const [type, reference] of Object.entries(references)) {
    const entity = resolverMap[type] ?? {};
    resolverMap[type] = entity;
    entity.__resolveReference = resolverOf(reference);
  }
  for (const type of Object.values(plain.getTypeMap())) if (isUnionType(type)) resolverMap[type.name] = { __resolveType: typeNameOf };
  for (const scalar of SCALARS) if (plain.getType(scalar.name)) resolverMap[scalar.name] = scalar as never; // createResolversMap leaves the scalars' own checks out
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolverMap as never });
  const access = accessRules(plain);
  guardRootFields(schema, access, new Map(Object.entries(references).map(([type, reference]) => [type, checkOf(reference)])));
  return { schema, sdl, access };
}

/** Outcomes name their type. type-graphql would wait for the name, twice for each of a list of thousands. */
function typeNameOf(outcome: { readonly __typename: string }): string {
  return outcome.__typename;
}

function accessRules(schema: GraphQLSchema): ReadonlyMap<string, AccessRule | undefined> {
  const rules = new Map<string, AccessRule | undefined>();
  for (const type of rootTypes(schema))
    for (const field of Object.values(type.getFields())) rules.set(`${type.name}.${field.name}`, accessRuleOf(field));
  return rules;
}

function guardRootFields(
  schema: GraphQLSchema,
  access: ReadonlyMap<string, AccessRule | undefined>,
  entities: ReadonlyMap<string, ReferenceCheck>,
): void {
  for (const type of rootTypes(schema)) {
    const fields: GraphQLFieldMap<unknown, RequestContext> = type.getFields();
    for (const field of Object.values(fields)) {
      if (field.name === '_entities') field.resolve = guardEntities(field, entities);
      if (field.name.startsWith('_')) continue;
      const rule = access.get(`${type.name}.${field.name}`);
      if (!rule)
        throw new InvariantViolation(
          `${type.name}.${field.name} declares no access rule: add @Public(), @Authenticated() or @RequiresScopes().`,
        );
      field.resolve = guardRootField(field, rule, type.name === 'Mutation');
    }
  }
}

function rootTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  return [schema.getQueryType(), schema.getMutationType()].filter((type) => isObjectType(type));
}
