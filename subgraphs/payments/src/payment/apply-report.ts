import { unreachable } from '@tessera/service-kit/errors';
import type { AttemptEntity } from '../attempt/attempt.entity.ts';
import { postFee } from '../provider/card/captured.ts';
import { returnStray } from '../provider/card/stray.ts';
import type { AttemptReport } from '../provider/provider-adapter.ts';
import type { Act } from '../services.ts';
import type { LockedPayment } from './lock-payment.ts';
import type { PaymentEntity } from './payment.entity.ts';
import { PaymentEventEntity } from './payment-event.entity.ts';
import { startNextAttempt } from './payment-retry.ts';
import { alarmOnce } from './record.ts';
import { settle } from './settle.ts';

/** Why a payment needs attention. */
const AMOUNT_MISMATCH = 'AMOUNT_MISMATCH';

type Succeeded = Extract<AttemptReport, { kind: 'SUCCEEDED' }>;

/**
 * Brings a locked payment up to what the provider says of one of its attempts. May be told the same any number of times, and late: only a
 * change has an effect. @returns whether this is the provider's last word about the attempt
 */
export async function applyReport(subject: LockedPayment, reported: AttemptEntity, report: AttemptReport, act: Act): Promise<boolean> {
  noteIds(reported, report, act.now);
  if (reported.id !== subject.attempt.id) return applyToEarlier(subject, reported, report, act);
  switch (report.kind) {
    case 'PROCESSING':
      return false;
    case 'ACTION_REQUIRED':
      reported.clientUrl = report.action.url ?? reported.clientUrl ?? null;
      reported.clientSecret = report.action.clientSecret ?? reported.clientSecret ?? null;
      reported.lastDecline = report.lastDecline ?? reported.lastDecline ?? null;
      await settle(subject, { kind: 'ACTION_REQUIRED' }, act);
      return false;
    case 'SUCCEEDED':
      return succeed(subject, report, act);
    case 'CLOSED':
      if (subject.payment.nextAttempt && subject.payment.wish !== 'VOID') await startNextAttempt(subject, act);
      else await settle(subject, subject.payment.wish === 'VOID' ? { kind: 'VOIDED' } : { kind: 'REFUSED', reason: report.reason }, act);
      return true;
    default:
      return unreachable(report);
  }
}

function noteIds(attempt: AttemptEntity, { sessionId, intentId }: AttemptReport, now: Date): void {
  if (attempt.sessionId === sessionId && attempt.intentId === intentId) return;
  attempt.sessionId ??= sessionId;
  attempt.intentId ??= intentId;
  attempt.updatedAt = now;
}

/** A new attempt begins only when the one before it cannot bring money any more: if it does all the same, that goes back. */
async function applyToEarlier({ payment }: LockedPayment, earlier: AttemptEntity, report: AttemptReport, act: Act): Promise<boolean> {
  if (report.kind !== 'SUCCEEDED') return report.kind === 'CLOSED';
  if (isAsAsked(payment, report)) return takeStray(payment, earlier, report, act);
  earlier.chargeId ??= report.chargeId;
  await alarmOnce(payment, AMOUNT_MISMATCH, act);
  return true;
}

async function takeStray(payment: PaymentEntity, attempt: AttemptEntity, report: Succeeded, act: Act): Promise<boolean> {
  const isNews = !(await isBooked(payment, attempt, act));
  const isFeeNews = attempt.feeMinor === null && report.fee !== null;
  noteCharge(attempt, report);
  if (isNews) await returnStray(payment, attempt, act);
  else if (isFeeNews) postFee({ payment, attempt }, act);
  return report.fee !== null;
}

/** By the event, which is of the same commit as the posting: that the charge is known says no more than that somebody has heard of it. */
async function isBooked({ id: paymentId }: PaymentEntity, { id: attemptId }: AttemptEntity, { em }: Act): Promise<boolean> {
  return (await em.count(PaymentEventEntity, { paymentId, attemptId, kind: 'STRAY_CAPTURED' })) > 0;
}

function isAsAsked({ currency, amountMinor }: PaymentEntity, { amount }: Succeeded): boolean {
  return amount.currency === currency && amount.minor === amountMinor;
}

async function succeed(subject: LockedPayment, report: Succeeded, act: Act): Promise<boolean> {
  const { payment, attempt } = subject;
  if (!isAsAsked(payment, report)) {
    // It is not what was asked for: the attempt is over, its money is for a person to give back, and the order may be paid otherwise.
    attempt.chargeId ??= report.chargeId;
    await alarmOnce(payment, AMOUNT_MISMATCH, act);
    await settle(subject, { kind: 'REFUSED', reason: AMOUNT_MISMATCH }, act);
    return true;
  }
  // It was closed at the provider, for good, and money came all the same.
  if (payment.state === 'FAILED' || payment.state === 'VOIDED') return takeStray(payment, attempt, report, act);
  const isFeeNews = attempt.feeMinor === null && report.fee !== null;
  noteCharge(attempt, report);
  const wasCaptured = payment.state === 'CAPTURED';
  await settle(subject, { kind: 'CAPTURED' }, act);
  if (wasCaptured && isFeeNews) postFee(subject, act);
  return report.fee !== null;
}

function noteCharge(attempt: AttemptEntity, { chargeId, card, fee, amount }: Succeeded): void {
  attempt.chargeId = chargeId;
  attempt.cardBrand = card?.brand ?? null;
  attempt.cardLast4 = card?.last4 ?? null;
  attempt.cardFingerprint = card?.fingerprint ?? null;
  attempt.cardCountry = card?.country ?? null;
  if (!fee || attempt.feeMinor !== null) return;
  attempt.feeMinor = fee.minor;
  attempt.feeCurrency = fee.currency === amount.currency ? null : fee.currency;
}
