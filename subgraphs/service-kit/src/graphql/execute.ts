import type { GraphQLFormattedError } from 'graphql';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import type { CommittedEvent } from '../messaging/unit-of-work.ts';
import type { RequestContext } from './context.ts';
import { createDocumentCache, type DocumentCache } from './document-cache.ts';
import { beginTrace, type FederatedTrace, tracingSchema } from './federated-trace.ts';

export interface OperationRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly operationName?: string | undefined;
  /** Also tell how long each field took, in `extensions.ftv1`. */
  readonly isTraced?: boolean | undefined;
}

export interface OperationAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Events that this operation committed, for `Tessera-Committed`. */
  readonly committed: readonly CommittedEvent[];
}

const MAX_CACHED_DOCUMENTS = 1_000;
/** Of all texts together: a parsed document takes some twenty times the room of its text. */
const MAX_CACHED_CHARACTERS = 2_000_000;
const MAX_QUERY_LENGTH = 100_000;

type Prepared = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/** Executes operations against one subgraph; parsed and validated documents are kept, oldest out first. */
export function createOperationExecutor(schema: GraphQLSchema, format: (error: GraphQLError) => GraphQLFormattedError) {
  let tracing: GraphQLSchema | undefined; // made when somebody first asks for it
  const cache = createDocumentCache<Prepared>({ maxEntries: MAX_CACHED_DOCUMENTS, maxCharacters: MAX_CACHED_CHARACTERS });

  return async (request: OperationRequest, context: RequestContext): Promise<OperationAnswer> => {
    if (request.query.length > MAX_QUERY_LENGTH)
      return { errors: [format(new GraphQLError(`A query may have at most ${MAX_QUERY_LENGTH} characters.`))], committed: [] };
    const prepared = prepare(schema, cache, request.query);
    if ('errors' in prepared) return { errors: prepared.errors.map(format), committed: [] };
    if (!getOperationAST(prepared.document, request.operationName)) {
      return { errors: [format(new GraphQLError('Name one operation of the document in operationName.'))], committed: [] };
    }
    if (request.isTraced) tracing ??= tracingSchema(schema);
    const trace = request.isTraced ? beginTrace(context) : null;
    const result: ExecutionResult = await execute({
      schema: (trace && tracing) ?? schema,
      document: prepared.document,
      variableValues: request.variables ?? {},
      operationName: request.operationName,
      contextValue: context,
    });
    return toAnswer(result, context, format, trace);
  };
}

function toAnswer(
  result: ExecutionResult,
  context: RequestContext,
  format: (error: GraphQLError) => GraphQLFormattedError,
  trace: FederatedTrace | null,
): OperationAnswer {
  const errors = result.errors?.map(format);
  const extensions = {
    ...(Object.keys(context.replayed).length > 0 ? { idempotency: { replayed: context.replayed } } : {}),
    ...(context.isStale ? { stale: true } : {}),
    ...(trace ? { ftv1: trace.finish(errors ?? []) } : {}),
  };
  return {
    ...(result.data === undefined ? {} : { data: result.data }),
    ...(errors ? { errors } : {}),
    ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
    committed: context.committed,
  };
}

function prepare(schema: GraphQLSchema, cache: DocumentCache<Prepared>, query: string): Prepared {
  const known = cache.get(query);
  if (known) return known;
  const prepared = parseAndValidate(schema, query);
  cache.set(query, prepared);
  return prepared;
}

function parseAndValidate(schema: GraphQLSchema, query: string): Prepared {
  try {
    const document = parse(query);
    const errors = validate(schema, document);
    return errors.length > 0 ? { errors } : { document };
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
}
