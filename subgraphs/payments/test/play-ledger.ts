import type { EventPayload } from '@tessera/schema/contract';
import { newId } from '@tessera/service-kit/ids';
import type { NewEvent } from '@tessera/service-kit/messaging';
import { type AnOrder, type PaymentsBed, postingCompleted } from './payments-bed.ts';

type Legs = EventPayload<'PostingRequested'>['legs'];

/** Plays the ledger: does what it was asked about an order and has not told yet, and tells. */
export async function playLedger(bed: PaymentsBed, order: AnOrder): Promise<void> {
  const rows = await bed.sql<{ fact_key: string; type: string; payload: Record<string, unknown> }>(
    'select fact_key, type, payload from ledger_commands where payment_id = $1 and answered_at is null order by created_at',
    [order.paymentId],
  );
  for (const { fact_key, payload, type } of rows) {
    const { legs, pendingUntil, pendingFactKey, outcome } = payload;
    if (type === 'PostingRequested' && !pendingUntil)
      await bed.tell(...(legs as Legs).map((leg) => moved('TransferPosted', order, fact_key, leg)));
    if (type === 'PostingResolutionRequested' && outcome === 'POST') {
      const [held] = await bed.sql<{ payload: { legs: Legs } }>('select payload from ledger_commands where fact_key = $1', [
        pendingFactKey,
      ]);
      await bed.tell(...(held?.payload.legs ?? []).map((leg) => moved('HoldPosted', order, fact_key, leg)));
    }
    await bed.tell(postingCompleted(fact_key));
  }
}

function moved(
  type: 'TransferPosted' | 'HoldPosted',
  { paymentId, orderId }: AnOrder,
  factKey: string,
  { debit, credit, amount, code }: Legs[number],
): NewEvent {
  const side = (address: string) => ({
    accountId: newId('account'),
    address,
    ownerId: null,
    sequence: 1,
    balance: amount,
    available: amount,
  });
  const transferId = newId('transfer');
  const payload = { transferId, factKey, code, amount, debit: side(debit), credit: side(credit), orderId, paymentId };
  if (type === 'TransferPosted') return { type, aggregateId: transferId, payload };
  const holdId = newId('hold');
  return { type, aggregateId: holdId, payload: { ...payload, holdId } };
}
