import { DisputeEntity } from '../dispute/dispute.entity.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import { type SplitPart, splitRefund } from '../payment/split.ts';
import type { Act } from '../services.ts';
import { RefundEntity } from './refund.entity.ts';

/**
 * Who gives the money back: each account that got a part of the capture, in proportion to what refunds and lost disputes have left it. The
 * caller holds the payment's lock. @param exceptId the refund or dispute that this is for
 */
export async function splitOfReturn(payment: PaymentEntity, amountMinor: bigint, exceptId: string, { em }: Act): Promise<SplitPart[]> {
  const refunds = await em.find(RefundEntity, { paymentId: payment.id, id: { $ne: exceptId }, state: { $ne: 'FAILED' } });
  const disputes = await em.find(DisputeEntity, { paymentId: payment.id, id: { $ne: exceptId }, state: 'LOST' });
  const earlier = [...refunds, ...disputes].map(({ split }) => split);
  return splitRefund(payment.currency, amountMinor, payment.split ?? [], earlier);
}
