import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { LEDGER_RULES } from './ledger-checks.ts';
import type { LedgerCheck, LedgerProof } from './ledger-proof.type.ts';

const MAX_VIOLATIONS = 100;
const MAX_SAMPLES = 10;

/** Checks rule by rule, each within the bound of one statement: on books too large for that, `npm run verify` is the way. */
export async function ledgerProof(em: EntityManager, now: Date): Promise<LedgerProof> {
  const checks: LedgerCheck[] = [];
  for (const { id, title, sql } of LEDGER_RULES) {
    const found = await rawSql<{ violation: string }>(
      em,
      `with violations as materialized (${sql}) select violation from violations limit ${MAX_VIOLATIONS}`,
    );
    const samples = found.slice(0, MAX_SAMPLES).map(({ violation }) => violation);
    checks.push({ id, title, isOk: found.length === 0, violations: found.length, samples });
  }
  return { checkedAt: now, isOk: checks.every(({ isOk }) => isOk), checks };
}
