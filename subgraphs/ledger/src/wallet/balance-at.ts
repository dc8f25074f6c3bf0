import { Money } from '@tessera/service-kit/graphql';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';

/** The balance after the last movement up to the instant: one look into each of two indexes, whatever the length of the history. */
export async function balanceAt(em: EntityManager, wallet: { readonly id: string; readonly currency: string }, time: Date): Promise<Money> {
  const [last] = await rawSql<{ balance: string }>(
    em,
    `select balance from (
       (select debit_sequence as sequence, debit_balance_after as balance from transfers
        where debit_account_id = $1 and debit_sequence is not null and created_at <= $2::timestamptz
        order by created_at desc, debit_sequence desc limit 1)
       union all
       (select credit_sequence, credit_balance_after from transfers
        where credit_account_id = $1 and credit_sequence is not null and created_at <= $2::timestamptz
        order by created_at desc, credit_sequence desc limit 1)
     ) sides order by sequence desc limit 1`,
    [wallet.id, time.toISOString()],
  );
  return new Money(wallet.currency, BigInt(last?.balance ?? 0));
}
