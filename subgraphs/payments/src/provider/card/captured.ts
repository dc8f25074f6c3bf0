import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import { assessAttempt } from '../../fraud/assess-attempt.ts';
import { openReview } from '../../fraud/open-review.ts';
import { clearingOf, escrowOf, expensesOf, referenceOf } from '../../ledger/accounts.ts';
import { sendCommand } from '../../ledger/send-command.ts';
import type { LockedPayment } from '../../payment/lock-payment.ts';
import { factsOf } from '../../payment/record.ts';
import { shareLegs, splitCapture } from '../../payment/split.ts';
import { addRefund, askRefund } from '../../refund/ask-refund.ts';
import { refundableMinor } from '../../refund/refund.ts';
import type { Act } from '../../services.ts';
import { WalletEntity } from '../../wallet/wallet.entity.ts';

/** Why a capture may not stand. */
const WALLET_CLOSED = 'WALLET_CLOSED';

/**
 * The provider has the customer's money: it is booked whatever comes next, and the fraud rules, which know the card now, say who hears of it.
 * Runs once per payment, in the transaction that made it CAPTURED.
 */
export async function bookCapture(subject: LockedPayment, act: Act): Promise<void> {
  const assessment = await assessAttempt(subject, 'AFTER', act);
  const isReceivable = await isWalletOpen(subject.payment, act);
  postCapture(subject, isReceivable && assessment.outcome === 'ALLOW', act);
  postFee(subject, act);
  if (!isReceivable) return rejectCapture(subject, WALLET_CLOSED, act);
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

/**
 * The money may stand, if it is all there still: what was disputed or given back meanwhile buys nothing. The wallet of a top-up that was held
 * back gets it now.
 */
export async function releaseCapture(subject: LockedPayment, act: Act): Promise<void> {
  const { payment, attempt } = subject;
  const left = refundableMinor(payment);
  if (left <= 0n || (payment.topUpWalletId && left < payment.capturedMinor)) return rejectCapture(subject, 'MONEY_GONE', act);
  if (!(await isWalletOpen(payment, act))) return rejectCapture(subject, WALLET_CLOSED, act);
  if (payment.topUpWalletId && payment.split?.[0]?.account === escrowOf(payment.currency)) {
    moveTopUp(subject, { debit: escrowOf(payment.currency), credit: payment.topUpWalletId, factKey: `release:${attempt.id}` }, act);
  }
  tellCaptured(subject, act);
}

/** The wallet was closed in the moment in which its money came: that waits in escrow and goes back the way it came. */
export async function returnTopUp(subject: LockedPayment, refusedKey: string, act: Act): Promise<void> {
  const { payment, attempt } = subject;
  const escrow = escrowOf(payment.currency);
  if (refusedKey === captureKey(attempt)) {
    const debit = clearingOf(ensure(attempt.provider, 'the provider of an attempt'), payment.currency);
    moveTopUp(subject, { debit, credit: escrow, factKey: `${refusedKey}:escrow` }, act);
  } else {
    payment.split = [{ account: escrow, minor: payment.amountMinor.toString() }];
  }
  await rejectCapture(subject, WALLET_CLOSED, act);
}

interface TopUpMove {
  readonly debit: string;
  readonly credit: string;
  readonly factKey: string;
}

function moveTopUp({ payment, attempt }: LockedPayment, { debit, credit, factKey }: TopUpMove, act: Act): void {
  const amount = { currency: payment.currency, minor: payment.amountMinor.toString() };
  const payload = { factKey, legs: [{ debit, credit, amount, code: 'TOP_UP' }], pendingUntil: null, ...referenceOf(payment) };
  sendCommand(act, { type: 'PostingRequested', attemptId: attempt.id, payload });
  payment.split = [{ account: credit, minor: amount.minor }];
}

async function isWalletOpen({ topUpWalletId }: LockedPayment['payment'], { em }: Act): Promise<boolean> {
  return !topUpWalletId || (await em.count(WalletEntity, { id: topUpWalletId, isClosed: false })) > 0;
}

/** The money may not stand. An order ends and asks for it back by itself; a top-up has nobody else to do that. */
export async function rejectCapture({ payment }: LockedPayment, reason: string, act: Act): Promise<void> {
  if (payment.orderId) {
    act.publish({ type: 'PaymentRejected', aggregateId: payment.id, payload: factsOf(payment, reason) });
    return;
  }
  const left = refundableMinor(payment);
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
function postCapture(subject: LockedPayment, isAllowed: boolean, act: Act): void {
  const { payment, attempt } = subject;
  const { currency, amountMinor, topUpWalletId } = payment;
  const escrow = escrowOf(currency);
  const debit = clearingOf(ensure(attempt.provider, 'the provider of an attempt'), currency);
  const factKey = captureKey(attempt);
  if (topUpWalletId) {
    moveTopUp(subject, { debit, credit: isAllowed ? topUpWalletId : escrow, factKey }, act);
    return;
  }
  payment.split = splitCapture(currency, payment.shares, act.settings.feeBasisPoints);
  const whole = { debit, credit: escrow, amount: { currency, minor: amountMinor.toString() }, code: 'ORDER_PAYMENT' };
  const payload = { factKey, legs: [whole, ...shareLegs(currency, payment.split)], pendingUntil: null, ...referenceOf(payment) };
  sendCommand(act, { type: 'PostingRequested', attemptId: attempt.id, payload });
}

/** What the provider kept of the charge, once that is known, in the currency that it kept it in; told again, it is posted no second time. */
export function postFee({ payment, attempt }: LockedPayment, act: Act): void {
  if (!attempt.feeMinor || !attempt.provider) return;
  const currency = attempt.feeCurrency ?? payment.currency;
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
export function captureKey({ provider, intentId, id }: LockedPayment['attempt']): string {
  return `${provider?.toLowerCase()}:payment_intent:${intentId ?? id}:succeeded`;
}
