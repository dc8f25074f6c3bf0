import { LedgerBusy, LedgerUnsure } from './busy.ts';
import { itemOf } from './decide.ts';
import { FairQueue } from './fair-queue.ts';
import { Gate } from './gate.ts';
import type { BalanceGuard } from './guard.ts';
import { createLane, type Lane, type LaneEvents } from './lane.ts';
import type { Queued, Settled, Submission } from './submission.ts';

export interface EngineOptions {
  readonly databaseUrl: string;
  /** Transactions at a time, each on a connection of its own. */
  readonly lanes?: number | undefined;
  /** Requests that one transaction takes at most. */
  readonly batchSize?: number | undefined;
  /** Requests that may wait; past it, `LedgerBusy`. */
  readonly queueLimit?: number | undefined;
  readonly guard?: BalanceGuard;
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
  const { databaseUrl, lanes = LANES, batchSize = BATCH_SIZE, queueLimit = QUEUE_LIMIT, guard = null, events = {} } = options;
  const queue = new FairQueue<Queued>(queueLimit);
  const shared = { databaseUrl, addresses: new Map<string, string>(), gate: new Gate(), guard, events };
  const all = Array.from({ length: lanes }, () => createLane(shared));
  const drain = createDrain(queue, all, batchSize);
  const inTurn = createTurns((caller, queued) => {
    queue.push(caller, queued);
    drain.soon();
  });
  let isClosed = false;
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
      await drain.idle();
      await Promise.all(all.map((lane) => lane.close()));
    },
  };
}

/** Gives what waits to the lanes that are free. */
function createDrain(queue: FairQueue<Queued>, all: readonly Lane[], batchSize: number) {
  const free = [...all];
  let isSoon = false;
  let onIdle: () => void = () => undefined;
  const isIdle = (): boolean => queue.size === 0 && free.length === all.length;
  const drain = (): void => {
    while (queue.size > 0) {
      const lane = free.pop();
      if (!lane) return;
      void lane.settle(queue.take(batchSize)).finally(() => {
        free.push(lane);
        if (queue.size > 0) drain();
        else if (isIdle()) onIdle();
      });
    }
  };
  return {
    /** At the end of the turn of the event loop: what arrives together is taken together. */
    soon: (): void => {
      if (isSoon) return;
      isSoon = true;
      setImmediate(() => {
        isSoon = false;
        drain();
      });
    },
    idle: async (): Promise<void> => {
      if (isIdle()) return;
      await new Promise<void>((resolve) => {
        onIdle = resolve;
      });
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
      const start = (): void => enqueue(submission.caller ?? submission.request.actor, queued);
      if (ahead) ahead.then(start, start);
      else start();
    });
    underWay.set(item.hash, settled);
    return settled;
  };
}
