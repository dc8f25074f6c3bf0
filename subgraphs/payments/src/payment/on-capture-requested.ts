import { ensure } from '@tessera/service-kit/errors';
import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../services.ts';
import { lockPayment } from './lock-payment.ts';
import { alarm } from './record.ts';
import { settle } from './settle.ts';

const SECOND_CAPTURE = 'SECOND_CAPTURE';

/** Orders has confirmed: the money is taken. An order is captured once: the hold of a second payment is left to lapse. */
export async function onCaptureRequested({ payload }: ReceivedEvent<'CaptureRequested'>, act: Act): Promise<void> {
  await rawSql(act.em, 'select id from payments where order_id = $1 order by id for update', [payload.orderId]);
  const subject = ensure(await lockPayment(act, { id: payload.paymentId }), `payment ${payload.paymentId} of a capture`);
  if (!(await isOtherCaptured(payload.orderId, payload.paymentId, act))) return settle(subject, { kind: 'CAPTURE_WANTED' }, act);
  if (!(await isAlarmed(payload.paymentId, act))) alarm(subject.payment, SECOND_CAPTURE, act);
}

async function isOtherCaptured(orderId: string, paymentId: string, { em }: Act): Promise<boolean> {
  const rows = await rawSql(
    em,
    `select from payments where order_id = $1 and id <> $2 and (captured_minor > 0 or wish in ('CAPTURE', 'CAPTURE_ELSE_VOID')) limit 1`,
    [orderId, paymentId],
  );
  return rows.length > 0;
}

/** The command comes again until orders has an answer; a person is asked once. */
async function isAlarmed(paymentId: string, { em }: Act): Promise<boolean> {
  const rows = await rawSql(em, `select from payment_events where payment_id = $1 and kind = 'ATTENTION' and reason = $2 limit 1`, [
    paymentId,
    SECOND_CAPTURE,
  ]);
  return rows.length > 0;
}
