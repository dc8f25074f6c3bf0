import { wakeRelay } from '@tessera/service-kit/messaging';
import type { Platform } from '@tessera/service-kit/subgraph';
import type { CrashPoint } from '@tessera/service-kit/telemetry';
import type { EngineOptions } from './engine/index.ts';

const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** What the engine goes through, as metrics and log lines; and who is told of its commits. */
export function engineEvents({ orm, log, metrics }: Platform, crashPoint: CrashPoint): NonNullable<EngineOptions['events']> {
  const sizes = metrics.histogram({ name: 'ledger_batch_size', help: 'Requests per transaction of the engine', buckets: BATCH_SIZES });
  const durations = metrics.histogram({ name: 'ledger_batch_seconds', help: 'Duration of a transaction of the engine', buckets: SECONDS });
  const failures = metrics.counter({ name: 'ledger_batch_failures_total', help: 'Transactions of the engine that did not commit' });
  return {
    onTold: () => wakeRelay(orm.em),
    onBatch: (size, durationMs) => {
      sizes.observe(size);
      durations.observe(durationMs / 1_000);
      crashPoint('ledger.engine.committed');
    },
    onFailure: (error, size) => {
      failures.inc();
      log.warn({ err: error, size }, 'a transaction of the engine failed; its items are tried again');
    },
  };
}
