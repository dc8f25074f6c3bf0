import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../services.ts';
import { clearingMoveOf } from './clearing-move.ts';

/** Keeps what the ledger moved on a provider's clearing account, to be compared with the provider's own books. Told again, it is one entry. */
export async function onClearingMoved(
  { payload, occurredAt }: ReceivedEvent<'TransferPosted'> | ReceivedEvent<'HoldPosted'>,
  { em }: Pick<Act, 'em'>,
): Promise<void> {
  const move = clearingMoveOf(payload);
  if (!move) return;
  await rawSql(
    em,
    `insert into clearing_entries (transfer_id, provider, fact_key, code, currency, amount_minor, balance_minor, payment_id, posted_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz) on conflict (transfer_id) do nothing`,
    [
      payload.transferId,
      move.provider,
      payload.factKey,
      payload.code,
      move.currency,
      move.amountMinor.toString(),
      move.balanceMinor.toString(),
      payload.paymentId,
      occurredAt,
    ],
  );
}
