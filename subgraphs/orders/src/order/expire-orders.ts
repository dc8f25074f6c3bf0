import { randomUUID } from 'node:crypto';
import { type UnitOfWork, unitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Platform } from '@tessera/service-kit/subgraph';
import { type Act, actOfService } from '../cause.ts';
import { putOffStep } from '../saga/steps.ts';
import { expireOrder } from './close-order.ts';
import { loadLines, lockOrder } from './order.load.ts';

const BATCH = 20;

interface Means {
  readonly answerDeadlineMs: number;
  readonly log: Pick<Platform['log'], 'error'>;
}

/**
 * Ends orders whose money did not come in time, by the clock of the database. Each in a transaction of its own: one that cannot be ended
 * holds up no other, is shown to a person, and tried again later.
 */
export async function expireOrders({ em, now }: UnitOfWork, means: Means): Promise<boolean> {
  const due = await rawSql<{ id: string }>(
    em,
    `select id from orders where state = 'PENDING_PAYMENT' and expires_at <= clock_timestamp() and not exists (
       select from saga_steps where order_id = orders.id and name = 'RELEASE_STOCK' and next_attempt_at > clock_timestamp())
     order by expires_at limit ${BATCH}`,
  );
  const apart = (work: (act: Act) => Promise<void>) => {
    const origin = { actor: 'service:orders', correlationId: randomUUID(), causationId: null, traceparent: null, now };
    return unitOfWork(em, origin, (unit) => work(actOfService(unit)));
  };
  for (const { id } of due) {
    try {
      await apart((act) => expireDue(act, id, means));
    } catch (error) {
      means.log.error({ err: error, orderId: id }, 'an order cannot be ended');
      await apart((act) => putOff(act, id, means));
    }
  }
  return due.length === BATCH;
}

/** Replicas share the work by SKIP LOCKED; what was paid or ended since it was listed is left alone. */
async function expireDue(act: Act, id: string, means: Means): Promise<void> {
  const [due] = await rawSql(
    act.em,
    `select id from orders where id = $1 and state = 'PENDING_PAYMENT' and expires_at <= clock_timestamp() for update skip locked`,
    [id],
  );
  const order = due && (await lockOrder(act.em, id));
  if (order) await expireOrder(act, order, await loadLines(act.em, id), means);
}

async function putOff(act: Act, id: string, { answerDeadlineMs }: Means): Promise<void> {
  const order = await lockOrder(act.em, id);
  if (order?.state === 'PENDING_PAYMENT') await putOffStep(act, id, 'RELEASE_STOCK', 'the order cannot be ended', answerDeadlineMs);
}
