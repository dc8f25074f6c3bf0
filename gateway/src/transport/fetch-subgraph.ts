import type { Logger } from '@tessera/service-kit/service';
import type { SubgraphRequest } from '@tessera/service-kit/subgraph';
import { execute, type GraphQLSchema, parse } from 'graphql';
import { type GatewayContext, seenBy } from '../execution/context.ts';
import { type Answer, readObject, readText } from '../execution/data/read-answer.ts';
import { parseWire } from '../execution/data/wire.ts';
import { type CompiledFetch, ENTITIES } from '../execution/plan/compiled-fetch.ts';
import type { Ask, FetchRequest } from '../execution/plan/run.ts';
import { holdsSessionField } from '../identity/session-rewrite.ts';
import { EVENTS_SUBGRAPH } from '../supergraph/load-supergraph.ts';
import type { FetchObserver } from '../telemetry/fetches.ts';
import { faultErrors } from './fault.ts';
import { collect, fetchContextOf, timeLeft } from './fetch-context.ts';
import { SubgraphUnreachable, type TextAnswer, type TextRequest, type Transport } from './transport.ts';

export interface FetcherParts {
  readonly transports: ReadonlyMap<string, Transport>;
  /** What clients see: the events subgraph answers by it. */
  readonly schema: () => GraphQLSchema;
  readonly observe: FetchObserver;
  readonly log: Logger;
}

/** How the compiled executor asks: in text where the transport can, in objects where it answers with objects anyway. */
export function createFetcher({ transports, schema, observe, log }: FetcherParts): Ask {
  return (request, context) => {
    const gatewayContext = context as GatewayContext; // put there by our own HTTP and socket adapters
    const { service } = request.fetch;
    const faultOf = (error: unknown): Answer => {
      return { data: null, errors: faultErrors(error, service, pathsOf(request), log), extensions: null, fault: error };
    };
    if (service === EVENTS_SUBGRAPH) return answerEvent(request, gatewayContext, schema()).catch(faultOf);
    const finish = observe(service);
    const failed = (error: unknown): Answer => {
      finish('failed');
      return faultOf(error);
    };
    try {
      const transport = transports.get(service);
      if (!transport) throw new SubgraphUnreachable(`${service} is not connected`);
      return exchange(request, transport, gatewayContext).then((answer) => {
        finish('answered');
        return answer;
      }, failed);
    } catch (error) {
      return Promise.resolve(failed(error));
    }
  };
}

/** Every fetch comes through here: the way of text has one promise for what is sent and one for what is read. */
function exchange(request: FetchRequest, transport: Transport, context: GatewayContext): Promise<Answer> {
  const { fetch } = request;
  const timeoutMs = timeLeft(context);
  const holdsSession = context.webSession !== null && holdsSessionField(fetch.query);
  if (!transport.executeText || holdsSession) return exchangeObjects(request, transport, context, timeoutMs);
  return transport.executeText(textRequest(request, context), timeoutMs).then((given) => readGiven(given, fetch, context));
}

function textRequest({ fetch, variables }: FetchRequest, context: GatewayContext): TextRequest {
  const { viewer, requestId, traceparent, idempotencyKey } = context;
  const body = `${fetch.bodyStart}${variables}}}`;
  return { viewer, requestId, traceparent, idempotencyKey, seen: seenBy(context), body, isMutation: fetch.isMutation };
}

function readGiven({ text, isPlain, committed }: TextAnswer, { reader }: CompiledFetch, context: GatewayContext): Answer {
  const answer = readText(text, reader, isPlain);
  if (committed !== null || answer.extensions !== null) collect({ extensions: answer.extensions, committed }, context);
  return answer;
}

async function exchangeObjects(request: FetchRequest, transport: Transport, context: GatewayContext, timeoutMs: number): Promise<Answer> {
  const ask = (sent: SubgraphRequest) => transport.execute(sent, timeoutMs);
  const sent = { ...fetchContextOf(context), ...operationOf(request) };
  const given = await (context.webSession ? context.webSession.exchange(sent, ask) : ask(sent));
  collect(given, context);
  return readObject(given, request.fetch.reader);
}

function operationOf({
  fetch: { query, operationName },
  variables,
}: FetchRequest): Pick<SubgraphRequest, 'query' | 'variables' | 'operationName'> {
  return { query, operationName, variables: parseWire(`{${variables}}`) as Record<string, unknown> }; // written as the members of an object
}

/** The abstract events subgraph: the event in the context is the value of the root field. */
async function answerEvent(request: FetchRequest, { liveEvent }: GatewayContext, schema: GraphQLSchema): Promise<Answer> {
  const { query, variables } = operationOf(request);
  const answer = await execute({
    schema,
    document: parse(query, { noLocation: true }),
    rootValue: liveEvent,
    variableValues: variables ?? {},
  });
  return readObject({ ...answer, errors: answer.errors?.map((error) => error.toJSON()) }, request.fetch.reader);
}

/** Where the answer of this fetch would have gone: its root fields, or each entity that was asked for. */
function pathsOf({ fetch: { rootKeys }, representationCount }: FetchRequest): (string | number)[][] {
  if (representationCount > 0) return Array.from({ length: representationCount }, (_, index) => [ENTITIES, index]);
  return rootKeys.map((key) => [key]);
}
