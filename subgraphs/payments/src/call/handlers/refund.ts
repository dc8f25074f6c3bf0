import { ensure } from '@tessera/service-kit/errors';
import { AttemptEntity } from '../../attempt/attempt.entity.ts';
import { referenceOf } from '../../ledger/accounts.ts';
import { sendCommand } from '../../ledger/send-command.ts';
import { lockPayment } from '../../payment/lock-payment.ts';
import { PaymentEntity } from '../../payment/payment.entity.ts';
import { alarm, alarmOnce } from '../../payment/record.ts';
import { CARD_PROVIDER } from '../../provider/card/card-provider.ts';
import type { OpenRefund, RefundReport } from '../../provider/provider-adapter.ts';
import { adoptRefund, UNKNOWN_REFUND } from '../../refund/adopt-refund.ts';
import { failRefund, succeedRefund } from '../../refund/ask-refund.ts';
import { RefundEntity } from '../../refund/refund.entity.ts';
import { returnRefund } from '../../refund/return-refund.ts';
import type { Act } from '../../services.ts';
import { type AfterCall, type CallHandler, type CallMeans, DONE } from '../call-handler.ts';
import { lookAgainAt } from '../look-again.ts';
import type { ProviderCallEntity } from '../provider-call.entity.ts';
import { PROVIDER_SILENT } from '../silence.ts';
import { askOrFind } from './ask-or-find.ts';

/** Banks take days. */
const LOOKS = { firstMs: 60_000, maxMs: 6 * 3_600_000 };

/**
 * Gives money back the way it came. Once the provider knows the refund, the same call reads how it goes, until it has ended. A call without a
 * refund of ours reads one that somebody made at the provider.
 */
export const refundCall: CallHandler = {
  perform: async (call, means) => {
    const report = await ask(call, means);
    return (act) => (call.refundId ? apply(call, report, act) : adopt(call, report, act));
  },
  refused: async (call, reason, act) => {
    if (!call.refundId) return alarmOnce(await lockPaymentOf(call, act), UNKNOWN_REFUND, act);
    const { payment, refund } = await lockRefund(call, act);
    if (refund.state === 'PENDING') end(payment, refund, { isDone: false, reason }, act);
  },
  givenUp: async (call, act) => alarm(await lockPaymentOf(call, act), PROVIDER_SILENT, act),
};

async function ask(call: ProviderCallEntity, { adapter, em, isKeyStale }: CallMeans): Promise<RefundReport> {
  if (!call.refundId) return adapter.readRefund(ensure(call.subjectId, 'what the provider calls the refund'));
  const refund = await em.findOneOrFail(RefundEntity, call.refundId);
  if (refund.providerRefundId) return adapter.readRefund(refund.providerRefundId);
  const payment = await em.findOneOrFail(PaymentEntity, refund.paymentId);
  const attempt = await em.findOneOrFail(AttemptEntity, refund.strayAttemptId ?? payment.currentAttemptId);
  const request: OpenRefund = {
    refundId: refund.id,
    paymentId: payment.id,
    intentId: ensure(attempt.intentId, 'what the provider calls the payment'),
    amount: { currency: payment.currency, minor: refund.amountMinor },
  };
  return askOrFind(call, isKeyStale, { ask: (key) => adapter.refund(request, key), find: () => adapter.findRefund(request) });
}

async function apply(call: ProviderCallEntity, report: RefundReport, act: Act): Promise<AfterCall> {
  const { payment, refund } = await lockRefund(call, act);
  refund.providerRefundId ??= report.providerRefundId;
  if (report.state === 'PENDING') return { kind: 'AGAIN', at: lookAgainAt(refund.createdAt, act.now, LOOKS) };
  const isDone = report.state === 'SUCCEEDED';
  const reason = report.reason ?? 'REFUND_FAILED';
  if (refund.state === 'PENDING') end(payment, refund, { isDone, reason }, act);
  else if (refund.state === 'SUCCEEDED' && !isDone) await returnRefund(payment, refund, { provider: call.provider, reason }, act);
  else if (refund.state === 'FAILED' && isDone) await alarmOnce(payment, 'REFUND_SUCCEEDED_AFTER_ALL', act);
  return DONE;
}

async function adopt(call: ProviderCallEntity, report: RefundReport, act: Act): Promise<AfterCall> {
  if (report.state === 'PENDING') return { kind: 'AGAIN', at: lookAgainAt(call.createdAt, act.now, LOOKS) };
  if (report.state === 'SUCCEEDED') await adoptRefund(await lockPaymentOf(call, act), report, call.provider, act);
  return DONE;
}

/** What was set aside in the ledger is posted or given back, as one with the refund's own end. */
function end(
  payment: PaymentEntity,
  refund: RefundEntity,
  { isDone, reason }: { readonly isDone: boolean; readonly reason: string },
  act: Act,
): void {
  const outcome = isDone ? 'POST' : 'VOID';
  const known = refund.providerRefundId;
  const factKey = known ? `${CARD_PROVIDER.toLowerCase()}:refund:${known}:${isDone ? 'succeeded' : 'failed'}` : `refund-void:${refund.id}`;
  const payload = { factKey, pendingFactKey: `refund-hold:${refund.id}`, outcome, ...referenceOf(payment) } as const;
  sendCommand(act, { type: 'PostingResolutionRequested', refundId: refund.id, payload });
  if (isDone) succeedRefund(payment, refund, act);
  else failRefund(payment, refund, reason, act);
}

async function lockPaymentOf({ paymentId }: ProviderCallEntity, act: Act): Promise<PaymentEntity> {
  return ensure(await lockPayment(act, { id: ensure(paymentId, 'the payment of a call') }), 'the payment of a refund').payment;
}

async function lockRefund(call: ProviderCallEntity, act: Act) {
  const payment = await lockPaymentOf(call, act);
  return { payment, refund: await act.em.findOneOrFail(RefundEntity, ensure(call.refundId, 'the refund of a call')) };
}
