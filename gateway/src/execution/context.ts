import type { Viewer } from '@tessera/service-kit/identity';
import type { WebSession } from '../identity/web-session.ts';
import type { WireHolder } from './text-data.ts';

/** What one operation gathered from the answers of the subgraphs. Shared by all its fetches. */
export interface Collected {
  /** `Tessera-Committed` tokens in the order in which they came. */
  readonly committed: string[];
  /** Whether a mutation field was answered from a stored outcome, by response key. */
  readonly replayed: Record<string, boolean>;
  isStale: boolean;
}

/** Everything that a fetch to a subgraph needs to know about the client's operation. */
export interface GatewayContext {
  readonly viewer: Viewer;
  /** Nothing but queries: what it asks may be asked together with what others of its partition ask. */
  readonly isQuestion: boolean;
  readonly requestId: string;
  readonly traceparent: string;
  readonly idempotencyKey: string | null;
  /** `Tessera-Seen` as the client sent it. */
  readonly seen: string | null;
  /** Milliseconds since the epoch after which nothing is asked of a subgraph any more. */
  readonly deadlineAt: number;
  /** When the operation came, by `performance.now()`. */
  readonly startedAt: number;
  /** Set for browsers that keep their session in cookies. */
  readonly webSession: WebSession | null;
  readonly collected: Collected;
  /** Where an answer in text is left for the adapter; absent where objects are wanted. */
  readonly wire?: WireHolder;
  /** The event that a subscription is delivering: the value of its root field. */
  readonly liveEvent?: Readonly<Record<string, unknown>>;
}

export function newCollected(): Collected {
  return { committed: [], replayed: Object.create(null) as Record<string, boolean>, isStale: false }; // without a prototype: response keys are the client's
}

/** More than this and a subgraph ignores them all. */
const MAX_SEEN_TOKENS = 8;
const MAX_SEEN_LENGTH = 8_000;

/** What later fetches of the operation must have seen: the client's own writes, and those of this operation. The newest win where it gets long. */
export function seenBy({ seen, collected }: Pick<GatewayContext, 'seen' | 'collected'>): string | null {
  if (!seen && collected.committed.length === 0) return null;
  const tokens = [...(seen ? seen.split(',') : []), ...collected.committed].map((token) => token.trim()).filter(Boolean);
  return boundedTokens(tokens);
}

/** Joins the newest tokens that fit into a header; null when there is none. */
export function boundedTokens(tokens: readonly string[]): string | null {
  const kept = [...new Set(tokens)].slice(-MAX_SEEN_TOKENS);
  while (kept.join(',').length > MAX_SEEN_LENGTH) kept.shift();
  return kept.length > 0 ? kept.join(',') : null;
}
