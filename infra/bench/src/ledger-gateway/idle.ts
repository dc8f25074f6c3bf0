import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../ledger/books.ts';
import type { BenchStack } from './stack.ts';

const PATIENCE_MS = 30_000;
const POLL_MS = 100;

const WAITING = 'select exists (select from outbox where published_at is null) or exists (select from unsealed_batches) as is_busy';
const PUBLISHED = `select coalesce(max(last_position), 0) as place from outbox_streams where stream = 'ledger-events'`;
const RECEIVED = `select coalesce(max(position), 0) as place from consumer_positions where stream = 'ledger-events'`;

/** Until everything is told, sealed and received that a load has left behind. */
export async function untilIdle({ databases }: BenchStack): Promise<void> {
  await withClient(databases.ledger, (ledger) =>
    withClient(databases.payments, async (payments) => {
      for (const untilMs = performance.now() + PATIENCE_MS; performance.now() < untilMs; await sleep(POLL_MS)) {
        const [waiting, published, received] = [await ledger.query(WAITING), await ledger.query(PUBLISHED), await payments.query(RECEIVED)];
        if (!waiting.rows[0]?.is_busy && published.rows[0]?.place === received.rows[0]?.place) return;
      }
      throw new Error('The stack did not come to rest.');
    }),
  );
}
