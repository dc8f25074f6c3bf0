import { newId } from '@tessera/service-kit/ids';
import { AttemptEntity } from '../attempt/attempt.entity.ts';
import { clearingOf, referenceOf } from '../ledger/accounts.ts';
import { sendCommand } from '../ledger/send-command.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import { PaymentEventEntity } from '../payment/payment-event.entity.ts';
import { alarmOnce } from '../payment/record.ts';
import type { RefundReport } from '../provider/provider-adapter.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { Act } from '../services.ts';
import { addRefund, recordRefund, succeedRefund } from './ask-refund.ts';
import { RefundEntity } from './refund.entity.ts';
import { refundableMinor } from './refund.ts';
import { refundCodeOf, splitOfRefund } from './refund-split.ts';

/** Why a payment needs attention of which money went back that our books cannot take. */
export const UNKNOWN_REFUND = 'UNKNOWN_REFUND';

/**
 * Money that somebody gave back at the provider itself becomes a refund of ours, booked as it happened, so that it is given back once. What the
 * payment cannot bear any more is for a person. The caller holds the payment's lock; told again, it has no effect.
 */
export async function adoptRefund(payment: PaymentEntity, report: RefundReport, provider: ProviderName, act: Act): Promise<void> {
  const { providerRefundId, amount } = report;
  if ((await act.em.count(RefundEntity, { providerRefundId })) > 0) return;
  const source = await sourceOf(payment, report, act);
  const isBearable = amount.currency === payment.currency && amount.minor <= source.leftMinor;
  if (!isBearable) return alarmOnce(payment, UNKNOWN_REFUND, act);

  const wish = { id: newId('refund'), amountMinor: amount.minor, destination: 'ORIGINAL', reason: 'Refunded at the provider' } as const;
  const refund = addRefund(payment, wish, act);
  refund.requestedBy = `provider:${provider.toLowerCase()}`;
  refund.providerRefundId = providerRefundId;
  refund.strayAttemptId = source.strayAttemptId;
  refund.askedAt = act.now;
  refund.split = await splitOfRefund(payment, refund, act);
  const credit = clearingOf(provider, payment.currency);
  const legs = refund.split.map(({ account, minor }) => ({
    ...{ debit: account, credit, amount: { currency: payment.currency, minor } },
    code: refundCodeOf(refund),
  }));
  const factKey = `${provider.toLowerCase()}:refund:${providerRefundId}:succeeded`;
  sendCommand(act, { type: 'PostingRequested', payload: { factKey, legs, pendingUntil: null, ...referenceOf(payment) } });
  recordRefund(payment, refund, 'REFUND_ASKED', { reason: refund.reason }, act);
  succeedRefund(payment, refund, act);
}

interface Source {
  readonly strayAttemptId: string | null;
  readonly leftMinor: bigint;
}

/** What the money was taken from: what the payment captured, or what came for an attempt that was over. Of any other nothing is booked. */
async function sourceOf(payment: PaymentEntity, { intentId }: RefundReport, { em }: Act): Promise<Source> {
  const attempt = intentId === null ? null : await em.findOne(AttemptEntity, { paymentId: payment.id, intentId });
  const isOwn = attempt === null || (attempt.id === payment.currentAttemptId && payment.state === 'CAPTURED');
  if (isOwn) return { strayAttemptId: null, leftMinor: payment.state === 'CAPTURED' ? refundableMinor(payment) : 0n };
  const events = await em.find(PaymentEventEntity, { paymentId: payment.id, attemptId: attempt.id, kind: 'STRAY_CAPTURED' });
  const refunds = await em.find(RefundEntity, { strayAttemptId: attempt.id, state: { $ne: 'FAILED' } });
  const sum = (amounts: readonly { readonly amountMinor: bigint }[]) => amounts.reduce((sofar, { amountMinor }) => sofar + amountMinor, 0n);
  return { strayAttemptId: attempt.id, leftMinor: sum(events) - sum(refunds) };
}
