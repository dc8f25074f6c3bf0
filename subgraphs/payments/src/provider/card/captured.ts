import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import { assessAttempt } from '../../fraud/assess-attempt.ts';
import { openReview } from '../../fraud/open-review.ts';
import { sendCommand } from '../../ledger/send-command.ts';
import type { LockedPayment } from '../../payment/lock-payment.ts';
import { factsOf } from '../../payment/record.ts';
import { addRefund, askRefund } from '../../refund/ask-refund.ts';
import type { Act } from '../../services.ts';
import { escrowOf, feesOf, splitCapture } from '../wallet/split.ts';
import { clearingOf, expensesOf, referenceOf } from './accounts.ts';

/**
 * The provider has the customer's money: it is booked whatever comes next, and the fraud rules, which know the card now, say who hears of it.
 * Runs once per payment, in the transaction that made it CAPTURED.
 */
export async function bookCapture(subject: LockedPayment, act: Act): Promise<void> {
  const assessment = await assessAttempt(subject, 'AFTER', act);
  postCapture(subject, assessment.outcome === 'ALLOW', act);
  postFee(subject, act);
  switch (assessment.outcome) {
    case 'ALLOW':
      return tellCaptured(subject, act);
    case 'BLOCK':
      return rejectCapture(subject, 'RISK_BLOCKED', act);
    default: {
      const { reviewUntil } = await openReview(subject, assessment, act);
      if (!subject.payment.orderId) return;
      const payload = { ...factsOf(subject.payment, 'UNDER_REVIEW'), reviewUntil: reviewUntil.toISOString() };
      act.publish({ type: 'PaymentUnderReview', aggregateId: subject.payment.id, payload });
    }
  }
}

/** The money may stand. For a top-up that was held back, the wallet gets now what is left of it. */
export async function releaseCapture(subject: LockedPayment, act: Act): Promise<void> {
  const { payment, attempt } = subject;
  const { currency, topUpWalletId } = payment;
  const escrow = escrowOf(currency);
  const left = leftOf(payment);
  if (topUpWalletId && payment.split?.[0]?.account === escrow && left > 0n) {
    const minor = left.toString();
    const legs = [{ debit: escrow, credit: topUpWalletId, amount: { currency, minor }, code: 'TOP_UP' }];
    const payload = { factKey: `release:${attempt.id}`, legs, pendingUntil: null, ...referenceOf(payment) };
    sendCommand(act, { type: 'PostingRequested', attemptId: attempt.id, payload });
    const gone = payment.amountMinor - left;
    payment.split = [{ account: topUpWalletId, minor }, ...(gone > 0n ? [{ account: escrow, minor: gone.toString() }] : [])];
  }
  tellCaptured(subject, act);
}

/** What is neither on its way back nor disputed. */
function leftOf({ capturedMinor, refundingMinor, refundedMinor, disputedMinor }: LockedPayment['payment']): bigint {
  return capturedMinor - refundingMinor - refundedMinor - disputedMinor;
}

/** The money may not stand. An order ends and asks for it back by itself; a top-up has nobody else to do that. */
export async function rejectCapture({ payment }: LockedPayment, reason: string, act: Act): Promise<void> {
  if (payment.orderId) {
    act.publish({ type: 'PaymentRejected', aggregateId: payment.id, payload: factsOf(payment, reason) });
    return;
  }
  const left = leftOf(payment);
  if (left <= 0n) return;
  const refund = addRefund(payment, { id: newId('refund'), amountMinor: left, destination: 'ORIGINAL', reason }, act);
  await askRefund(payment, refund, act);
}

function tellCaptured({ payment }: LockedPayment, act: Act): void {
  if (payment.orderId) {
    act.publish({ type: 'PaymentCaptured', aggregateId: payment.id, payload: factsOf(payment, null) });
    return;
  }
  const { id: paymentId, customerId, currency, amountMinor } = payment;
  const walletId = ensure(payment.topUpWalletId, 'the wallet of a top-up');
  const amount = { currency, minor: amountMinor.toString() };
  act.publish({ type: 'TopUpCaptured', aggregateId: paymentId, payload: { paymentId, customerId, walletId, amount } });
}

/** A top-up that somebody has to look at waits in escrow, where it cannot be spent. */
function postCapture({ payment, attempt }: LockedPayment, isAllowed: boolean, act: Act): void {
  const { currency, amountMinor, topUpWalletId } = payment;
  const escrow = escrowOf(currency);
  const clearing = clearingOf(ensure(attempt.provider, 'the provider of an attempt'), currency);
  const whole = { currency, minor: amountMinor.toString() };
  const receiver = topUpWalletId && isAllowed ? topUpWalletId : escrow;
  payment.split = topUpWalletId
    ? [{ account: receiver, minor: whole.minor }]
    : splitCapture(currency, payment.shares, act.settings.feeBasisPoints);
  const shares = topUpWalletId
    ? []
    : payment.split.map(({ account, minor }) => ({
        debit: escrow,
        credit: account,
        amount: { currency, minor },
        code: account === feesOf(currency) ? 'PLATFORM_FEE' : 'VENDOR_SHARE',
      }));
  const legs = [{ debit: clearing, credit: receiver, amount: whole, code: topUpWalletId ? 'TOP_UP' : 'ORDER_PAYMENT' }, ...shares];
  const payload = { factKey: captureKey(attempt), legs, pendingUntil: null, ...referenceOf(payment) };
  sendCommand(act, { type: 'PostingRequested', attemptId: attempt.id, payload });
}

/** What the provider kept of the charge, once that is known; told again, it is posted no second time. */
export function postFee({ payment, attempt }: LockedPayment, act: Act): void {
  if (!attempt.feeMinor || !attempt.provider) return;
  const { currency } = payment;
  const leg = {
    debit: expensesOf(currency),
    credit: clearingOf(attempt.provider, currency),
    amount: { currency, minor: attempt.feeMinor.toString() },
    code: 'PROVIDER_FEE',
  };
  const payload = { factKey: `${attempt.provider.toLowerCase()}:charge:${attempt.chargeId}:fee`, legs: [leg], pendingUntil: null };
  sendCommand(act, { type: 'PostingRequested', attemptId: attempt.id, payload: { ...payload, ...referenceOf(payment) } });
}

/** Postings are keyed by the provider's fact: whoever tells of it, and however often, it is booked once. */
function captureKey({ provider, intentId, id }: LockedPayment['attempt']): string {
  return `${provider?.toLowerCase()}:payment_intent:${intentId ?? id}:succeeded`;
}
