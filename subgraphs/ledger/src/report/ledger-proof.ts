import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, rawSql, sqlState } from '@tessera/service-kit/persistence';
import type { LedgerProof } from './ledger-proof.type.ts';
import { LEDGER_RULES, type LedgerRule } from './ledger-rules.ts';
import type { Part } from './part.ts';
import { type Found, type FoundByRule, MAX_SAMPLES, merge, provePart } from './prove-part.ts';

/** Transfers that are proved while somebody waits; the statements of a query have 3 s each. */
const MAX_LIVE = 10_000;

/** A statement that took too long, or waited too long for a lock. */
const OUT_OF_TIME = new Set(['57014', '55P03']);

/**
 * Small books are proved whole. Of larger ones the worker has proved batch by batch what is older (`prove-batches.ts`), and only what came
 * since is proved now; where even that is too much, the answer is as old as it says. What is about the end of the books and was not proved is
 * told, and so is a rule that took too long.
 */
export async function ledgerProof(em: EntityManager, now: Date, maxLive = MAX_LIVE): Promise<LedgerProof> {
  if (await holdsAtMost(em, maxLive, null)) {
    const { found, notProved } = await proveLive(em, { after: null, last: null }, LEDGER_RULES);
    return answer({ checkedAt: now, backgroundAt: null }, found, notProved);
  }
  const [progress] = await rawSql<Progress>(em, 'select proved_batch::text as batch, proved_until, found from ledger_proof_progress');
  const { batch, proved_until, found } = ensure(progress, 'the progress of the proof');
  const backgroundAt = new Date(proved_until);
  const part = { after: batch, last: null };
  const isRecent = await holdsAtMost(em, maxLive, batch);
  const live = await proveLive(em, part, isRecent ? LEDGER_RULES : LEDGER_RULES.filter(({ id }) => id === ALWAYS));
  const skipped = isRecent ? [] : LEDGER_RULES.filter(({ id, sql }) => id !== ALWAYS && isOfEnd(sql, part)).map(({ id }) => id);
  return answer({ checkedAt: isRecent ? now : backgroundAt, backgroundAt }, merge(found, live.found), [...live.notProved, ...skipped]);
}

type Progress = { batch: string; proved_until: string; found: FoundByRule };

/** It reads the accounts only. */
const ALWAYS = 'debits-equal-credits';

/** Whether the background proof, whose parts do not reach the end of the books, leaves this to the query. */
function isOfEnd(sql: LedgerRule['sql'], part: Part): boolean {
  return sql(part) !== null && sql({ ...part, last: part.after }) === null;
}

interface Live {
  readonly found: FoundByRule;
  readonly notProved: readonly string[];
}

async function proveLive(em: EntityManager, part: Part, rules: readonly LedgerRule[]): Promise<Live> {
  let found: FoundByRule = {};
  const notProved: string[] = [];
  for (const rule of rules) {
    try {
      found = merge(found, await provePart(em, part, [rule]));
    } catch (error) {
      if (!OUT_OF_TIME.has(sqlState(error) ?? '')) throw error;
      notProved.push(...rules.filter(({ id, toldBy }) => id === rule.id || toldBy === rule.id).map(({ id }) => id));
    }
  }
  return { found, notProved };
}

async function holdsAtMost(em: EntityManager, max: number, after: string | null): Promise<boolean> {
  const [row] = await rawSql<{ total: string }>(
    em,
    `select coalesce(sum(transfer_count), 0)::text as total from (select transfer_count from ledger_batches where id > $1::bigint order by id limit $2) b`,
    [after ?? '-1', max + 1],
  );
  return Number(row?.total ?? 0) <= max;
}

function answer(
  { checkedAt, backgroundAt }: Pick<LedgerProof, 'checkedAt' | 'backgroundAt'>,
  found: FoundByRule,
  open: readonly string[],
): LedgerProof {
  // What is known to be broken is told, proved or not.
  const notProved = LEDGER_RULES.flatMap(({ id }) => (open.includes(id) && !found[id] ? [id] : []));
  const checks = LEDGER_RULES.filter(({ id }) => !notProved.includes(id)).map(({ id, title, titleOfPart }) => {
    const { violations, samples }: Found = found[id] ?? { violations: 0, samples: [] };
    const told = backgroundAt ? (titleOfPart ?? title) : title;
    return { id, title: told, isOk: violations === 0, violations, samples: samples.slice(0, MAX_SAMPLES) };
  });
  return { checkedAt, backgroundAt, isOk: checks.every(({ isOk }) => isOk), checks, notProved };
}
