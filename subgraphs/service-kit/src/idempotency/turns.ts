import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from '../persistence/index.ts';
import { ClaimInProgress, type KeyScope } from './store.ts';

const WAIT_MS = 2_000;
const turnsOf = new WeakMap<EntityManager, Map<string, Promise<void>>>();

/**
 * One request per key at a time in this process: those behind it wait without a connection, so that a client which repeats itself does not
 * empty the pool for everybody. The claim in the database still decides. Throws `ClaimInProgress` after 2 s.
 */
export async function inTurn<T>(em: EntityManager, { principal, mutation, key }: KeyScope, work: () => Promise<T>): Promise<T> {
  const turns = turnsOf.get(em) ?? new Map<string, Promise<void>>();
  turnsOf.set(em, turns);
  const name = JSON.stringify([principal, mutation, key]);
  const deadlineMs = performance.now() + WAIT_MS;
  for (let ahead = turns.get(name); ahead; ahead = turns.get(name)) {
    if (!(await endsWithin(ahead, deadlineMs - performance.now()))) throw new ClaimInProgress();
  }
  const turn = Promise.withResolvers<void>();
  turns.set(name, turn.promise);
  try {
    return await work();
  } finally {
    turns.delete(name);
    turn.resolve();
  }
}

async function endsWithin(turn: Promise<void>, timeoutMs: number): Promise<boolean> {
  if (timeoutMs <= 0) return false;
  const timer = new AbortController();
  const expired = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false); // only an abort rejects
  return Promise.race([turn.then(() => true), expired]).finally(() => timer.abort());
}
