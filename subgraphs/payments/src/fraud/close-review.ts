import { unreachable } from '@tessera/service-kit/errors';
import type { LockedPayment } from '../payment/lock-payment.ts';
import { bounded, record } from '../payment/record.ts';
import { rejectCapture, releaseCapture } from '../provider/card/captured.ts';
import type { Act } from '../services.ts';
import type { FraudReviewState } from './fraud.ts';
import type { FraudReviewEntity } from './fraud-review.entity.ts';

/** Others get this word, not the note: it may say what a thief must not read. */
const REJECTED = 'REVIEW_REJECTED';
const LAPSED = 'REVIEW_LAPSED';

/**
 * Ends an OPEN review, and with it what others have not been told yet. The caller holds the payment's lock and has seen the review OPEN under
 * it: so this happens once, also to a payment whose order has ended meanwhile, which asks for late money back by itself.
 */
export async function closeReview(
  subject: LockedPayment,
  review: FraudReviewEntity,
  { state, note }: { readonly state: Exclude<FraudReviewState, 'OPEN'>; readonly note: string | null },
  act: Act,
): Promise<void> {
  review.state = state;
  review.decidedBy = act.actor;
  review.decidedAt = act.now;
  review.note = note === null ? null : bounded(note);
  const kind = state === 'RELEASED' ? 'REVIEW_RELEASED' : 'REVIEW_REJECTED';
  record(subject.payment, { kind, attemptId: review.attemptId, reason: note ?? LAPSED }, act);
  switch (state) {
    case 'RELEASED':
      return releaseCapture(subject, act);
    case 'REJECTED':
      return rejectCapture(subject, REJECTED, act);
    case 'LAPSED':
      return rejectCapture(subject, LAPSED, act);
    default:
      return unreachable(state);
  }
}
