import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { LedgerProof } from './ledger-proof.type.ts';
import { LEDGER_RULES } from './ledger-rules.ts';
import { type Found, type FoundByRule, MAX_SAMPLES, merge, provePart } from './prove-part.ts';

/** Transfers that are proved while somebody waits; the statements of a query have 3 s each. */
const MAX_LIVE = 10_000;

/**
 * Small books are proved whole. Of larger ones the worker has proved batch by batch what is older (`prove-batches.ts`), and only what came
 * since is proved now; where even that is too much, the answer is as old as it says.
 */
export async function ledgerProof(em: EntityManager, now: Date, maxLive = MAX_LIVE): Promise<LedgerProof> {
  if (await holdsAtMost(em, maxLive, null)) return answer(now, null, await provePart(em, { after: null, last: null }));
  const [progress] = await rawSql<Progress>(em, 'select proved_batch::text as batch, proved_until, found from ledger_proof_progress');
  const { batch, proved_until, found } = ensure(progress, 'the progress of the proof');
  const isRecent = await holdsAtMost(em, maxLive, batch);
  const live = await provePart(
    em,
    { after: batch, last: null },
    isRecent ? LEDGER_RULES : LEDGER_RULES.filter(({ id }) => id === 'debits-equal-credits'),
  );
  return answer(isRecent ? now : new Date(proved_until), new Date(proved_until), merge(found, live));
}

type Progress = { batch: string; proved_until: string; found: FoundByRule };

async function holdsAtMost(em: EntityManager, max: number, after: string | null): Promise<boolean> {
  const [row] = await rawSql<{ total: string }>(
    em,
    `select coalesce(sum(transfer_count), 0)::text as total from (select transfer_count from ledger_batches where id > $1::bigint order by id limit $2) b`,
    [after ?? '-1', max + 1],
  );
  return Number(row?.total ?? 0) <= max;
}

function answer(checkedAt: Date, backgroundAt: Date | null, found: FoundByRule): LedgerProof {
  const checks = LEDGER_RULES.map(({ id, title }) => {
    const { violations, samples }: Found = found[id] ?? { violations: 0, samples: [] };
    return { id, title, isOk: violations === 0, violations, samples: samples.slice(0, MAX_SAMPLES) };
  });
  return { checkedAt, backgroundAt, isOk: checks.every(({ isOk }) => isOk), checks };
}
