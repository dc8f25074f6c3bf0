import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery, type Kysely } from 'kysely';
import { isConnectionError, sqlState } from './sql-state.ts';
import { underWay } from './under-way.ts';

export type Row = Record<string, unknown>;

/** A statement that every connection plans once and then keeps, for what is asked so often that planning it would cost more than running it. */
export interface Prepared {
  /** One name for one text, in the whole process. */
  readonly name: string;
  readonly text: string;
}

const MAX_ATTEMPTS = 5;
const BACKOFF_MS = 8;
/** Serialization failure, deadlock, and a unique violation: a racing insert won, and the second run sees its row. */
const RETRYABLE = new Set(['40001', '40P01', '23505']);

interface Deferred {
  readonly afterCommit: (() => void)[];
  readonly afterEnd: (() => void)[];
}

const deferredOf = new WeakMap<EntityManager, Deferred>();

/**
 * Runs `work` in one READ COMMITTED transaction on a fresh fork, and the *whole* of it again (bounded) after a deadlock or a serialization
 * failure. `work` must therefore touch nothing but the database and what `afterCommit` defers.
 */
export async function transaction<T>(em: EntityManager, work: (em: EntityManager) => Promise<T>): Promise<T> {
  const { result, deferred } = await underWay(em, () => committed(em, work));
  for (const callback of [...deferred.afterEnd, ...deferred.afterCommit]) callback();
  return result;
}

async function committed<T>(em: EntityManager, work: (em: EntityManager) => Promise<T>) {
  for (let attempt = 1; ; attempt += 1) {
    const fork = em.fork({ clear: true });
    const deferred: Deferred = { afterCommit: [], afterEnd: [] };
    let isWorkDone = false;
    try {
      const result = await fork.transactional(async (inner) => {
        deferredOf.set(inner as EntityManager, deferred);
        const worked = await work(inner as EntityManager);
        isWorkDone = true;
        return worked;
      });
      return { result, deferred };
    } catch (error) {
      const mayBeCommitted = isWorkDone && isConnectionError(error); // nobody knows whether the commit arrived
      if (!mayBeCommitted) for (const callback of deferred.afterEnd) callback();
      if (attempt >= MAX_ATTEMPTS || !RETRYABLE.has(sqlState(error) ?? '')) throw error;
      await sleep(BACKOFF_MS * 2 ** attempt * Math.random());
    }
  }
}

/** Runs `callback` once the transaction of this entity manager has committed; dropped when it rolls back. */
export function afterCommit(em: EntityManager, callback: () => void): void {
  deferredOf.get(em)?.afterCommit.push(callback);
}

/** Runs `callback` once the transaction of this entity manager has committed or rolled back; never where the answer to its commit was lost. */
export function afterEnd(em: EntityManager, callback: () => void): void {
  deferredOf.get(em)?.afterEnd.push(callback);
}

/**
 * Runs SQL inside the entity manager's transaction (or on a pooled connection without one), with PostgreSQL's own `$1` placeholders, so
 * that arrays stay arrays. Pending changes are not flushed first. `int8` and `timestamptz` come back as text.
 */
export async function rawSql<T extends Row = Row>(
  em: EntityManager,
  sql: string | Prepared,
  parameters: readonly unknown[] = [],
): Promise<T[]> {
  const executor = em.getTransactionContext<Kysely<unknown>>() ?? (await kyselyOf(em));
  // Kysely gives it to the driver as it is, and the driver takes a name beside the text.
  const { rows } = await executor.executeQuery<T>(CompiledQuery.raw(sql as string, [...parameters]));
  return rows;
}

async function kyselyOf(em: EntityManager): Promise<Kysely<unknown>> {
  const connection = em.getConnection();
  await connection.ensureConnection();
  return connection.getClient();
}
