import type { FilterQuery } from '@mikro-orm/core';
import type { Loader } from '@tessera/service-kit/graphql';
import { hasScope } from '@tessera/service-kit/identity';
import { refusedWhere } from '@tessera/service-kit/pagination';
import type { PaymentsServices } from '../services.ts';
import { FraudAssessment, FraudReview, type FraudReviewWhere } from './fraud.type.ts';
import { FraudAssessmentEntity } from './fraud-assessment.entity.ts';
import { FraudReviewEntity } from './fraud-review.entity.ts';

const MAX_VALUES = 100;

/** Asked only for whoever may see them, below a payment that they may see. Oldest first. */
export const assessmentsOfPayment: Loader<FraudAssessment[], PaymentsServices> = {
  name: 'assessmentsOfPayment',
  batch: async (paymentIds, { em }) => {
    const orderBy = { assessedAt: 'asc', attemptId: 'asc', phase: 'desc' } as const;
    const assessments = await em.find(FraudAssessmentEntity, { paymentId: { $in: [...paymentIds] } }, { orderBy });
    const groups = Map.groupBy(assessments, ({ paymentId }) => paymentId);
    return new Map([...groups].map(([id, rows]) => [id, rows.map((row) => new FraudAssessment(row))]));
  },
};

export const visibleReview: Loader<FraudReview, PaymentsServices> = {
  name: 'visibleReview',
  batch: async (ids, { em, viewer }) => {
    if (!hasScope(viewer, 'payments:review')) return new Map();
    const reviews = await em.find(FraudReviewEntity, { id: { $in: [...ids] } });
    return new Map(reviews.map((review) => [review.id, new FraudReview(review)]));
  },
};

/** The queue, unless states are named. @throws TesseraError BAD_USER_INPUT for too many of them */
export function reviewsWhere(where: FraudReviewWhere | null | undefined): FilterQuery<FraudReviewEntity> {
  const { eq, in: among } = where?.state ?? {};
  if (!eq && !among) return { state: 'OPEN' };
  if (among && among.length > MAX_VALUES) throw refusedWhere(`in takes at most ${MAX_VALUES} states.`);
  return { $and: [...(eq ? [{ state: eq }] : []), ...(among ? [{ state: { $in: [...among] } }] : [])] };
}
