import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { RawAnswer, Route } from '@tessera/service-kit/service';
import type { SubgraphAnswer, SubgraphRequest } from '@tessera/service-kit/subgraph';
import { type DocumentNode, execute, type GraphQLError, parse, print, validate, visit } from 'graphql';

export interface ToySubgraph {
  readonly name: string;
  readonly typeDefs: DocumentNode;
  /** Every request that arrived. */
  readonly seen: SubgraphRequest[];
  readonly routes: Route[];
  execute(request: SubgraphRequest): Promise<SubgraphAnswer>;
}

/** Bivariant on purpose: each toy names the arguments it knows its field has; `__resolveReference` has the request as its second. */
type Resolver = { field(parent: unknown, args: unknown, request: SubgraphRequest): unknown }['field'];
export type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolver>>>>;

export interface ToyAnswer {
  readonly committed?: string | null;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@authenticated"])\n';

/** A real federated schema that answers as the kit's subgraphs do, without a store. */
export function toySubgraph(
  name: string,
  sdl: string,
  resolvers: Resolvers,
  { routes = [], answer }: { readonly routes?: Route[]; readonly answer?: (request: SubgraphRequest) => ToyAnswer } = {},
): ToySubgraph {
  const typeDefs = parse(LINK + sdl);
  const schema = buildSubgraphSchema({ typeDefs, resolvers: resolvers as never });
  const seen: SubgraphRequest[] = [];
  return {
    name,
    typeDefs,
    seen,
    routes,
    execute: async (request) => {
      seen.push(request);
      const document = parse(request.query);
      const mistakes = validate(schema, document);
      if (mistakes.length > 0) throw new Error(`${name} was asked something wrong: ${mistakes.join(', ')}\n${request.query}`);
      const result = await execute({
        schema,
        document,
        variableValues: request.variables ?? {},
        operationName: request.operationName ?? null,
        contextValue: request,
      });
      const extra = answer?.(request) ?? {};
      return {
        data: JSON.parse(JSON.stringify(result.data ?? null)) as Record<string, unknown>,
        ...(result.errors ? { errors: result.errors.map((error) => asAnswered(error)) } : {}),
        ...(extra.extensions ? { extensions: extra.extensions } : {}),
        committed: extra.committed ?? null,
      };
    },
  };
}

const TOLD_AS = '00000000-0000-4000-8000-000000000000';

/** As the kit formats: a code of the closed list, and data. */
function asAnswered(error: GraphQLError): object {
  const { code = 'INTERNAL', ...data } = error.extensions;
  return { message: error.message, path: error.path, extensions: { ...data, code, ...(code === 'INTERNAL' ? { errorId: TOLD_AS } : {}) } };
}

/** Composes as `schema` does: access directives out, since the stock gateway refuses them. */
export async function composeToys(toys: readonly ToySubgraph[]): Promise<string> {
  const events = parse(await readFile(fileURLToPath(new URL('../../schema/subgraphs/events.graphql', import.meta.url)), 'utf8'));
  const services = [...toys.map(({ name, typeDefs }) => ({ name, typeDefs })), { name: 'events', typeDefs: events }];
  const { supergraphSdl, errors } = composeServices(
    services.map(({ name, typeDefs }) => ({ name, url: `http://${name}`, typeDefs: withoutAccess(typeDefs) })),
  );
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

function withoutAccess(typeDefs: DocumentNode): DocumentNode {
  const stripped = visit(typeDefs, { Directive: ({ name }) => (name.value === 'authenticated' ? null : undefined) });
  return parse(print(stripped).replace(', "@authenticated"', ''));
}

export function textRoute(path: string, body: () => string): Route {
  return {
    method: 'GET',
    path,
    handler: (): RawAnswer => ({ status: 200, headers: { 'content-type': 'application/json' }, body: body() }),
  };
}
