import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';

const BATCH = 1_000;
/** Second number of the advisory lock: one process seals at a time, the others pass. */
const SEAL_LOCK = 727_004;

/**
 * Chains the digests of committed batches: each link is SHA-256 over the link before it, the number of the batch and its digest. Only
 * batches older than every transaction under way are sealed, so that none can still appear before a sealed one in the same run.
 */
export async function sealBatches({ em }: UnitOfWork): Promise<boolean> {
  const [lock] = await rawSql<{ taken: boolean }>(em, 'select pg_try_advisory_xact_lock($1) as taken', [SEAL_LOCK]);
  if (!lock?.taken) return false;
  const [{ sealed } = { sealed: 0 }] = await rawSql<{ sealed: number }>(em, SEAL, [BATCH]);
  return sealed === BATCH;
}

const SEAL = `
  with recursive last as (
    select coalesce(max(ordinal), 0) as ordinal, coalesce((array_agg(chain))[1], ''::bytea) as chain
    from (select ordinal, chain from ledger_seals order by ordinal desc limit 1) newest
  ), due as (
    delete from unsealed_batches u using (
      select b.id, b.digest from unsealed_batches w join ledger_batches b on b.id = w.batch_id
      where b.transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by b.id limit $1) b
    where u.batch_id = b.id
    returning b.id, b.digest
  ), placed as (
    select id, digest, row_number() over (order by id) as place from due
  ), linked as (
    select ordinal, null::bigint as batch_id, chain, 0::bigint as place from last
    union all
    select l.ordinal + 1, d.id, sha256(l.chain || int8send(d.id) || d.digest), d.place from linked l join placed d on d.place = l.place + 1
  ), inserted as (
    insert into ledger_seals (ordinal, batch_id, chain, sealed_at)
    select ordinal, batch_id, chain, clock_timestamp() from linked where batch_id is not null order by ordinal
    returning 1
  )
  select count(*)::int as sealed from inserted`;
