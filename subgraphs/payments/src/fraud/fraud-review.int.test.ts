import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { FINDINGS, fraudStage, type PaymentIds } from '../../test/fraud-stage.ts';
import { openPayments, type PaymentsBed } from '../../test/payments-bed.ts';
import { lapseReviews } from './lapse-reviews.ts';

let bed: PaymentsBed;
let stage: ReturnType<typeof fraudStage>;
beforeAll(async () => {
  bed = await openPayments();
  stage = fraudStage(bed);
});
afterAll(() => bed.close());

const DECIDE = `mutation($input: FraudReviewDecideInput!) { fraudReviewDecide(input: $input) {
  __typename ... on FraudReviewDecided { review { id state note decidedBy { id } payment { id } } }
  ... on FraudReviewClosed { state code } ... on FraudReviewNotFound { code } ... on InvalidInput { issues { path code } } } }`;
const admin = actAs.admin();

type Outcome = Record<string, unknown> & { readonly __typename: string };
async function decide(input: object, { viewer = admin, key = newId('event') }: { viewer?: Viewer; key?: string } = {}): Promise<Outcome> {
  const { data, errors } = await bed.ask(viewer, DECIDE, { input: { decision: 'RELEASE', note: 'called them', ...input } }, { key });
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.fraudReviewDecide as Outcome; // an answer without errors has it
}

const told = async (payment: PaymentIds) => ({
  captured: (await bed.published('PaymentCaptured', payment)).length,
  rejected: (await bed.published('PaymentRejected', payment)).map(({ reason }) => reason),
});
const happened = async ({ paymentId }: PaymentIds) =>
  (
    await bed.sql<{ kind: string; actor: string }>('select kind, actor from payment_events where payment_id = $1 order by sequence', [
      paymentId,
    ])
  ).map(({ kind, actor }) => [kind, actor]);

describe('fraudReviewDecide', () => {
  it('lets the money stand, and tells of the capture once', async () => {
    const review = await stage.aReview();
    expect(await told(review)).toEqual({ captured: 0, rejected: [] });
    expect(await decide({ reviewId: review.reviewId, note: ' all good\n' })).toEqual({
      __typename: 'FraudReviewDecided',
      review: {
        id: review.reviewId,
        state: 'RELEASED',
        note: 'all good',
        decidedBy: { id: admin.userId },
        payment: { id: review.paymentId },
      },
    });
    expect(await told(review)).toEqual({ captured: 1, rejected: [] });
    expect(await happened(review)).toEqual([
      ['REVIEW_OPENED', 'service:payments'],
      ['REVIEW_RELEASED', admin.principal],
    ]);
  });

  it('rejects the money, and tells others a reason but never the note', async () => {
    const review = await stage.aReview();
    expect(await decide({ reviewId: review.reviewId, decision: 'REJECT' })).toMatchObject({ review: { state: 'REJECTED' } });
    expect(await told(review)).toEqual({ captured: 0, rejected: ['REVIEW_REJECTED'] });
    expect((await happened(review)).at(-1)).toEqual(['REVIEW_REJECTED', admin.principal]);
  });

  it('has one winner of two admins who decide at once', async () => {
    const review = await stage.aReview();
    const outcomes = await Promise.all(
      (['RELEASE', 'REJECT', 'RELEASE', 'REJECT'] as const).map((decision) =>
        decide({ reviewId: review.reviewId, decision }, { viewer: actAs.admin() }),
      ),
    );
    const winners = outcomes.filter(({ __typename }) => __typename === 'FraudReviewDecided');
    expect(winners).toHaveLength(1);
    const { state } = (winners[0] as unknown as { review: { state: string } }).review; // the winner's answer has it
    const losers = outcomes.filter((outcome) => outcome !== winners[0]);
    expect(losers).toEqual(losers.map(() => ({ __typename: 'FraudReviewClosed', code: 'FRAUD_REVIEW_CLOSED', state })));
    const { captured, rejected } = await told(review);
    expect(captured + rejected.length).toBe(1);
  });

  it('answers the same key alike, success and refusal, and does it once', async () => {
    const review = await stage.aReview();
    const input = { reviewId: review.reviewId };
    const first = await decide(input, { key: 'first' });
    expect(await decide(input, { key: 'first' })).toEqual(first);
    const second = await decide(input, { key: 'second' });
    expect(second).toMatchObject({ __typename: 'FraudReviewClosed', state: 'RELEASED' });
    expect(await decide(input, { key: 'second' })).toEqual(second);
    expect(await told(review)).toEqual({ captured: 1, rejected: [] });
  });

  it('rejects what was released when the money has gone back meanwhile: nothing is delivered for it', async () => {
    const review = await stage.aReview();
    await bed.sql('update payments set refunded_minor = captured_minor where id = $1', [review.paymentId]);
    expect(await decide({ reviewId: review.reviewId })).toMatchObject({ review: { state: 'RELEASED' } });
    expect(await told(review)).toEqual({ captured: 0, rejected: ['MONEY_GONE'] });
  });

  it('is not for whose payment it is', async () => {
    const review = await stage.aReview({ customerId: admin.userId });
    expect(await decide({ reviewId: review.reviewId }, { key: 'own' })).toEqual({
      __typename: 'InvalidInput',
      issues: [{ path: ['input', 'reviewId'], code: 'own_payment' }],
    });
    expect(await decide({ reviewId: review.reviewId }, { viewer: actAs.admin() })).toMatchObject({ review: { state: 'RELEASED' } });
  });

  it('refuses what is not there, and what breaks a rule', async () => {
    expect(await decide({ reviewId: newId('fraudReview') })).toEqual({ __typename: 'FraudReviewNotFound', code: 'FRAUD_REVIEW_NOT_FOUND' });
    const { reviewId } = await stage.aReview();
    for (const wrong of [{ note: ' \n' }, { note: 'x'.repeat(501) }, { reviewId: newId('payment') }])
      expect(await decide({ reviewId, ...wrong })).toMatchObject({ __typename: 'InvalidInput' });
  });

  it('needs payments:review', async () => {
    const { reviewId, customerId } = await stage.aReview();
    const input = { reviewId, decision: 'RELEASE', note: 'mine' };
    for (const viewer of [actAs.user(customerId), actAs.user(undefined, { scopes: ['payments:read', 'payments:refund'] })]) {
      const { errors } = await bed.ask(viewer, DECIDE, { input }, { key: 'x' });
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
  });
});

describe('fraudReviews', () => {
  const LIST = `query($where: FraudReviewWhere, $first: Int, $after: Cursor) { fraudReviews(where: $where, first: $first, after: $after) {
      totalCount edges { node { id score state reasons { rule weight detail } reviewUntil decidedAt decidedBy { id } note payment { id } } }
      pageInfo { hasNextPage endCursor } } }`;
  interface Page {
    readonly fraudReviews: {
      readonly totalCount: number;
      readonly edges: readonly { readonly node: { readonly id: string } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  }
  const list = async (variables: object = {}) => (await bed.data<Page>(admin, LIST, { ...variables })).fraudReviews;
  const idsOf = ({ edges }: Page['fraudReviews']) => edges.map(({ node }) => node.id);

  it('lists what is open, oldest first, page by page', async () => {
    await bed.sql(`update fraud_reviews set state = 'LAPSED', decided_at = now() where state = 'OPEN'`);
    const reviews = [await stage.aReview(), await stage.aReview(), await stage.aReview()];
    const closed = await stage.aReview();
    await decide({ reviewId: closed.reviewId, decision: 'REJECT' });
    const first = await list({ first: 2 });
    expect(first).toMatchObject({
      totalCount: 3,
      pageInfo: { hasNextPage: true },
      edges: [
        {
          node: {
            id: reviews[0]?.reviewId,
            score: 70,
            reasons: FINDINGS.reasons,
            state: 'OPEN',
            decidedAt: null,
            decidedBy: null,
            note: null,
            payment: { id: reviews[0]?.paymentId },
          },
        },
        { node: { id: reviews[1]?.reviewId } },
      ],
    });
    expect(idsOf(await list({ first: 2, after: first.pageInfo.endCursor }))).toEqual([reviews[2]?.reviewId]);
    expect(idsOf(await list({ where: { state: { eq: 'REJECTED' } }, first: 100 }))).toContain(closed.reviewId);
    expect(idsOf(await list({ where: { state: { in: ['OPEN', 'REJECTED'], eq: 'OPEN' } } }))).toHaveLength(3);
    expect(idsOf(await list({ where: { state: { in: [] } } }))).toEqual([]);
  });

  it('needs payments:review', async () => {
    expect((await bed.ask(actAs.user(undefined, { scopes: ['payments:read'] }), LIST)).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
  });
});

describe('a review that nobody decides', () => {
  it('lapses when its time is over, and its money is rejected, once', async () => {
    const [late, early, decided] = [await stage.aReview(), await stage.aReview(), await stage.aReview()];
    await decide({ reviewId: decided.reviewId });
    await bed.sql(`update fraud_reviews set review_until = now() - interval '1 second' where id = any($1::text[])`, [
      [late.reviewId, decided.reviewId],
    ]);
    await Promise.all([stage.within(lapseReviews), stage.within(lapseReviews)]);
    const isLapsed = `select from fraud_reviews where id = $1 and state = 'LAPSED'`;
    await eventually('the review lapses', async () => (await bed.sql(isLapsed, [late.reviewId])).length > 0);
    const states = await bed.sql(
      'select id, state, decided_by, note from fraud_reviews where id = any($1::text[]) order by opened_at, id',
      [[late.reviewId, early.reviewId, decided.reviewId]],
    );
    expect(states).toMatchObject([
      { id: late.reviewId, state: 'LAPSED', decided_by: 'service:payments', note: null },
      { id: early.reviewId, state: 'OPEN' },
      { id: decided.reviewId, state: 'RELEASED' },
    ]);
    expect(await told(late)).toEqual({ captured: 0, rejected: ['REVIEW_LAPSED'] });
    expect(await told(decided)).toEqual({ captured: 1, rejected: [] });
    expect((await happened(late)).at(-1)).toEqual(['REVIEW_REJECTED', 'service:payments']);
    expect(await decide({ reviewId: late.reviewId })).toMatchObject({ __typename: 'FraudReviewClosed', state: 'LAPSED' });
  });
});
