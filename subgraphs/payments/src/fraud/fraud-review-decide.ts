import { LockMode } from '@mikro-orm/core';
import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { idOf } from '../input-rules.ts';
import { lockPayment } from '../payment/lock-payment.ts';
import { actOfUseCase, type PaymentsUseCaseContext } from '../services.ts';
import { closeReview } from './close-review.ts';
import { FraudReviewEntity } from './fraud-review.entity.ts';
import { FraudReviewClosed, FraudReviewDecided, type FraudReviewDecideInput, FraudReviewNotFound } from './fraud-review-decide.type.ts';

const rules = z.object({
  reviewId: idOf('fraudReview'),
  note: z
    .string()
    .max(500)
    .refine((text) => text.trim().length > 0, 'must not be blank'),
});

/** Releases captured money or sends it back. The payment is locked first, then the review: of two who decide at once, the second finds it closed. */
export async function fraudReviewDecide(input: FraudReviewDecideInput, context: PaymentsUseCaseContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const act = actOfUseCase(context);
  // Not remembered: it is read again under the lock.
  const found = await act.em.findOne(FraudReviewEntity, { id: input.reviewId }, { fields: ['paymentId'], disableIdentityMap: true });
  const subject = found && (await lockPayment(act, { id: found.paymentId }));
  if (!subject) return new FraudReviewNotFound();
  if (subject.payment.customerId === context.viewer.userId)
    return invalidField('reviewId', 'own_payment', 'Somebody else has to decide about a payment of yours.');

  const review = await act.em.findOneOrFail(FraudReviewEntity, { id: input.reviewId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (review.state !== 'OPEN') return new FraudReviewClosed(review.state);
  const state = input.decision === 'RELEASE' ? 'RELEASED' : 'REJECTED';
  await closeReview(subject, review, { state, note: input.note.trim() }, act);
  return new FraudReviewDecided(review.id);
}
