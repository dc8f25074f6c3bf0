import { ensure } from '@tessera/service-kit/errors';
import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { fromWire } from '@tessera/service-kit/money';
import { lockPayment } from '../payment/lock-payment.ts';
import { factsOf } from '../payment/record.ts';
import type { Act } from '../services.ts';
import { addRefund, askRefund } from './ask-refund.ts';
import { knownRefunds } from './known-refunds.ts';
import { RefundEntity } from './refund.entity.ts';
import { decideRefund } from './refund.ts';

/** Orders wants money to go back. One that arrives before its capture waits for it. */
export async function onRefundRequested({ payload }: ReceivedEvent<'RefundRequested'>, act: Act): Promise<void> {
  const { payment } = ensure(await lockPayment(act, { id: payload.paymentId }), `payment ${payload.paymentId} of a refund`);
  if (await act.em.count(RefundEntity, { id: payload.refundId })) return;

  const decision = decideRefund(payment, positive(payload.amount), await knownRefunds(payment.id, act.em));
  if (decision.outcome !== 'REFUND' && decision.outcome !== 'WAIT') {
    const refusal = { ...factsOf(payment, decision.outcome), refundId: payload.refundId, refunded: payload.amount };
    act.publish({ type: 'RefundFailed', aggregateId: payment.id, payload: refusal });
    return;
  }
  const { refundId: id, destination, reason } = payload;
  const refund = addRefund(payment, { id, amountMinor: decision.amountMinor, destination, reason }, act);
  if (decision.outcome === 'REFUND') await askRefund(payment, refund, act);
}

function positive(wire: { readonly currency: string; readonly minor: string }) {
  const amount = fromWire(wire);
  return ensure(amount.minor > 0n ? amount : null, 'a positive amount to refund');
}
