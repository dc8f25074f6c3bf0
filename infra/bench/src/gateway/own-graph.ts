import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  execute,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  type TypeNode,
} from 'graphql';

/**
 * Our own graph with subgraphs that make their answers up: ten members in every list, few entities, and every question executed only once.
 * `own-graph.ts PORT` serves them over HTTP; in one process they are asked directly.
 */
const ROOT = join(import.meta.dirname, '../../../..');
const NAMES = ['users', 'catalog', 'orders', 'payments', 'ledger'];
const MAX_REMEMBERED = 20_000;
const LIST_LENGTH = 10;

export const ownSubgraphNames: readonly string[] = NAMES;

type Value = { readonly __typename: string; readonly number: number };

function schemaOf(name: string): GraphQLSchema {
  const sdl = readFileSync(join(ROOT, `schema/subgraphs/${name}.graphql`), 'utf8');
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl) });
  const entities = schema.getQueryType()?.getFields()._entities;
  if (entities) Reflect.deleteProperty(entities, 'resolve');
  return schema;
}

function invent(schema: GraphQLSchema, type: GraphQLOutputType, number: number, field: string): unknown {
  if (isNonNullType(type)) return invent(schema, type.ofType, number, field);
  if (isListType(type)) return Array.from({ length: LIST_LENGTH }, (_, index) => invent(schema, type.ofType, (number + index) % 31, field));
  if (isEnumType(type)) return type.getValues()[number % type.getValues().length]?.value;
  if (isLeafType(type)) return { Int: number, Float: number / 4, Boolean: number % 2 === 0 }[type.name] ?? `${field}-${number}`;
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  return { __typename: possible[number % possible.length]?.name ?? '', number };
}

/** Answers as the subgraph of this name. */
function ownSubgraph(name: string): (query: string, variables: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>> {
  const schema = schemaOf(name);
  return async (query, variables) => {
    const result = await execute({
      schema,
      document: parse(query),
      variableValues: variables,
      typeResolver: (value) => (value as Value).__typename,
      fieldResolver: (source: Value | undefined, args: Record<string, unknown>, _context, { fieldName, returnType, parentType }) => {
        if (fieldName === '__typename') return parentType.name;
        if (fieldName === '_entities')
          return (args.representations as { __typename: string; id: string }[]).map(({ __typename, id }) => ({
            __typename,
            number: Number(id.split('-')[1]),
          }));
        return invent(schema, returnType, source?.number ?? 1, fieldName);
      },
    });
    return JSON.parse(JSON.stringify(result)) as Record<string, unknown>;
  };
}

interface Manifest {
  readonly operations: readonly { readonly id: string; readonly name: string; readonly type: string; readonly body: string }[];
}

/** The trusted documents of our own client: what every gateway knows before it is asked. */
export function ownManifest(): Manifest {
  return JSON.parse(readFileSync(join(ROOT, 'schema/operations/sdk.json'), 'utf8')) as Manifest;
}

/** Every query of our own client as it is sent: the hash of a trusted document, and variables. */
export function ownRequests(): readonly string[] {
  const api = buildApi();
  return ownManifest().operations.flatMap(({ id, name, type, body }) => {
    if (type !== 'query') return [];
    const operation = parse(body).definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
    const variables = Object.fromEntries(
      (operation?.variableDefinitions ?? []).map((each) => [each.variable.name.value, inputOf(each.type, api)]),
    );
    return [JSON.stringify({ operationName: name, variables, extensions: { persistedQuery: { version: 1, sha256Hash: id } } })];
  });
}

function buildApi(): ReadonlyMap<string, GraphQLInputType> {
  const types = new Map<string, GraphQLInputType>();
  for (const name of NAMES)
    for (const type of Object.values(schemaOf(name).getTypeMap()))
      if (isInputObjectType(type) || isEnumType(type)) types.set(type.name, type);
  return types;
}

function inputOf(type: TypeNode, api: ReadonlyMap<string, GraphQLInputType>): unknown {
  if (type.kind === Kind.NON_NULL_TYPE) return inputOf(type.type, api);
  if (type.kind === Kind.LIST_TYPE) return [inputOf(type.type, api)];
  const name = type.name.value;
  const known = api.get(name);
  if (isEnumType(known)) return known.getValues()[0]?.name;
  if (isInputObjectType(known)) return {};
  const texts: Record<string, unknown> = {
    Int: 3,
    Float: 1.5,
    Boolean: true,
    DateTime: '2026-11-21T09:30:00.000Z',
    Date: '2026-11-21',
    CurrencyCode: 'EUR',
    Cursor: null,
  };
  return name in texts ? texts[name] : 'id-3';
}

export type Remembering = (name: string, query: string, variables: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;

/** The same question is executed once. */
export function remembering(): Remembering {
  const subgraphs = new Map(NAMES.map((name) => [name, ownSubgraph(name)]));
  const remembered = new Map<string, Promise<Record<string, unknown>>>();
  return (name, query, variables) => {
    const key = `${name}${query}${JSON.stringify(variables)}`;
    const known = remembered.get(key) ?? subgraphs.get(name)?.(query, variables) ?? Promise.reject(new Error(`There is no ${name}`));
    if (remembered.size < MAX_REMEMBERED) remembered.set(key, known);
    return known;
  };
}

/** As a subgraph does over HTTP: every question is read and every answer is written. That is the way that answers in process are spared. */
async function serve(port: number): Promise<void> {
  const ask = remembering();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables?: Record<string, unknown> };
      ask((request.url ?? '').slice(1), query, variables ?? {}).then(
        (answer) => {
          const text = JSON.stringify(answer);
          const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
          response.writeHead(200, headers).end(text);
        },
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(port, '127.0.0.1', () => process.send?.('ready'));
}

if (import.meta.main) await serve(Number(process.argv[2]));
