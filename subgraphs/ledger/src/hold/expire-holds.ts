import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import { type PostRequest, post } from '../engine/index.ts';
import { holdResolved } from './hold-events.ts';

const BATCH = 100;

/**
 * Gives back what is held past its deadline, by the database's clock. Replicas may run it at once: each skips what another has locked. The
 * fact key of the event is that of the request for the hold, because no command asked for the expiry.
 */
export async function expireHolds({ em, publish }: UnitOfWork): Promise<boolean> {
  const due = await rawSql<{ id: string; fact_key: string; order_id: string | null; payment_id: string | null }>(
    em,
    `select h.id, h.fact_key, h.order_id, h.payment_id from open_holds o join transfers h on h.id = o.hold_id
     where o.expires_at <= clock_timestamp() order by o.expires_at, o.hold_id limit ${BATCH} for update of o skip locked`,
  );
  const outcomes = await post(
    em,
    due.map(
      ({ id, order_id, payment_id }): PostRequest => ({
        scope: 'service:ledger/expire',
        key: id,
        legs: [{ kind: 'EXPIRE', holdId: id }],
        orderId: order_id,
        paymentId: payment_id,
        actor: 'service:ledger',
        traceparent: null,
      }),
    ),
  );
  for (const [index, outcome] of outcomes.entries()) {
    const factKey = due[index]?.fact_key ?? '';
    if (outcome.kind === 'POSTED') for (const transfer of outcome.transfers) publish(holdResolved({ ...transfer, factKey }));
  }
  return due.length === BATCH;
}
