import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import { type FoundByRule, merge, provePart } from '../report/prove-part.ts';

const MAX_TRANSFERS = 20_000;
const MAX_BATCHES = 20_000;
/** No transaction of the engine lasts so long: of batches that are older, none with a smaller number can still appear. */
const SETTLED_SECONDS = 60;
const STATEMENT_TIMEOUT_SECONDS = 30;

export interface ProveOptions {
  readonly settledSeconds?: number;
  /** Told once for each part in which something is wrong. */
  readonly onFound?: (found: FoundByRule) => void;
}

/**
 * Proves what was committed, batch by batch, a minute later; one process does, the others pass. What is found stays found: facts do not
 * mend themselves. The whole is proved again by `npm run verify`.
 */
export async function proveBatches({ em }: UnitOfWork, { settledSeconds = SETTLED_SECONDS, onFound }: ProveOptions = {}): Promise<boolean> {
  await rawSql(em, `set local statement_timeout = '${STATEMENT_TIMEOUT_SECONDS}s'`);
  const [progress] = await rawSql<{ batch: string; found: FoundByRule }>(
    em,
    'select proved_batch::text as batch, found from ledger_proof_progress for update skip locked',
  );
  if (!progress) return false;
  const [next] = await rawSql<{ batch: string; created_at: string }>(em, NEXT, [progress.batch, settledSeconds]);
  if (!next) return false;
  const wrong = await provePart(em, { after: progress.batch === '-1' ? null : progress.batch, last: next.batch });
  if (Object.keys(wrong).length > 0) onFound?.(wrong);
  const found = merge(progress.found, wrong);
  await rawSql(em, 'update ledger_proof_progress set proved_batch = $1::bigint, proved_until = $2::timestamptz, found = $3::jsonb', [
    next.batch,
    next.created_at,
    JSON.stringify(found),
  ]);
  return true;
}

/** The last batch of the next part: at least one, and then as many as have few enough transfers. */
const NEXT = `
  select id::text as batch, created_at::text as created_at from (
    select id, created_at, row_number() over (order by id) as place, sum(transfer_count) over (order by id) as total
    from (select id, created_at, transfer_count from ledger_batches where id > $1::bigint order by id limit ${MAX_BATCHES}) b) counted
  where (place = 1 or total <= ${MAX_TRANSFERS})
    and id < coalesce((select min(id) from ledger_batches where id > $1::bigint and created_at > clock_timestamp() - make_interval(secs => $2::integer)), 9223372036854775807)
    and id < coalesce((select min(batch_id) from unsealed_batches), 9223372036854775807)
  order by id desc limit 1`;
