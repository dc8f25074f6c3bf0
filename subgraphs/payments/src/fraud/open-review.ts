import { newId } from '@tessera/service-kit/ids';
import type { LockedPayment } from '../payment/lock-payment.ts';
import { record } from '../payment/record.ts';
import type { Act } from '../services.ts';
import type { Assessment } from './fraud.ts';
import { FraudReviewEntity } from './fraud-review.entity.ts';

/** Puts captured money before a person, once per attempt. The caller holds the payment's lock, and tells nobody of the capture until it is released. */
export async function openReview(
  { payment, attempt }: LockedPayment,
  { score, reasons }: Pick<Assessment, 'score' | 'reasons'>,
  act: Act,
): Promise<FraudReviewEntity> {
  const known = await act.em.findOne(FraudReviewEntity, { attemptId: attempt.id });
  if (known) return known;

  const review = act.em.create(FraudReviewEntity, {
    id: newId('fraudReview'),
    paymentId: payment.id,
    attemptId: attempt.id,
    score,
    reasons,
    state: 'OPEN',
    decidedBy: null,
    note: null,
    openedAt: act.now,
    reviewUntil: new Date(act.now.getTime() + act.settings.reviewWindowMs),
    decidedAt: null,
  });
  act.em.persist(review);
  const findings = reasons.map(({ rule }) => rule).join(', ');
  record(payment, { kind: 'REVIEW_OPENED', attemptId: attempt.id, reason: `${score}: ${findings}` }, act);
  return review;
}
