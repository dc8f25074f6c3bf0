import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../services.ts';
import { lockPayment } from './lock-payment.ts';
import { bounded } from './record.ts';
import { settle } from './settle.ts';

/** The order is over: nothing is taken any more. A void that overtook its payment is kept for it. */
export async function onVoidRequested({ payload }: ReceivedEvent<'VoidRequested'>, act: Act): Promise<void> {
  const reason = bounded(payload.reason);
  const subject = await lockPayment(act, { id: payload.paymentId });
  if (subject) return settle(subject, { kind: 'VOID_WANTED', reason }, act);
  await rawSql(
    act.em,
    'insert into early_voids (payment_id, reason, received_at) values ($1, $2, $3::timestamptz) on conflict (payment_id) do nothing',
    [payload.paymentId, reason, act.now.toISOString()],
  );
}
