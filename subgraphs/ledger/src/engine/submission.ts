import type { CommittedEvent, NewEvent } from '@tessera/service-kit/messaging';
import type { Item } from './item.ts';
import type { Origin } from './outbox.ts';
import type { PostOutcome, PostRequest } from './request.ts';

/** One fact to decide and to tell. */
export interface Submission {
  readonly request: PostRequest;
  readonly origin: Origin;
  /** Who waits in turn with others; by default the actor. */
  readonly caller?: string;
  /** What the others hear beside what moved (which is told as it was written), in the same commit; asked once, for what is newly decided. */
  readonly tell: (outcome: Exclude<PostOutcome, { kind: 'KEY_REUSED' }>) => readonly NewEvent[];
}

export interface Settled {
  readonly outcome: PostOutcome;
  readonly committed: readonly CommittedEvent[];
}

/** What waits in the queue or runs in a lane. */
export interface Queued extends Item {
  readonly submission: Submission;
  /** By the clock of `performance.now()`. */
  readonly askedAtMs: number;
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: unknown) => void;
}
