import type { MikroORM } from '@tessera/service-kit/persistence';
import type { Metrics } from '@tessera/service-kit/service';
import { createReplica, type Reading, type Replica } from './replica.ts';

export interface Reads {
  /** Runs a reading, where there is a replica on it if possible, never on older data than was committed before the call. It may run twice. */
  run<T>(reading: Reading<T>): Promise<T>;
  /** Rejects where there is a replica and it cannot be used. */
  checkReplica(): Promise<void>;
}

/** For showing, never for deciding. */
export function createReads(primary: MikroORM, replicaOrm: MikroORM | null, metrics: Metrics): Reads {
  const replica: Replica | null = replicaOrm && createReplica(primary, replicaOrm);
  const reads = metrics.counter({
    name: 'ledger_reads_total',
    help: 'Questions by where they were answered, and why not by the replica',
    labelNames: ['by'],
  });
  return {
    run: async (reading) => {
      const answer = await replica?.read(reading);
      const isFound = answer !== undefined && 'found' in answer;
      reads.inc({ by: isFound ? 'replica' : (answer?.refused ?? 'primary') });
      return isFound ? answer.found : reading(primary.em.fork());
    },
    checkReplica: async () => replica?.check(),
  };
}
