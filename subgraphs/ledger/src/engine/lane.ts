import { setTimeout as sleep } from 'node:timers/promises';
import type { CommittedEvent, NewEvent } from '@tessera/service-kit/messaging';
import { sqlState } from '@tessera/service-kit/persistence';
import type { Attempt, Attempted } from './attempted.ts';
import { type Bounds, connectLane, type LaneConnection } from './connection.ts';
import { decide } from './decide.ts';
import type { Worker } from './dispatch.ts';
import type { BalanceGuard } from './guard.ts';
import type { Remembered } from './known.ts';
import type { DefaultLimits } from './limit.ts';
import { newId } from './new-id.ts';
import { movedEventId, type Told, writeTold } from './outbox.ts';
import { ensurePartitions } from './partitions.ts';
import { walletOpened } from './receivers.ts';
import type { PostOutcome } from './request.ts';
import { type Attempts, rejectionOf, settle } from './settle.ts';
import type { Sql } from './sql.ts';
import { findLocked, type Stuck, stillLocked } from './stuck.ts';
import type { Queued, Settled } from './submission.ts';

export interface LaneEvents {
  /** After a commit that wrote events. */
  readonly onTold?: () => void;
  readonly onBatch?: (size: number, durationMs: number) => void;
  /** A transaction failed; what becomes of its items is the lane's business. */
  readonly onFailure?: (error: unknown, size: number) => void;
}

export interface LaneOptions {
  readonly databaseUrl: string;
  /** Shared by the lanes. */
  readonly known: Remembered;
  /** Shared by the lanes too: who is held may go on in another. */
  readonly attempted: Attempted;
  readonly guard: BalanceGuard | null;
  readonly events: LaneEvents;
  readonly defaultLimits: DefaultLimits;
  readonly bounds: Bounds;
}

/** One transaction at a time on a connection of its own. */
export interface Lane extends Worker {
  close(): Promise<void>;
}

/** So long after it was first seen locked by a transaction, an account that still is by the same one is stuck. */
const STUCK_AFTER_MS = 100;
/** A migration has changed what a prepared statement answers: a new connection plans anew. */
const STALE_PLAN = '0A000';

export function createLane({ databaseUrl, known, attempted, guard, events, defaultLimits, bounds }: LaneOptions): Lane {
  let connection: LaneConnection | null = null;

  async function disconnect(): Promise<void> {
    await connection?.end();
    connection = null;
  }

  async function connected(): Promise<LaneConnection> {
    if (connection && !connection.isGone()) return connection;
    await disconnect();
    known.forget();
    connection = await connectLane(databaseUrl, guard, bounds);
    return connection;
  }

  async function run(items: readonly Queued[]): Promise<readonly Settled[]> {
    const startedMs = performance.now();
    let attempt: Attempt | null = null;
    try {
      const lane = await connected();
      const { settled, learned } = await lane.transaction(async (sql) => {
        const batch = await runBatch(sql, items, { known, defaultLimits, attempted });
        attempt = batch;
        return batch;
      });
      known.add(learned);
      events.onBatch?.(items.length, performance.now() - startedMs);
      if (settled.some(({ committed }) => committed.length > 0)) events.onTold?.();
      return settled;
    } catch (error) {
      if (attempt) attempted.add(items, attempt);
      events.onFailure?.(error, items.length);
      if (sqlState(error) === STALE_PLAN) await disconnect();
      throw error;
    }
  }

  async function findStuck(items: readonly Queued[], before: Stuck | null): Promise<Stuck> {
    const names = new Set(items.flatMap((item) => item.names));
    const look = async (): Promise<Stuck> => (await connected()).transaction((sql) => findLocked(sql, names));
    const first = before ?? (await look());
    if (first.size === 0) return first;
    if (!before) await sleep(STUCK_AFTER_MS);
    return stillLocked(first, await look());
  }

  const attempts: Attempts = {
    run,
    findStuck,
    makePartitions: async () => {
      await (await connected()).transaction(ensurePartitions);
    },
    mayBeCommitted: (item) => attempted.has(item),
  };
  return {
    settle: (items, before) => settle(items, attempts, before),
    giveUp: (items) => {
      for (const item of items) item.reject(rejectionOf('LOCKED', null, attempted.has(item)));
    },
    close: disconnect,
  };
}

async function runBatch(
  sql: Sql,
  items: readonly Queued[],
  { known, defaultLimits, attempted }: Pick<LaneOptions, 'known' | 'defaultLimits' | 'attempted'>,
) {
  const { outcomes, decided, batchId, now, opened, writes, learned } = await decide(sql, items, known, defaultLimits);
  const fresh = new Set<string>();
  const told: Told[] = [];
  const unheard = new Map(opened.map((wallet) => [wallet.id, wallet]));
  const settled = items.map((item, at): Settled => {
    const { submission } = item;
    const outcome = outcomes[at] as PostOutcome; // one for each
    if (outcome.kind === 'KEY_REUSED') return { outcome, committed: [] };
    if (outcome.isReplayed) return attempted.answer(item, decided.get(item.hash)?.batchId) ?? { outcome, committed: [] };
    const moved: string[] = [];
    const committed: CommittedEvent[] = [];
    const openings: (NewEvent & { readonly id: string })[] = [];
    for (const { id, state, resolves, credit } of outcome.kind === 'POSTED' ? outcome.transfers : []) {
      const wallet = unheard.get(credit.accountId);
      if (wallet && unheard.delete(wallet.id)) openings.push({ ...walletOpened(wallet), id: newId('event') });
      if (state === 'POSTED' && resolves === null) {
        moved.push(id);
        committed.push({ id: movedEventId(id), type: 'TransferPosted' });
      } else fresh.add(id);
    }
    const events = submission.tell(outcome).map((event) => ({ ...event, id: event.id ?? newId('event') }));
    for (const { id, type } of [...openings, ...events]) committed.push({ id, type });
    if (openings.length > 0) told.push({ moved: [], events: openings, origin: submission.origin });
    told.push({ moved, events, origin: submission.origin });
    return { outcome, committed };
  });
  await Promise.all([...writes, writeTold(sql, told, fresh, now.toISOString())]);
  return { batchId, settled, learned };
}
