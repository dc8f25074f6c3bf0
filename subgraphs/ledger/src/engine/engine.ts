import type { CommittedEvent, NewEvent } from '@tessera/service-kit/messaging';
import { LedgerBusy, LedgerUnsure } from './busy.ts';
import { type Item, itemOf } from './decide.ts';
import { FairQueue } from './fair-queue.ts';
import { createLane, type Lane, type LaneEvents } from './lane.ts';
import type { Origin } from './outbox.ts';
import type { PostOutcome, PostRequest } from './request.ts';

export interface EngineOptions {
  readonly databaseUrl: string;
  /** Transactions at a time, each on a connection of its own. */
  readonly lanes?: number | undefined;
  /** Requests that one transaction takes at most. */
  readonly batchSize?: number | undefined;
  /** Requests that may wait; past it, `LedgerBusy`. */
  readonly queueLimit?: number | undefined;
  /** Told after each commit that wrote events, and of what a lane goes through. */
  readonly events?: LaneEvents;
}

/** One fact to decide and to tell. */
export interface Submission {
  readonly request: PostRequest;
  readonly origin: Origin;
  /** Who waits in turn with others; by default the actor. */
  readonly caller?: string;
  /** What the others hear, in the same commit; asked once, and only for what is newly decided. */
  readonly tell: (outcome: Exclude<PostOutcome, { kind: 'KEY_REUSED' }>) => readonly NewEvent[];
}

export interface Settled {
  readonly outcome: PostOutcome;
  readonly committed: readonly CommittedEvent[];
}

export interface Engine {
  /**
   * Resolves once the outcome is durable; the same key answers the same for ever.
   * @throws LedgerBusy before anything was written; LedgerUnsure when the database stayed away and the key alone can tell
   */
  submit(submission: Submission): Promise<Settled>;
  /** All or nothing as far as the queue is concerned: each is decided on its own. */
  submitAll(submissions: readonly Submission[]): Promise<PromiseSettledResult<Settled>[]>;
  /** How many wait for a lane. */
  waiting(): number;
  /** Finishes what it has taken; nothing may be submitted any more. */
  close(): Promise<void>;
}

/** What waits in the queue or runs in a lane. */
export interface Queued extends Item {
  readonly submission: Submission;
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: unknown) => void;
}

const LANES = 2;
const BATCH_SIZE = 2_000;
const QUEUE_LIMIT = 50_000;

/**
 * Batches without a timer: whatever waits when a lane is free becomes one transaction with one commit, and every item has a result of its
 * own. Several processes may do so on one database: the order of locks and the table of keys decide between them.
 */
export function createEngine(options: EngineOptions): Engine {
  const { databaseUrl, lanes = LANES, batchSize = BATCH_SIZE, queueLimit = QUEUE_LIMIT, events = {} } = options;
  const queue = new FairQueue<Queued>(queueLimit);
  const underWay = new Map<string, Promise<unknown>>();
  const addresses = new Map<string, string>();
  const all = Array.from({ length: lanes }, () => createLane({ databaseUrl, addresses, events }));
  const free: Lane[] = [...all];
  let isClosed = false;
  let isDraining = false;
  let onIdle: () => void = () => undefined;

  /** At the end of the turn of the event loop: what arrives together is taken together. */
  const drainSoon = (): void => {
    if (isDraining) return;
    isDraining = true;
    setImmediate(() => {
      isDraining = false;
      drain();
    });
  };
  const drain = (): void => {
    while (queue.size > 0) {
      const lane = free.pop();
      if (!lane) return;
      void lane.settle(queue.take(batchSize)).finally(() => {
        free.push(lane);
        if (queue.size > 0) drain();
        else if (free.length === lanes) onIdle();
      });
    }
  };

  const enqueue = (submission: Submission, item: Item): Promise<Settled> => {
    const settled = new Promise<Settled>((resolve, reject) => {
      queue.push(submission.caller ?? submission.request.actor, { ...item, submission, resolve, reject });
    });
    drainSoon();
    return settled;
  };
  /** A key that is under way already waits for itself here, rather than for a lock in the database. */
  const inTurn = (submission: Submission): Promise<Settled> => {
    const item = itemOf(submission.request);
    const ahead = underWay.get(item.hash);
    const settled = ahead
      ? ahead.then(
          () => enqueue(submission, item),
          () => enqueue(submission, item),
        )
      : enqueue(submission, item);
    underWay.set(item.hash, settled);
    const forget = (): void => {
      if (underWay.get(item.hash) === settled) underWay.delete(item.hash);
    };
    settled.then(forget, forget);
    return settled;
  };
  const admit = (count: number): void => {
    if (isClosed) throw new LedgerUnsure(new Error('The engine is closed'));
    if (!queue.hasRoomFor(count)) throw new LedgerBusy();
  };

  return {
    submit: async (submission) => {
      admit(1);
      return inTurn(submission);
    },
    submitAll: async (submissions) => {
      admit(submissions.length);
      return Promise.allSettled(submissions.map(inTurn));
    },
    waiting: () => queue.size,
    close: async () => {
      isClosed = true;
      if (queue.size > 0 || free.length < lanes) await new Promise<void>((resolve) => (onIdle = resolve));
      await Promise.all(all.map((lane) => lane.close()));
    },
  };
}
