import { DisputeEntity } from '../dispute/dispute.entity.ts';
import { escrowOf } from '../ledger/accounts.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import { type SplitPart, splitRefund } from '../payment/split.ts';
import type { Act } from '../services.ts';
import { RefundEntity } from './refund.entity.ts';

/**
 * Who gives the money back: each account that got a part of the capture, in proportion to what refunds and lost disputes have left it. The
 * caller holds the payment's lock. @param exceptId the refund or dispute that this is for
 */
export async function splitOfReturn(payment: PaymentEntity, amountMinor: bigint, exceptId: string, { em }: Act): Promise<SplitPart[]> {
  const where = { paymentId: payment.id, id: { $ne: exceptId }, state: { $ne: 'FAILED' }, strayAttemptId: null } as const;
  const refunds = await em.find(RefundEntity, where);
  const disputes = await em.find(DisputeEntity, { paymentId: payment.id, id: { $ne: exceptId }, state: 'LOST' });
  const earlier = [...refunds, ...disputes].map(({ split }) => split);
  return splitRefund(payment.currency, amountMinor, payment.split ?? [], earlier);
}

/** Who gives it back; what came for an attempt that was over has waited in escrow, and is nobody's. */
export async function splitOfRefund(
  payment: PaymentEntity,
  { id, amountMinor, strayAttemptId }: RefundEntity,
  act: Act,
): Promise<SplitPart[]> {
  if (strayAttemptId) return [{ account: escrowOf(payment.currency), minor: amountMinor.toString() }];
  return splitOfReturn(payment, amountMinor, id, act);
}

/** What the ledger is asked to move for a refund, or for one that comes back, is told apart by these. */
export function refundCodeOf({ strayAttemptId }: RefundEntity): 'REFUND' | 'STRAY_REFUND' {
  return strayAttemptId ? 'STRAY_REFUND' : 'REFUND';
}
