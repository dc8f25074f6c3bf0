import type { SubgraphAnswer, SubgraphRequest } from '@tessera/service-kit/subgraph';
import { type GatewayContext, seenBy } from '../execution/context.ts';
import { SubgraphTimeout } from './transport.ts';

const FETCH_TIMEOUT_MS = 5_000;
const MAX_COMMITTED_TOKENS = 16;

/** What goes out with every fetch of an operation, whatever it asks. */
export type FetchContext = Pick<SubgraphRequest, 'viewer' | 'requestId' | 'traceparent' | 'idempotencyKey' | 'seen'>;

export function fetchContextOf(context: GatewayContext): FetchContext {
  const { viewer, requestId, traceparent, idempotencyKey } = context;
  return { viewer, requestId, traceparent, idempotencyKey, seen: seenBy(context) };
}

/** How long a fetch that starts now may take; throws `SubgraphTimeout` where there is no time left. */
export function timeLeft({ deadlineAt }: GatewayContext): number {
  const timeoutMs = Math.min(FETCH_TIMEOUT_MS, deadlineAt - Date.now());
  if (timeoutMs <= 0) throw new SubgraphTimeout('the time of the request is up');
  return timeoutMs;
}

/** Keeps what an answer told beside its data: committed events, replays, staleness. */
export function collect(
  answer: { readonly committed: SubgraphAnswer['committed']; readonly extensions?: SubgraphAnswer['extensions'] | null },
  { collected }: GatewayContext,
): void {
  if (answer.committed && collected.committed.length < MAX_COMMITTED_TOKENS) collected.committed.push(answer.committed);
  if (!answer.extensions) return;
  if (answer.extensions.stale === true) collected.isStale = true;
  const replayed = (answer.extensions.idempotency as { replayed?: unknown } | undefined)?.replayed; // shape checked below
  if (typeof replayed !== 'object' || replayed === null) return;
  for (const [key, value] of Object.entries(replayed)) if (typeof value === 'boolean') collected.replayed[key] = value;
}
