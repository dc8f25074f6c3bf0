import { RequiresScopes } from '@tessera/service-kit/access';
import { hasScope } from '@tessera/service-kit/identity';
import { ConnectionArgs, paginate } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { UserStub } from '../foreign/user.ts';
import { visiblePayment } from '../payment/payment.loader.ts';
import { Payment } from '../payment/payment.type.ts';
import type { PaymentsContext } from '../services.ts';
import { assessmentsOfPayment, reviewsWhere, visibleReview } from './fraud.loader.ts';
import { FraudAssessment, FraudReview, FraudReviewConnection, FraudReviewWhere } from './fraud.type.ts';
import { FraudReviewEntity } from './fraud-review.entity.ts';
import { fraudReviewDecide } from './fraud-review-decide.ts';
import { FraudReviewDecided, FraudReviewDecideInput, FraudReviewDecideResult } from './fraud-review-decide.type.ts';

const USER = 'user:';

@Resolver(() => FraudReview)
export class FraudReviewResolver {
  @RequiresScopes([['payments:review']])
  @Query(() => FraudReviewConnection, { description: 'Captured money that waits for a decision, oldest first; or what was decided.' })
  async fraudReviews(
    @Arg('where', () => FraudReviewWhere, { nullable: true, description: 'Which of them; the open ones when it is left out.' })
    where: FraudReviewWhere | null | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { em, cursorSecret }: PaymentsContext,
  ) {
    return new FraudReviewConnection(
      await paginate(em, {
        entity: FraudReviewEntity,
        where: reviewsWhere(where),
        sort: [{ property: 'openedAt', direction: 'asc' }],
        args,
        filter: where ?? null,
        secret: cursorSecret,
        toNode: (review) => new FraudReview(review),
      }),
    );
  }

  @RequiresScopes([['payments:review']])
  @Mutation(() => FraudReviewDecideResult, {
    description:
      'Lets captured money stand or sends it back; else FraudReviewNotFound, FraudReviewClosed, or InvalidInput for a payment of your own.',
  })
  fraudReviewDecide(
    @Arg('input', () => FraudReviewDecideInput, { description: 'Review, decision and why.' }) input: FraudReviewDecideInput,
    @Ctx() context: PaymentsContext,
  ) {
    return context.mutate(fraudReviewDecide, input);
  }

  @FieldResolver(() => Payment, { nullable: true, description: 'The payment that it holds back; null unless you may see it.' })
  payment(@Root() { paymentId }: FraudReview, @Ctx() context: PaymentsContext) {
    return context.load(visiblePayment, paymentId);
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who decided; null while it is OPEN and when it was no user.' })
  decidedBy(@Root() { decidedByPrincipal }: FraudReview): UserStub | null {
    return decidedByPrincipal?.startsWith(USER) ? new UserStub(decidedByPrincipal.slice(USER.length)) : null;
  }
}

/** The stored outcome holds the id; the review is read again for whoever asks now. */
@Resolver(() => FraudReviewDecided)
export class FraudReviewDecidedResolver {
  @FieldResolver(() => FraudReview, { nullable: true, description: 'The review, as it is now.' })
  review(@Root() { reviewId }: FraudReviewDecided, @Ctx() context: PaymentsContext) {
    return context.load(visibleReview, reviewId);
  }
}

@Resolver(() => Payment)
export class PaymentFraudResolver {
  @FieldResolver(() => [FraudAssessment], {
    nullable: true,
    description: 'What the fraud rules said, oldest first, at most two per attempt; null without payments:review or payments:read.',
  })
  async fraudAssessments(@Root() { id }: Payment, @Ctx() context: PaymentsContext): Promise<FraudAssessment[] | null> {
    const { viewer } = context;
    if (!hasScope(viewer, 'payments:review') && !hasScope(viewer, 'payments:read')) return null;
    return (await context.load(assessmentsOfPayment, id)) ?? [];
  }
}
