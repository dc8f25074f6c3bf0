import { TesseraError } from '@tessera/service-kit/errors';
import { seenBy } from '../execution/context.ts';
import type { AskSubgraph } from '../subscriptions/channel.ts';
import type { Transport } from './transport.ts';

const ASK_TIMEOUT_MS = 5_000;

/** Asks one subgraph directly, outside a plan, as the viewer: what may be followed is for the owner to say. */
export function createAsk(transports: ReadonlyMap<string, Transport>): AskSubgraph {
  return async (subgraph, query, variables, context) => {
    const { viewer, requestId, traceparent } = context;
    const transport = transports.get(subgraph);
    const answer = await transport
      ?.execute({ query, variables, viewer, requestId, traceparent, seen: seenBy(context) }, ASK_TIMEOUT_MS)
      .catch(unavailable);
    if (!answer?.data || answer.errors?.length) throw unavailableError();
    return answer.data;
  };
}

function unavailable(cause: unknown): never {
  throw unavailableError(cause);
}

function unavailableError(cause?: unknown): TesseraError {
  return new TesseraError('SERVICE_UNAVAILABLE', 'This part of the platform cannot be reached at the moment: try again.', {}, { cause });
}
