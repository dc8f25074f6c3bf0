import { rawSql } from '@tessera/service-kit/persistence';
import { lockPayment } from '../payment/lock-payment.ts';
import type { Act } from '../services.ts';
import { closeReview } from './close-review.ts';
import { FraudReviewEntity } from './fraud-review.entity.ts';

const BATCH = 20;

/** Rejects what nobody has decided about in time: money is not kept in doubt for ever. Answers whether there may be more. */
export async function lapseReviews(act: Act): Promise<boolean> {
  const rows = await rawSql<{ id: string; payment_id: string }>(
    act.em,
    `select r.id, r.payment_id from fraud_reviews r join payments p on p.id = r.payment_id
     where r.state = 'OPEN' and r.review_until <= $1::timestamptz order by r.opened_at, r.id limit ${BATCH} for update of p skip locked`,
    [act.now.toISOString()],
  );
  for (const { id, payment_id } of rows) {
    const subject = await lockPayment(act, { id: payment_id });
    // Read again under the lock: somebody may have decided in between.
    const review = await act.em.findOne(FraudReviewEntity, { id, state: 'OPEN' });
    if (subject && review) await closeReview(subject, review, { state: 'LAPSED', note: null }, act);
  }
  return rows.length === BATCH;
}
