import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager, MikroORM } from '@tessera/service-kit/persistence';
import { isConnectionError, rawSql, sqlState } from '@tessera/service-kit/persistence';
import { coalesced } from '../transfer/coalesce.ts';

/** How long a question waits for the replica to catch up before the primary answers it. */
const WAIT_MS = 50;
const POLL_MS = 3;
/** How long nobody asks a replica that was behind, and one that failed. */
const REST_AFTER_LAG_MS = 250;
const REST_AFTER_FAILURE_MS = 1_000;
/** A replica that does not say within so long how far it is, is not there any more; nor is one that takes longer than a statement may. */
const PROBE_TIMEOUT_MS = 250;
const ANSWER_TIMEOUT_MS = 4_000;
const MAX_BATCH = 10_000;
const SERIALIZATION_FAILURE = '40001';

export type ReadFrom = 'replica' | 'primary_lagging' | 'primary_failed';

/** Reads that may run twice and change nothing. */
export type Reading<T> = (em: EntityManager) => Promise<T>;

export interface Replica {
  /** From the replica if it is as new as the primary is when the question comes; null where the primary has to answer. */
  read<T>(reading: Reading<T>): Promise<{ readonly found: T } | { readonly refused: Exclude<ReadFrom, 'replica'> }>;
  /** Rejects where the replica cannot be reached, or is none. */
  check(): Promise<void>;
}

/**
 * A streaming replica that never answers with less than what was committed before it was asked: the primary says how far its log is on disk, which
 * holds all that anybody was ever told, and the replica must have replayed that much.
 */
export function createReplica(primary: MikroORM, replica: MikroORM): Replica {
  const written = shared(() => flushedAt(primary.em.fork()));
  // Given up here, not by who asks: all who come share it, and would wait behind a question to which no answer comes.
  const replayed = shared(() => onReplica(replayedAt(replica.em.fork()), PROBE_TIMEOUT_MS));
  let restUntilMs = 0;
  let restingFor: Exclude<ReadFrom, 'replica'> = 'primary_failed';
  const rest = (why: Exclude<ReadFrom, 'replica'>) => {
    restUntilMs = performance.now() + (why === 'primary_failed' ? REST_AFTER_FAILURE_MS : REST_AFTER_LAG_MS);
    restingFor = why;
    return { refused: why } as const;
  };
  const hasCaughtUp = async (): Promise<boolean> => {
    const wanted = await written();
    for (const deadlineMs = performance.now() + WAIT_MS; ; await sleep(POLL_MS)) {
      if ((await replayed()) >= wanted) return true;
      if (performance.now() > deadlineMs) return false;
    }
  };
  return {
    read: async (reading) => {
      if (performance.now() < restUntilMs) return { refused: restingFor };
      try {
        if (!(await hasCaughtUp())) return rest('primary_lagging');
        return { found: await onReplica(reading(replica.em.fork()), ANSWER_TIMEOUT_MS) };
      } catch (error) {
        if (!(error instanceof ReplicaFailed)) throw error;
        return rest('primary_failed');
      }
    },
    check: async () => {
      await replayed();
    },
  };
}

/** Whoever asks while an answer is under way waits for the next: an answer is never older than its question. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  const asked = coalesced<undefined, T>(
    async (all) => {
      const found = await ask();
      return all.map(() => found);
    },
    { maxBatch: MAX_BATCH },
  );
  return () => asked(undefined);
}

class ReplicaFailed extends Error {
  override readonly name = 'ReplicaFailed';
}

/** Separates what is wrong with the replica from what is wrong with the question. */
async function onReplica<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new ReplicaFailed('The replica did not answer in time.');
  });
  late.catch(() => undefined); // its end after `work` won is of no interest
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    // A row that the primary has removed while the replica was reading it ends the question there, but not here.
    if (isConnectionError(error) || sqlState(error) === SERIALIZATION_FAILURE)
      throw new ReplicaFailed('The replica cannot answer.', { cause: error });
    throw error;
  } finally {
    timer.abort();
  }
}

async function flushedAt(em: EntityManager): Promise<bigint> {
  const [row] = await rawSql<{ at: string }>(em, 'select pg_current_wal_flush_lsn()::text as at');
  return position(row?.at ?? '');
}

async function replayedAt(em: EntityManager): Promise<bigint> {
  const [row] = await rawSql<{ at: string | null }>(
    em,
    'select case when pg_is_in_recovery() then pg_last_wal_replay_lsn()::text end as at',
  );
  if (!row?.at) throw new ReplicaFailed('That is no replica: it takes writes of its own.');
  return position(row.at);
}

/** A place in the log, such as 16/B374D848. */
function position(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
