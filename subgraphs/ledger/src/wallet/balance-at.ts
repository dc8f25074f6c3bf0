import { Money } from '@tessera/service-kit/graphql';
import { type EntityManager, type Prepared, rawSql } from '@tessera/service-kit/persistence';
import { sqlInstant } from '../sql-instant.ts';

const MILLISECOND = 1;

/** The balance after the last movement up to the instant: one look into each of two indexes, whatever the length of the history. */
export async function balanceAt(em: EntityManager, wallet: { readonly id: string; readonly currency: string }, time: Date): Promise<Money> {
  const after = sqlInstant(new Date(time.getTime() + MILLISECOND)); // transfers are timed in whole milliseconds
  const [last] = await rawSql<{ balance: string }>(em, BALANCE_AT, [wallet.id, after]);
  return new Money(wallet.currency, BigInt(last?.balance ?? 0));
}

/** Sequence and balance after the last movement of account `$1` before the instant of another parameter. */
export function lastSideBefore(instant: `$${number}`): string {
  const side = (name: 'debit' | 'credit') => `(
    select ${name}_sequence as sequence, ${name}_balance_after as balance from transfers
    where ${name}_account_id = $1 and ${name}_sequence is not null and created_at < ${instant}::timestamptz
    order by created_at desc, ${name}_sequence desc limit 1)`;
  return `select sequence, balance from (${side('debit')} union all ${side('credit')}) sides order by sequence desc limit 1`;
}

/** Planned once per connection: planning looks at every partition, running only at those before the instant. */
const BALANCE_AT: Prepared = { name: 'wallet_balance_at', text: lastSideBefore('$2') };
