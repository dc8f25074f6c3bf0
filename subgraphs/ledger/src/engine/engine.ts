import { Attempted } from './attempted.ts';
import { LedgerBusy } from './busy.ts';
import { BOUNDS, type Bounds } from './connection.ts';
import { createDispatch } from './dispatch.ts';
import { FairQueue } from './fair-queue.ts';
import type { BalanceGuard } from './guard.ts';
import { type Item, itemOf, weightOf } from './item.ts';
import { Remembered } from './known.ts';
import { createLane, type LaneEvents } from './lane.ts';
import type { DefaultLimits } from './limit.ts';
import type { Queued, Settled, Submission } from './submission.ts';

export interface EngineOptions {
  readonly databaseUrl: string;
  /** Transactions at a time, each on a connection of its own. */
  readonly lanes?: number | undefined;
  /** Legs that one transaction takes at most, unless one request has more. */
  readonly batchSize?: number | undefined;
  /** Legs that may wait; past it, `LedgerBusy`. */
  readonly queueLimit?: number | undefined;
  /** What holds for senders for whom nobody has set anything; by default nothing. */
  readonly defaultLimits?: DefaultLimits | undefined;
  readonly guard?: BalanceGuard;
  /** How long it waits for the database. */
  readonly bounds?: Partial<Bounds>;
  /** Told after each commit that wrote events, and of what a lane goes through. */
  readonly events?: LaneEvents;
}

export interface Engine {
  /**
   * Resolves once the outcome is durable; the same key answers the same for ever.
   * @throws LedgerBusy before anything was written, also once it is closed; LedgerUnsure when the database stayed away and the key alone can tell
   */
  submit(submission: Submission): Promise<Settled>;
  /** All or nothing as far as the queue is concerned: each is decided on its own. */
  submitAll(submissions: readonly Submission[]): Promise<PromiseSettledResult<Settled>[]>;
  /** @throws LedgerBusy where there would be no room for so many legs, so that whoever has to prepare something first can ask before. */
  admit(legs: number): void;
  /** How many legs wait for a lane. */
  waiting(): number;
  /** Finishes what it has taken; nothing may be submitted any more. Safe to call again. */
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
  const { databaseUrl, lanes = LANES, batchSize = BATCH_SIZE, queueLimit = QUEUE_LIMIT } = options;
  const { defaultLimits = {}, guard = null, events = {}, bounds = {} } = options;
  const queue = new FairQueue<Queued>(queueLimit, ({ weight }) => weight);
  const shared = {
    known: new Remembered(),
    attempted: new Attempted(),
    databaseUrl,
    guard,
    events,
    defaultLimits,
    bounds: { ...BOUNDS, ...bounds },
  };
  const all = Array.from({ length: lanes }, () => createLane(shared));
  const turns = createTurns((caller, queued) => {
    queue.push(caller, queued);
    dispatch.soon(queued);
  });
  const dispatch = createDispatch(queue, all, { batchSize, held: turns.held });
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await dispatch.idle();
    await Promise.all(all.map((lane) => lane.close()));
  };
  const admit = (weight: number): void => {
    if (closing || !queue.hasRoomFor(turns.held() + dispatch.aside() + weight)) throw new LedgerBusy();
  };
  return {
    admit,
    submit: (submission) =>
      attempt(() => {
        admit(weightOf(submission.request));
        return turns.take(submission);
      }),
    submitAll: async (submissions) => {
      admit(submissions.reduce((weight, { request }) => weight + weightOf(request), 0));
      return Promise.allSettled(submissions.map((submission) => attempt(() => turns.take(submission))));
    },
    waiting: () => queue.size + turns.held() + dispatch.aside(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** As an async function rejects, without the promises that it would make for each of thousands. */
function attempt<T>(run: () => Promise<T>): Promise<T> {
  try {
    return run();
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * Who asks under a key that is under way already waits for it here, rather than for a lock in the database, and then goes with all the others
 * who did.
 */
function createTurns(enqueue: (caller: string, queued: Queued) => void) {
  const underWay = new Map<string, Promise<unknown>>();
  let held = 0;
  const enqueued = (item: Item, submission: Submission, ofKeys: Map<string, unknown> | null): Promise<Settled> =>
    new Promise((resolve, reject) => {
      enqueue(submission.caller ?? submission.request.actor, new Waiting(item, submission, { resolve, reject, underWay: ofKeys }));
    });
  const afterAnother = async (ahead: Promise<unknown>, item: Item, submission: Submission): Promise<Settled> => {
    held += item.weight;
    await ahead.catch(() => undefined);
    held -= item.weight;
    return enqueued(item, submission, null);
  };
  return {
    /** How much waits for somebody else's answer, in legs. */
    held: () => held,
    /** @throws InvariantViolation for a request that the engine does not take */
    take: (submission: Submission): Promise<Settled> => {
      const item = itemOf(submission.request);
      const ahead = underWay.get(item.hash);
      if (ahead) return afterAnother(ahead, item, submission);
      const settled = enqueued(item, submission, underWay);
      underWay.set(item.hash, settled);
      return settled;
    },
  };
}

interface Answering {
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: unknown) => void;
  /** Where its key is under way because of it. */
  readonly underWay: Map<string, unknown> | null;
}

/** Thousands of them wait at a time: no functions of its own for each. */
class Waiting implements Queued {
  readonly request: Queued['request'];
  readonly hash: string;
  readonly names: readonly string[];
  readonly weight: number;
  readonly submission: Submission;
  readonly askedAtMs = performance.now();
  readonly #answering: Answering;

  constructor({ request, hash, names, weight }: Item, submission: Submission, answering: Answering) {
    this.request = request;
    this.hash = hash;
    this.names = names;
    this.weight = weight;
    this.submission = submission;
    this.#answering = answering;
  }

  resolve(settled: Settled): void {
    this.#answering.underWay?.delete(this.hash);
    this.#answering.resolve(settled);
  }

  reject(error: unknown): void {
    this.#answering.underWay?.delete(this.hash);
    this.#answering.reject(error);
  }
}
