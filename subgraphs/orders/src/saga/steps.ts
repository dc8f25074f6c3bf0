import type { EventPayload } from '@tessera/schema/contract';
import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../cause.ts';
import type { OrderEntity } from '../order/order.entity.ts';
import { commandId, type StepName, type StepState, stepKey, waitMs } from './saga.ts';

export type PaymentCommandType = 'PaymentRequested' | 'CaptureRequested' | 'VoidRequested' | 'RefundRequested';

/** A command to payments, as it is kept to be sent again. */
export type PaymentCommand = {
  readonly [T in PaymentCommandType]: { readonly type: T; readonly payload: EventPayload<T> };
}[PaymentCommandType];

/** Records a step that is done within this transaction: the first time that it is, or after it was put off. */
export async function recordStep({ em, now, traceId }: Act, orderId: string, name: StepName, note: string | null = null): Promise<void> {
  const recorded = await rawSql(
    em,
    `insert into saga_steps as s (order_id, name, key, state, attempts, note, trace_id, started_at, finished_at)
     values ($1, $2, $3, 'DONE', 1, $4, $5, $6, $6)
     on conflict (order_id, name) do update set state = 'DONE', attempts = s.attempts + 1, note = excluded.note, trace_id = excluded.trace_id,
       finished_at = excluded.finished_at, next_attempt_at = null
       where s.state = 'NEEDS_ATTENTION'
     returning name`,
    [orderId, name, stepKey(orderId, name), note, traceId, now],
  );
  if (recorded.length === 0) throw new InvariantViolation(`${name} of order ${orderId} was done before`);
}

/** Asks for a person to look at a step of our own that failed, and puts it off: longer each time. */
export async function putOffStep(
  { em, now, traceId }: Act,
  orderId: string,
  name: StepName,
  note: string,
  answerDeadlineMs: number,
): Promise<void> {
  const [step] = await rawSql<{ attempts: number }>(
    em,
    `insert into saga_steps as s (order_id, name, key, state, attempts, note, trace_id, started_at)
     values ($1, $2, $3, 'NEEDS_ATTENTION', 1, $4, $5, $6)
     on conflict (order_id, name) do update set attempts = s.attempts + 1, note = excluded.note, trace_id = excluded.trace_id
       where s.state = 'NEEDS_ATTENTION'
     returning attempts`,
    [orderId, name, stepKey(orderId, name), note, traceId, now],
  );
  if (!step) return;
  await rawSql(
    em,
    `update saga_steps set next_attempt_at = clock_timestamp() + $3 * interval '1 millisecond' where order_id = $1 and name = $2`,
    [orderId, name, waitMs(step.attempts, answerDeadlineMs)],
  );
}

export interface Request {
  readonly name: StepName;
  readonly command: PaymentCommand;
  readonly amountMinor: bigint | null;
  readonly note?: string | null;
  readonly answerDeadlineMs: number;
}

/**
 * Sends a command to payments and keeps the step waiting for its answer; a step that ran before runs once more. Commands travel under the
 * id of the payment, so that they neither overtake each other nor leave gaps in the sequence of the order's events.
 */
export async function requestStep(
  act: Act,
  order: OrderEntity,
  { name, command, amountMinor, note = null, answerDeadlineMs }: Request,
): Promise<void> {
  const [step] = await rawSql<{ attempts: number }>(
    act.em,
    `insert into saga_steps as s (order_id, name, key, state, attempts, amount_minor, currency, note, command, trace_id, started_at, next_attempt_at)
     values ($1, $2, $3, 'WAITING', 1, $4, $5, $6, $7::jsonb, $8, $9, clock_timestamp() + $10 * interval '1 millisecond')
     on conflict (order_id, name) do update set state = 'WAITING', attempts = s.attempts + 1, amount_minor = excluded.amount_minor,
       note = excluded.note, command = excluded.command, trace_id = excluded.trace_id, finished_at = null, next_attempt_at = excluded.next_attempt_at
     returning attempts`,
    [
      order.id,
      name,
      stepKey(order.id, name),
      amountMinor?.toString() ?? null,
      order.currency,
      note,
      JSON.stringify(command),
      act.traceId,
      act.now,
      waitMs(1, answerDeadlineMs),
    ],
  );
  const paymentId = ensure(order.paymentId, 'the payment of an order that is paid');
  act.publish({ ...command, aggregateId: paymentId, id: commandId(order.id, name, ensure(step, 'the step just written').attempts) });
}

/** Notes the answer to a step; nothing happens where it was never asked for, or is done: what was declined may still be paid later. */
export async function finishStep(
  { em, now }: Act,
  orderId: string,
  name: StepName,
  state: Exclude<StepState, 'WAITING'>,
  note: string | null = null,
): Promise<void> {
  await rawSql(
    em,
    `update saga_steps set state = $3, finished_at = $4, next_attempt_at = null, note = coalesce($5, note)
     where order_id = $1 and name = $2 and state <> 'DONE'`,
    [orderId, name, state, now, note],
  );
}

/** What went well turns out not to have: a step that is done has failed after all. */
export async function overturnStep({ em, now }: Act, orderId: string, name: StepName, note: string): Promise<void> {
  await rawSql(
    em,
    `update saga_steps set state = 'FAILED', finished_at = $3, next_attempt_at = null, note = $4 where order_id = $1 and name = $2`,
    [orderId, name, now, note],
  );
}

/** A refund of ours that was done is not after all, and no command can mend it; that of somebody else is no step. */
export async function overturnRefund({ em, now }: Act, orderId: string, refundId: string, note: string): Promise<void> {
  await rawSql(
    em,
    `update saga_steps set state = 'NEEDS_ATTENTION', finished_at = $3, next_attempt_at = null, note = $4
     where order_id = $1 and name = 'REFUND_PAYMENT' and command -> 'payload' ->> 'refundId' = $2`,
    [orderId, refundId, now, note],
  );
}

/** Payments has the command and waits for the customer: it is not sent again before the order gives up waiting. */
export async function restStep({ em }: Act, orderId: string, name: StepName, until: Date, note: string): Promise<void> {
  await rawSql(
    em,
    `update saga_steps set state = 'WAITING', finished_at = null, next_attempt_at = greatest(next_attempt_at, $3), note = $4
     where order_id = $1 and name = $2 and state in ('WAITING', 'NEEDS_ATTENTION')`,
    [orderId, name, until, note],
  );
}

/** Asks for a person: the step ended in a way that no command can mend, or went well to no avail. */
export async function flagStep({ em, now, traceId }: Act, orderId: string, name: StepName, note: string): Promise<void> {
  await rawSql(
    em,
    `insert into saga_steps (order_id, name, key, state, attempts, note, trace_id, started_at, finished_at)
     values ($1, $2, $3, 'NEEDS_ATTENTION', 1, $4, $5, $6, $6)
     on conflict (order_id, name) do update set state = 'NEEDS_ATTENTION', finished_at = $6, next_attempt_at = null, note = $4`,
    [orderId, name, stepKey(orderId, name), note, traceId, now],
  );
}
