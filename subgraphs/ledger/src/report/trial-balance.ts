import { Money } from '@tessera/service-kit/graphql';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { AccountKind } from '../engine/index.ts';
import type { TrialBalance, TrialBalanceLine, TrialBalanceTotal } from './trial-balance.type.ts';

/** Counted from the transfers, not from the counters of the accounts: one does not prove itself. */
const LINES = `
  select a.kind, a.currency, count(distinct a.id)::int as accounts, sum(s.debit)::text as debits, sum(s.credit)::text as credits
  from (
    select debit_account_id as account_id, amount_minor::numeric as debit, 0 as credit, created_at from transfers where state = 'POSTED'
    union all
    select credit_account_id, 0, amount_minor::numeric, created_at from transfers where state = 'POSTED'
  ) s join accounts a on a.id = s.account_id
  where s.created_at <= $1::timestamptz and ($2::text is null or a.currency = $2)
  group by a.kind, a.currency order by a.currency, a.kind`;

export async function trialBalance(em: EntityManager, asOf: Date, currency: string | null): Promise<TrialBalance> {
  const rows = await rawSql<{ kind: AccountKind; currency: string; accounts: number; debits: string; credits: string }>(em, LINES, [
    asOf.toISOString(),
    currency,
  ]);
  const lines = rows.map(
    (row): TrialBalanceLine => ({
      kind: row.kind,
      currency: row.currency,
      accounts: row.accounts,
      debits: new Money(row.currency, BigInt(row.debits)),
      credits: new Money(row.currency, BigInt(row.credits)),
    }),
  );
  return { asOf, lines, totals: totalsOf(lines) };
}

function totalsOf(lines: readonly TrialBalanceLine[]): TrialBalanceTotal[] {
  const currencies = [...new Set(lines.map((line) => line.currency))];
  return currencies.map((currency) => {
    const own = lines.filter((line) => line.currency === currency);
    const debits = own.reduce((sum, line) => sum + line.debits.minor, 0n);
    const credits = own.reduce((sum, line) => sum + line.credits.minor, 0n);
    return { currency, debits: new Money(currency, debits), credits: new Money(currency, credits), isBalanced: debits === credits };
  });
}
