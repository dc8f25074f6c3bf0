import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '@tessera/service-kit/errors';
import { isConnectionError, sqlState } from '@tessera/service-kit/persistence';
import { LedgerBusy, LedgerUnsure } from './busy.ts';
import { TookTooLong } from './connection.ts';
import { isMissingPartition } from './partitions.ts';
import { turn } from './sql.ts';
import { type Held, NOTHING_STUCK, namesStuck, type Stuck } from './stuck.ts';
import type { Queued, Settled } from './submission.ts';

/** What a lane can do for a batch. */
export interface Attempts {
  /** Decides all of them, in one transaction. */
  run(items: readonly Queued[]): Promise<readonly Settled[]>;
  /** Which of the accounts that they name are stuck; of those that were `before`, where that is given. */
  findStuck(items: readonly Queued[], before: Stuck | null): Promise<Stuck>;
  makePartitions(): Promise<void>;
  /** Whether it may be committed although nobody has told us. */
  mayBeCommitted(item: Queued): boolean;
}

/** How often a whole batch is tried again before it is split. */
const MAX_ATTEMPTS = 2;
/** How often an item that stands alone is tried again. */
const MAX_ATTEMPTS_ALONE = 5;
const BACKOFF_MS = 5;
const RECONNECT_CAP_MS = 1_000;
/** How long the database may stay away, or not get ready, before callers are told that nobody knows. */
const PATIENCE_MS = 30_000;
const SLICE = 50;

/**
 * Settles every item, each for itself, or answers those that somebody keeps from it; never rejects. One bad item fails alone: what cannot be
 * committed together is tried in halves.
 * @param before what was stuck when the items were held, where they were: nobody waits for it again before it has come free
 */
export async function settle(items: readonly Queued[], attempts: Attempts, before: Stuck | null): Promise<Held> {
  const settling = new Settling(attempts);
  await settling.settle(before ? await settling.free(items, before) : items);
  return settling;
}

class Settling implements Held {
  readonly items: Queued[] = [];
  readonly stuck = new Map<string, string>();
  readonly #attempts: Attempts;
  readonly #giveUpAtMs = performance.now() + PATIENCE_MS;

  constructor(attempts: Attempts) {
    this.#attempts = attempts;
  }

  async settle(asked: readonly Queued[]): Promise<void> {
    const tries = { outages: 0, others: 0 };
    for (let items = asked; items.length > 0; ) {
      const failed = await this.#attempt(items);
      if (!failed) return;
      const free = failed.kind === 'LOCKED' ? await this.free(items, null) : items;
      if (free.length === items.length && !(await this.#isWorthAgain(failed, items, tries))) return this.#apart(items, failed);
      items = free;
    }
  }

  /** Those that name nothing which is stuck; the others are held. */
  async free(items: readonly Queued[], before: Stuck | null): Promise<readonly Queued[]> {
    const stuck = await this.#attempts.findStuck(items, before).catch(() => NOTHING_STUCK);
    if (stuck.size === 0) return items;
    for (const [name, holder] of stuck) this.stuck.set(name, holder);
    this.items.push(...items.filter((item) => namesStuck(item, stuck)));
    return items.filter((item) => !namesStuck(item, stuck));
  }

  async #attempt(items: readonly Queued[]): Promise<Failed | null> {
    try {
      await tell(items, await this.#attempts.run(items));
      return null;
    } catch (error) {
      return { error, kind: kindOf(error) };
    }
  }

  /** Whether the same items should be tried once more; and waits until then. */
  async #isWorthAgain({ kind, error }: Failed, items: readonly Queued[], tries: { outages: number; others: number }): Promise<boolean> {
    if (kind === 'OUTAGE' && performance.now() < this.#giveUpAtMs) {
      tries.outages += 1;
      await sleep(Math.min(RECONNECT_CAP_MS, BACKOFF_MS * 2 ** tries.outages) * (0.5 + Math.random()));
      return true;
    }
    tries.others += 1;
    if ((kind !== 'RACE' && kind !== 'LOCKED') || tries.others >= (items.length === 1 ? MAX_ATTEMPTS_ALONE : MAX_ATTEMPTS)) return false;
    if (isMissingPartition(error)) await this.#attempts.makePartitions().catch(() => undefined);
    await sleep(BACKOFF_MS * 2 ** tries.others * Math.random());
    return true;
  }

  async #apart(items: readonly Queued[], { kind, error }: Failed): Promise<void> {
    const isHopeless = kind === 'OUTAGE' || (kind === 'TOO_LONG' && performance.now() > this.#giveUpAtMs);
    if (isHopeless || items.length === 1) {
      for (const item of items) item.reject(rejectionOf(kind, error, this.#attempts.mayBeCommitted(item)));
      return;
    }
    const middle = Math.ceil(items.length / 2);
    await this.settle(items.slice(0, middle));
    await this.settle(items.slice(middle));
  }
}

interface Failed {
  readonly kind: Failure;
  readonly error: unknown;
}

/**
 * Why a transaction came to nothing. `OUTAGE`: the database is not there; the outcome is unknown, and the same items go again with the same
 * keys. `LOCKED`: somebody kept what it needed. `RACE`: another transaction was in the way or won the race for a key, and the next attempt sees
 * what it left. `TOO_LONG`: it is too much at once. `FAULT`: one of the items, or the code.
 */
type Failure = 'OUTAGE' | 'LOCKED' | 'RACE' | 'TOO_LONG' | 'FAULT';

/** Also a plan that a migration has made stale: a new connection plans anew. */
const RACES = new Set(['40001', '40P01', '23505', '0A000']);
const LOCK_NOT_AVAILABLE = '55P03';
const QUERY_CANCELED = '57014';

function kindOf(error: unknown): Failure {
  if (error instanceof TookTooLong) return 'TOO_LONG';
  if (isConnectionError(error)) return 'OUTAGE';
  const state = sqlState(error) ?? '';
  if (state === LOCK_NOT_AVAILABLE) return 'LOCKED';
  if (state === QUERY_CANCELED) return 'TOO_LONG';
  return RACES.has(state) || isMissingPartition(error) ? 'RACE' : 'FAULT';
}

/** What whoever asked is told of it. */
export function rejectionOf(kind: Failure, error: unknown, mayBeCommitted: boolean): unknown {
  if (mayBeCommitted) return new LedgerUnsure(error);
  switch (kind) {
    case 'OUTAGE':
      return new LedgerUnsure(error);
    case 'LOCKED':
    case 'TOO_LONG':
      return new LedgerBusy();
    case 'RACE':
    case 'FAULT':
      return error;
    default:
      return unreachable(kind);
  }
}

/** In slices: what callers do with their answers must not keep the next transaction waiting for its turn of the event loop. */
async function tell(items: readonly Queued[], settled: readonly Settled[]): Promise<void> {
  for (const [at, item] of items.entries()) {
    item.resolve(settled[at] as Settled); // one for each
    if (at % SLICE === SLICE - 1) await turn();
  }
}
