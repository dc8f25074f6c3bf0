import { Money } from '@tessera/service-kit/graphql';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { AccountKind } from '../engine/index.ts';
import { sqlInstant } from '../sql-instant.ts';
import { MOVEMENTS } from './movements.ts';
import type { TrialBalance, TrialBalanceLine, TrialBalanceTotal } from './trial-balance.type.ts';

const MILLISECOND = 1;

const NEWEST_SUBTOTALS = 'select max(until_at) as until_at from trial_balance_subtotals where until_at <= $1::timestamptz';

/** The subtotals made until `$1`, and what moved since. */
const LINES = `
  select kind, currency, sum(accounts)::text as accounts, sum(debits)::text as debits, sum(credits)::text as credits
  from (
    select kind, currency, accounts, debits, credits from trial_balance_subtotals
    where until_at = $1::timestamptz and ($3::text is null or currency = $3)
    union all ${MOVEMENTS}
  ) parts group by kind, currency order by currency, kind`;

/**
 * Counted from the transfers, not from the counters of the accounts: one does not prove itself. What lies before the newest subtotals is not counted
 * again, so that the length of the history does not matter.
 */
export async function trialBalance(em: EntityManager, asOf: Date, currency: string | null): Promise<TrialBalance> {
  const before = sqlInstant(new Date(asOf.getTime() + MILLISECOND)); // transfers are timed in whole milliseconds
  const [newest] = await rawSql<{ until_at: string | null }>(em, NEWEST_SUBTOTALS, [before]);
  const rows = await rawSql<Record<'currency' | 'accounts' | 'debits' | 'credits', string> & { kind: AccountKind }>(em, LINES, [
    newest?.until_at ?? '-infinity',
    before,
    currency,
  ]);
  const lines = rows.map(
    (row): TrialBalanceLine => ({
      kind: row.kind,
      currency: row.currency,
      accounts: Number(row.accounts),
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
