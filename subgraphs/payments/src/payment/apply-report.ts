import { unreachable } from '@tessera/service-kit/errors';
import type { AttemptEntity } from '../attempt/attempt.entity.ts';
import { postFee } from '../provider/card/captured.ts';
import type { AttemptReport } from '../provider/provider-adapter.ts';
import type { Act } from '../services.ts';
import type { LockedPayment } from './lock-payment.ts';
import { startNextAttempt } from './payment-retry.ts';
import { alarmOnce } from './record.ts';
import { settle } from './settle.ts';

/** Why a payment needs attention. */
const STRAY_CAPTURE = 'STRAY_CAPTURE';
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

/** A new attempt begins only when the one before it cannot bring money any more: if it does all the same, a person has to look. */
async function applyToEarlier({ payment }: LockedPayment, earlier: AttemptEntity, report: AttemptReport, act: Act): Promise<boolean> {
  if (report.kind === 'SUCCEEDED' && earlier.chargeId === null) {
    noteCharge(earlier, report);
    await alarmOnce(payment, STRAY_CAPTURE, act);
  }
  return report.kind === 'SUCCEEDED' || report.kind === 'CLOSED';
}

async function succeed(subject: LockedPayment, report: Succeeded, act: Act): Promise<boolean> {
  const { payment, attempt } = subject;
  if (report.amount.currency !== payment.currency || report.amount.minor !== payment.amountMinor) {
    // It is not what was asked for: the attempt is over, its money is for a person to give back, and the order may be paid otherwise.
    attempt.chargeId ??= report.chargeId;
    await alarmOnce(payment, AMOUNT_MISMATCH, act);
    await settle(subject, { kind: 'REFUSED', reason: AMOUNT_MISMATCH }, act);
    return true;
  }
  if (payment.state === 'FAILED' || payment.state === 'VOIDED') {
    // It was closed at the provider, for good: that money came all the same is for a person to see, and to give back.
    noteCharge(attempt, report);
    await alarmOnce(payment, STRAY_CAPTURE, act);
    return true;
  }
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
  if (fee && fee.currency === amount.currency) attempt.feeMinor ??= fee.minor;
}
