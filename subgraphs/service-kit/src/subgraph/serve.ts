import { z } from 'zod';
import { TesseraError } from '../errors/index.ts';
import { createIdentityVerifier, IDENTITY_HEADER, type IdentityVerifier } from '../identity/index.ts';
import { createHttpService, type HttpService, type RawAnswer, type RawRequest, type Route, runService } from '../service/index.ts';
import type { Subgraph, SubgraphAnswer } from './define.ts';

const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** Apollo federated tracing. */
const TRACE_HEADER = 'apollo-federation-include-trace';

const operationBody = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

export interface RunningSubgraph {
  readonly port: number;
  readonly url: string;
  /** Drains requests, then gives relay, consumer, workers and pools back. */
  close(): Promise<void>;
}

/** Starts a migrated subgraph and lets it answer on its own port: `/graphql` for who holds a signed identity, and its raw routes. */
export async function startSubgraph(subgraph: Subgraph): Promise<RunningSubgraph> {
  const { config, name, platform } = subgraph;
  const verifier = createIdentityVerifier({ keys: config.identityKeys });
  const graphql: Route = {
    method: 'POST',
    path: '/graphql',
    maxBodyBytes: MAX_BODY_BYTES,
    handler: (request) => answerGraphql(subgraph, verifier, request),
  };
  const http = createHttpService({
    ...{ name, host: config.host, port: config.port },
    routes: [graphql, ...subgraph.routes],
    health: { required: { database: () => subgraph.check() }, soft: subgraph.softChecks },
    log: platform.log,
    metrics: platform.metrics,
  });
  const listening = await startAndListen(subgraph, http).catch(async (error: unknown) => {
    await subgraph.close(); // its workers would keep a process alive that nobody can reach
    throw error;
  });
  return {
    ...listening,
    close: async () => {
      await http.drain();
      await subgraph.close();
    },
  };
}

async function startAndListen(subgraph: Subgraph, http: HttpService) {
  await subgraph.start();
  return http.listen();
}

/** Several subgraphs in one process: all of them run, or none is left running. */
export async function startSubgraphs(subgraphs: readonly Subgraph[]): Promise<RunningSubgraph[]> {
  const outcomes = await Promise.allSettled(subgraphs.map(startSubgraph));
  const running = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failure) return running;
  await Promise.allSettled(running.map((each) => each.close()));
  throw failure.reason;
}

/** A subgraph as a process of its own: migrate, serve, drain at SIGTERM. */
export function serveSubgraph(subgraph: Subgraph): Promise<void> {
  return runService(
    async () => {
      await subgraph.migrate();
      return startSubgraph(subgraph);
    },
    { log: subgraph.platform.log },
  );
}

async function answerGraphql(subgraph: Subgraph, verifier: IdentityVerifier, request: RawRequest): Promise<RawAnswer> {
  const token = request.headers[IDENTITY_HEADER];
  if (typeof token !== 'string')
    throw new TesseraError('UNAUTHENTICATED', `A subgraph answers the gateway only: send a signed identity in ${IDENTITY_HEADER}.`);
  const viewer = await verifier.verify(token);
  const { query, variables, operationName } = parseBody(await request.body());
  const answer = await subgraph.execute({
    query,
    variables: variables ?? undefined,
    operationName: operationName ?? undefined,
    viewer,
    requestId: request.requestId,
    traceparent: request.traceparent,
    idempotencyKey: headerOf(request, 'idempotency-key'),
    seen: headerOf(request, 'tessera-seen'),
    isTraced: headerOf(request, TRACE_HEADER) === 'ftv1',
  });
  return toRawAnswer(answer);
}

function parseBody(body: Buffer): z.infer<typeof operationBody> {
  try {
    return operationBody.parse(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    throw new TesseraError('BAD_USER_INPUT', 'Send a JSON object with query, and optionally variables and operationName.', {}, { cause });
  }
}

function toRawAnswer({ committed, ...answer }: SubgraphAnswer): RawAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', ...(committed ? { 'tessera-committed': committed } : {}) },
    body: JSON.stringify(answer),
  };
}

function headerOf({ headers }: RawRequest, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}
