import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../graphql/context.ts';
import { purgeExpiredKeys } from '../idempotency/index.ts';
import { type UnitOfWork, unitOfWork } from '../messaging/unit-of-work.ts';
import type { MikroORM } from '../persistence/index.ts';

/** Work that comes round again: each round is one transaction, so that a crash loses nothing. Replicas may run it at once: lock rows with SKIP LOCKED. */
export interface Worker {
  readonly name: string;
  readonly intervalMs: number;
  /** Does one bounded batch; answers whether there is more to do at once. */
  readonly run: (unit: UnitOfWork) => Promise<boolean>;
}

const PURGE_INTERVAL_MS = 600_000;
const MAX_ROUNDS_IN_A_ROW = 100;

/** Runs workers until closed; a round that fails is logged and tried again at the next interval. */
export function createWorkers(orm: MikroORM, service: string, workers: readonly Worker[], log: Log) {
  const stopped = new AbortController();
  const loops: Promise<void>[] = [];
  const all: readonly Worker[] = [
    ...workers,
    { name: 'purge-idempotency-keys', intervalMs: PURGE_INTERVAL_MS, run: async ({ em }) => (await purgeExpiredKeys(em)) > 0 },
  ];

  const loop = async (worker: Worker): Promise<void> => {
    while (!stopped.signal.aborted) {
      await sleep(worker.intervalMs * (0.9 + Math.random() * 0.2), undefined, { signal: stopped.signal }).catch(() => {});
      for (let round = 0; round < MAX_ROUNDS_IN_A_ROW && !stopped.signal.aborted; round += 1) {
        if (!(await runRound(worker))) break;
      }
    }
  };
  const runRound = async (worker: Worker): Promise<boolean> => {
    try {
      const origin = { actor: `service:${service}`, correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
      return (await unitOfWork(orm.em, origin, worker.run)).result;
    } catch (error) {
      log.error({ err: error, worker: worker.name }, 'a round of a worker failed');
      return false;
    }
  };

  return {
    start: () => {
      for (const worker of all) loops.push(loop(worker));
    },
    close: async () => {
      stopped.abort();
      await Promise.all(loops);
    },
  };
}
