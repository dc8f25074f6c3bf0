import { LedgerBusy, LedgerUnsure } from './busy.ts';
import { createDispatch } from './dispatch.ts';
import { FairQueue } from './fair-queue.ts';
import { itemOf } from './item.ts';
import { createLane, type LaneEvents } from './lane.ts';
import type { Queued, Settled, Submission } from './submission.ts';

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
  const shared = { databaseUrl, addresses: new Map<string, string>(), events };
  const all = Array.from({ length: lanes }, () => createLane(shared));
  const dispatch = createDispatch(queue, all, batchSize);
  const inTurn = createTurns((caller, queued) => {
    queue.push(caller, queued);
    dispatch.soon(queued);
  });
  let isClosed = false;
  const whyNot = (count: number): Error | null => {
    if (isClosed) return new LedgerUnsure(new Error('The engine is closed'));
    return queue.hasRoomFor(count) ? null : new LedgerBusy();
  };
  return {
    submit: (submission) => {
      const refusal = whyNot(1);
      return refusal ? Promise.reject(refusal) : inTurn(submission);
    },
    submitAll: async (submissions) => {
      const refusal = whyNot(submissions.length);
      if (refusal) throw refusal;
      return Promise.allSettled(submissions.map(inTurn));
    },
    waiting: () => queue.size,
    close: async () => {
      isClosed = true;
      await dispatch.idle();
      await Promise.all(all.map((lane) => lane.close()));
    },
  };
}

/** A key that is under way already waits for itself here, rather than for a lock in the database. */
function createTurns(enqueue: (caller: string, queued: Queued) => void) {
  const underWay = new Map<string, Promise<unknown>>();
  return (submission: Submission): Promise<Settled> => {
    const item = itemOf(submission.request);
    const ahead = underWay.get(item.hash);
    const settled = new Promise<Settled>((resolve, reject) => {
      const leave = (): void => {
        if (underWay.get(item.hash) === settled) underWay.delete(item.hash);
      };
      const queued: Queued = {
        ...item,
        submission,
        resolve: (answer) => {
          leave();
          resolve(answer);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const caller = submission.caller ?? submission.request.actor;
      if (!ahead) return enqueue(caller, queued);
      const start = (): void => enqueue(caller, queued);
      ahead.then(start, start);
    });
    underWay.set(item.hash, settled);
    return settled;
  };
}
