import { setTimeout as sleep } from 'node:timers/promises';
import type { CommittedEvent } from '@tessera/service-kit/messaging';
import { isConnectionError, sqlState } from '@tessera/service-kit/persistence';
import { type Attempt, Attempted } from './attempted.ts';
import { LedgerUnsure } from './busy.ts';
import { connectLane, type LaneConnection } from './connection.ts';
import { decide } from './decide.ts';
import type { BalanceGuard } from './guard.ts';
import type { DefaultLimits } from './limit.ts';
import { newId } from './new-id.ts';
import { movedEventId, type Told, writeTold } from './outbox.ts';
import { ensurePartitions, isMissingPartition } from './partitions.ts';
import type { PostOutcome } from './request.ts';
import { type Sql, turn } from './sql.ts';
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
  /** Account ids that are committed; shared by the lanes. */
  readonly addresses: Map<string, string>;
  readonly guard: BalanceGuard | null;
  readonly events: LaneEvents;
  readonly defaultLimits: DefaultLimits;
}

/** One transaction at a time on a connection of its own. */
export interface Lane {
  /** Settles every item, each for itself; never rejects. */
  settle(items: readonly Queued[]): Promise<void>;
  close(): Promise<void>;
}

/** How often a whole batch is tried again before it is split. */
const MAX_ATTEMPTS = 2;
/** How often an item that stands alone is tried again. */
const MAX_ATTEMPTS_ALONE = 5;
const BACKOFF_MS = 5;
const RECONNECT_CAP_MS = 1_000;
/** How long the database may stay away before callers are told that nobody knows. */
const OUTAGE_LIMIT_MS = 30_000;
const MAX_ADDRESSES = 100_000;
const SLICE = 50;

/** A migration has changed what a prepared statement answers: a new connection plans anew. */
const STALE_PLAN = '0A000';
/** Another transaction was in the way, or won the race for a key: the next attempt sees what it left. */
const RACES = new Set(['40001', '40P01', '23505', '55P03', '57014', STALE_PLAN]);

export function createLane({ databaseUrl, addresses, guard, events, defaultLimits }: LaneOptions): Lane {
  let connection: LaneConnection | null = null;

  async function disconnect(): Promise<void> {
    await connection?.end();
    connection = null;
  }

  async function connected(): Promise<LaneConnection> {
    if (connection && !connection.isGone()) return connection;
    await disconnect();
    connection = await connectLane(databaseUrl, guard);
    return connection;
  }

  async function commit(items: readonly Queued[], attempted: Attempted): Promise<readonly Settled[]> {
    const startedMs = performance.now();
    const lane = await connected();
    let attempt: Attempt | null = null;
    const { settled, named } = await lane
      .transaction(async (sql) => {
        const batch = await runBatch(sql, items, { addresses, defaultLimits, attempted });
        attempt = batch;
        return batch;
      })
      .catch(async (error: unknown) => {
        if (attempt) attempted.add(items, attempt);
        if (sqlState(error) === STALE_PLAN) await disconnect();
        throw error;
      });
    if (addresses.size > MAX_ADDRESSES) addresses.clear();
    for (const [address, id] of named) addresses.set(address, id);
    events.onBatch?.(items.length, performance.now() - startedMs);
    if (settled.some(({ committed }) => committed.length > 0)) events.onTold?.();
    return settled;
  }

  /** A lost connection leaves the outcome unknown, so the same items go again with the same keys: what was committed is answered as it was. */
  async function throughOutages(items: readonly Queued[], attempted: Attempted): Promise<readonly Settled[]> {
    const giveUpAtMs = performance.now() + OUTAGE_LIMIT_MS;
    for (let failures = 1; ; failures += 1) {
      try {
        return await commit(items, attempted);
      } catch (error) {
        events.onFailure?.(error, items.length);
        if (!isConnectionError(error) && !connection?.isGone()) throw error;
        if (performance.now() > giveUpAtMs) throw new LedgerUnsure(error);
        await sleep(Math.min(RECONNECT_CAP_MS, BACKOFF_MS * 2 ** failures) * (0.5 + Math.random()));
      }
    }
  }

  async function makePartitions(): Promise<void> {
    await (await connected()).transaction(ensurePartitions);
  }

  return {
    settle: (items) => {
      const attempted = new Attempted();
      return settle(items, (some) => throughOutages(some, attempted), makePartitions);
    },
    close: disconnect,
  };
}

/** One bad item fails alone: what cannot be committed together is tried in halves. */
async function settle(
  items: readonly Queued[],
  attemptAll: (items: readonly Queued[]) => Promise<readonly Settled[]>,
  makePartitions: () => Promise<void>,
): Promise<void> {
  const isAlone = items.length === 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tell(items, await attemptAll(items));
    } catch (error) {
      if (error instanceof LedgerUnsure) return failAll(items, error);
      const isPassing = isMissingPartition(error) || RACES.has(sqlState(error) ?? '');
      if (!isPassing || attempt >= (isAlone ? MAX_ATTEMPTS_ALONE : MAX_ATTEMPTS)) {
        if (isAlone) return failAll(items, error);
        break;
      }
      if (isMissingPartition(error)) await makePartitions().catch(() => undefined);
      await sleep(BACKOFF_MS * 2 ** attempt * Math.random());
    }
  }
  const middle = Math.ceil(items.length / 2);
  await settle(items.slice(0, middle), attemptAll, makePartitions);
  await settle(items.slice(middle), attemptAll, makePartitions);
}

/** In slices: what callers do with their answers must not keep the next transaction waiting for its turn of the event loop. */
async function tell(items: readonly Queued[], settled: readonly Settled[]): Promise<void> {
  for (const [at, item] of items.entries()) {
    item.resolve(settled[at] as Settled); // one for each
    if (at % SLICE === SLICE - 1) await turn();
  }
}

function failAll(items: readonly Queued[], error: unknown): void {
  for (const item of items) item.reject(error);
}

async function runBatch(
  sql: Sql,
  items: readonly Queued[],
  { addresses, defaultLimits, attempted }: Pick<LaneOptions, 'addresses' | 'defaultLimits'> & { readonly attempted: Attempted },
) {
  const { outcomes, known, batchId, now, writes, addresses: named } = await decide(sql, items, addresses, defaultLimits);
  const fresh = new Set<string>();
  const told: Told[] = [];
  const settled = items.map((item, at): Settled => {
    const { submission } = item;
    const outcome = outcomes[at] as PostOutcome; // one for each
    if (outcome.kind === 'KEY_REUSED') return { outcome, committed: [] };
    if (outcome.isReplayed) return attempted.answer(item, known.get(item.hash)?.batchId) ?? { outcome, committed: [] };
    const moved: string[] = [];
    const committed: CommittedEvent[] = [];
    for (const { id, state, resolves } of outcome.kind === 'POSTED' ? outcome.transfers : []) {
      if (state === 'POSTED' && resolves === null) {
        moved.push(id);
        committed.push({ id: movedEventId(id), type: 'TransferPosted' });
      } else fresh.add(id);
    }
    const events = submission.tell(outcome).map((event) => ({ ...event, id: event.id ?? newId('event') }));
    for (const { id, type } of events) committed.push({ id, type });
    told.push({ moved, events, origin: submission.origin });
    return { outcome, committed };
  });
  await Promise.all([...writes, writeTold(sql, told, fresh, now.toISOString())]);
  return { batchId, settled, named };
}
