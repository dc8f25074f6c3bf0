import type { EventPayload } from '@tessera/schema/contract';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../cause.ts';
import { MAX_NOTE } from './history.ts';

/** Each refund counts once. @param isStray beside what the order captured @returns whether this is the first time that it is told */
export async function countRefund(
  { em, now }: Act,
  orderId: string,
  { refundId, refunded, reason }: EventPayload<'RefundSucceeded'>,
  isStray: boolean,
): Promise<boolean> {
  const counted = await rawSql(
    em,
    `insert into order_refunds (refund_id, order_id, amount_minor, reason, at, is_stray) values ($1, $2, $3, $4, $5, $6)
     on conflict (refund_id) do nothing returning refund_id`,
    [refundId, orderId, refunded.minor, reason?.slice(0, MAX_NOTE) || null, now, isStray],
  );
  return counted.length > 0;
}
