import type Stripe from 'stripe';
import type { OpenRefund, RefundReport } from '../provider-adapter.ts';
import { fromStripe, toStripe } from './amounts.ts';
import { idOf } from './attempt-report.ts';
import { ask, declineReason } from './errors.ts';
import { PAGE_SIZE, searchFor } from './lists.ts';
import { isReplayed } from './requests.ts';

const MAX_REFUNDS_SEARCHED = 1_000;

export async function openRefund(stripe: Stripe, request: OpenRefund, key: string): Promise<RefundReport> {
  const { refundId, paymentId, intentId } = request;
  const metadata = { refund_id: refundId, payment_id: paymentId };
  const { amount } = toStripe(request.amount);
  const refund = await ask(() => stripe.refunds.create({ payment_intent: intentId, amount, metadata }, { idempotencyKey: key }));
  // What is kept for the key is how the refund was then.
  return isReplayed(refund) ? await readRefund(stripe, refund.id) : reportOf(refund);
}

export async function readRefund(stripe: Stripe, providerRefundId: string): Promise<RefundReport> {
  return reportOf(await ask(() => stripe.refunds.retrieve(providerRefundId)));
}

export async function findRefund(stripe: Stripe, { refundId, intentId }: OpenRefund): Promise<RefundReport | null> {
  const refund = await searchFor(
    () => stripe.refunds.list({ payment_intent: intentId, limit: PAGE_SIZE }),
    ({ metadata }) => metadata?.refund_id === refundId,
    MAX_REFUNDS_SEARCHED,
  );
  return refund && reportOf(refund);
}

function reportOf({ id, status, failure_reason: failure, amount, currency, payment_intent: intent }: Stripe.Refund): RefundReport {
  const facts = { providerRefundId: id, intentId: idOf(intent), amount: fromStripe({ amount, currency }) };
  if (status === 'succeeded') return { ...facts, state: 'SUCCEEDED', reason: null };
  if (status === 'failed') return { ...facts, state: 'FAILED', reason: failure ? declineReason({ code: failure }) : 'UNKNOWN' };
  if (status === 'canceled') return { ...facts, state: 'FAILED', reason: 'CANCELLED' };
  return { ...facts, state: 'PENDING', reason: null };
}
