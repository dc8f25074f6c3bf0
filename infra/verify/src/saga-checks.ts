import { type Check, sqlCheck } from './check.ts';

/** What is due is seen to by workers that look every second or so: later than this, they do not. */
const GRACE_SECONDS = 60;
/** Longer than the ledger is asked again for an answer: six times, over ten and a half minutes. */
const MAX_REFUND_SECONDS = 900;

const ago = (seconds: number): string => `now() - interval '${seconds} seconds'`;
const saga = (service: 'orders' | 'payments', id: string, title: string, sql: string): Check => sqlCheck(service, 'I9', id, title, sql);

/** Everything that was begun ends: by an answer, by its deadline, or in front of a person. */
export const sagaChecks: readonly Check[] = [
  saga(
    'orders',
    'orders-end-by-deadline',
    `no order waits for its money ${GRACE_SECONDS} s beyond its deadline`,
    `select format('order %s waits for its money, its deadline was %s', id, expires_at) as violation
     from orders where state = 'PENDING_PAYMENT' and expires_at < ${ago(GRACE_SECONDS)}`,
  ),
  saga(
    'orders',
    'steps-answered-or-resent',
    `no step waits for an answer ${GRACE_SECONDS} s beyond the time to ask again`,
    `select format('step %s of order %s was due at %s, after %s attempts', name, order_id, next_attempt_at, attempts) as violation
     from saga_steps where state = 'WAITING' and (next_attempt_at < ${ago(GRACE_SECONDS)} or next_attempt_at is null)`,
  ),
  saga(
    'orders',
    'steps-need-nobody',
    'no step of an order needs a person',
    `select format('step %s of order %s needs attention since %s: %s', name, order_id, coalesce(finished_at, started_at), note) as violation
     from saga_steps where state = 'NEEDS_ATTENTION'`,
  ),
  saga(
    'orders',
    'ended-orders-gave-back',
    'an order that ended without its goods keeps no money, unless a step says that it is on its way back',
    `select format('order %s (%s) keeps %s of %s captured', o.id, o.state, o.captured_minor - o.refunded_minor, o.captured_minor) as violation
     from orders o where o.state in ('CANCELLED', 'EXPIRED') and o.captured_minor > o.refunded_minor
       and not exists (select from saga_steps s where s.order_id = o.id and s.name = 'REFUND_PAYMENT' and s.state in ('WAITING', 'NEEDS_ATTENTION'))
       and greatest(o.closed_at, (select max(h.at) from order_history h where h.order_id = o.id)) < ${ago(GRACE_SECONDS)}`,
  ),
  saga(
    'payments',
    'payments-end-by-deadline',
    `no payment is neither taken nor given up ${GRACE_SECONDS} s beyond its deadline and its last change, unless its provider does not answer`,
    `select format('payment %s of order %s is %s (asked for: %s), its deadline was %s', id, order_id, state, wish, deadline) as violation
     from payments p where state in ('PENDING', 'REQUIRES_ACTION', 'AUTHORISED') and greatest(deadline, updated_at) < ${ago(GRACE_SECONDS)}
       and not exists (select from provider_calls c where c.payment_id = p.id and c.state in ('DUE', 'SENT') and c.failures > 0)`,
  ),
  saga(
    'payments',
    'refunds-end',
    `no refund is on its way for more than ${MAX_REFUND_SECONDS} s, or to a card longer than the ledger holds its money`,
    `select format('refund %s of payment %s is on its way since %s', id, payment_id, coalesce(asked_at, created_at)) as violation
     from refunds r left join lateral (
       select max((c.payload ->> 'pendingUntil')::timestamptz) as until from ledger_commands c
       where c.payment_id = r.payment_id and c.refund_id = r.id and c.type = 'PostingRequested') held on true
     where r.state = 'PENDING' and coalesce(held.until + interval '${GRACE_SECONDS} seconds',
       coalesce(r.asked_at, r.created_at) + interval '${MAX_REFUND_SECONDS} seconds') < now()`,
  ),
  saga(
    'payments',
    'commands-answered-or-resent',
    `no command to the ledger waits ${GRACE_SECONDS} s beyond the time to ask again`,
    `select format('%s for payment %s was due at %s, after %s sendings', type, payment_id, due_at, sends) as violation
     from ledger_commands where answered_at is null and due_at < ${ago(GRACE_SECONDS)}`,
  ),
  saga(
    'payments',
    'payments-need-nobody',
    'no payment needs a person',
    `select format('payment %s of order %s needs attention: %s', id, order_id, attention_reason) as violation from payments where needs_attention`,
  ),
];
