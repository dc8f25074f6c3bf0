/** What the composition root mounts. Other features take what they need from its file: this one leads back to them. */
import { FraudReviewDecidedResolver, FraudReviewResolver, PaymentFraudResolver } from './fraud.resolver.ts';
import { FraudAssessmentEntity } from './fraud-assessment.entity.ts';
import { FraudReviewEntity } from './fraud-review.entity.ts';

export { lapseReviews } from './lapse-reviews.ts';

export const fraudResolvers = [FraudReviewResolver, FraudReviewDecidedResolver, PaymentFraudResolver] as const;
export const fraudEntities = [FraudAssessmentEntity, FraudReviewEntity] as const;
