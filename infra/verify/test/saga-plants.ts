import type { Plant } from './plants.ts';

const PAST = `now() - interval '5 minutes'`;
const LONG_PAST = `now() - interval '20 minutes'`;
const AHEAD = `now() + interval '5 minutes'`;

const anOrder = (id: string, state: string, expiresAt: string, captured = 0, refunded = 0) =>
  [
    'orders',
    `insert into orders (id, state, expires_at, closed_at, captured_minor, refunded_minor) values ('${id}', '${state}', ${expiresAt}, ${PAST}, ${captured}, ${refunded})`,
  ] as const;
const aStep = (order: string, state: string, nextAttemptAt: string, name = 'CAPTURE_PAYMENT') =>
  [
    'orders',
    `insert into saga_steps (order_id, name, state, attempts, started_at, next_attempt_at) values ('${order}', '${name}', '${state}', 1, ${PAST}, ${nextAttemptAt})`,
  ] as const;
const aPayment = (id: string, state: string, deadline: string, updatedAt = PAST) =>
  [
    'payments',
    `insert into payments (id, order_id, state, wish, deadline, updated_at, needs_attention) values ('${id}', 'o', '${state}', 'NONE', ${deadline}, ${updatedAt}, false)`,
  ] as const;
const aRefund = (id: string, state: string, askedAt: string, createdAt = LONG_PAST) =>
  [
    'payments',
    `insert into refunds (id, payment_id, state, created_at, asked_at) values ('${id}', 'p', '${state}', ${createdAt}, ${askedAt})`,
  ] as const;
const aCommand = (key: string, dueAt: string, answeredAt = 'null') =>
  [
    'payments',
    `insert into ledger_commands (fact_key, type, payment_id, sends, due_at, answered_at) values ('${key}', 'HoldRequested', 'p', 1, ${dueAt}, ${answeredAt})`,
  ] as const;
const aHoldFor = (refund: string, until: string) =>
  [
    'payments',
    `insert into ledger_commands (fact_key, type, payment_id, refund_id, payload) values ('hold for ${refund}', 'PostingRequested', 'p', '${refund}', jsonb_build_object('pendingUntil', ${until}))`,
  ] as const;

export const sagaPlants: readonly Plant[] = [
  {
    check: 'orders-end-by-deadline',
    how: 'nobody ends an order whose money did not come',
    healthy: [
      anOrder('paid', 'CONFIRMED', PAST),
      anOrder('waits', 'PENDING_PAYMENT', AHEAD),
      anOrder('just late', 'PENDING_PAYMENT', 'now()'),
    ],
    broken: [anOrder('forgotten', 'PENDING_PAYMENT', PAST)],
  },
  {
    check: 'steps-answered-or-resent',
    how: 'nobody sends a command again',
    healthy: [aStep('done', 'DONE', 'null'), aStep('waits', 'WAITING', AHEAD)],
    broken: [aStep('forgotten', 'WAITING', PAST)],
  },
  {
    check: 'steps-answered-or-resent',
    how: 'a step waits without a time to ask again',
    healthy: [aStep('waits', 'WAITING', AHEAD)],
    broken: [aStep('forgotten', 'WAITING', 'null')],
  },
  {
    check: 'steps-need-nobody',
    how: 'a step was given up',
    healthy: [aStep('failed', 'FAILED', 'null')],
    broken: [aStep('given up', 'NEEDS_ATTENTION', 'null')],
  },
  {
    check: 'ended-orders-gave-back',
    how: 'a cancelled order is paid and nobody asked for a refund',
    healthy: [
      anOrder('refunded', 'CANCELLED', PAST, 100, 100),
      anOrder('on its way', 'CANCELLED', PAST, 100),
      aStep('on its way', 'WAITING', AHEAD, 'REFUND_PAYMENT'),
    ],
    broken: [anOrder('kept', 'EXPIRED', PAST, 100, 40)],
  },
  {
    check: 'payments-end-by-deadline',
    how: 'the money of an order that is over is held for ever',
    healthy: [
      aPayment('taken', 'CAPTURED', PAST),
      aPayment('held', 'AUTHORISED', AHEAD),
      aPayment('just asked', 'AUTHORISED', PAST, 'now()'),
      aPayment('provider is down', 'REQUIRES_ACTION', PAST),
      ['payments', `insert into provider_calls (id, payment_id, state, failures) values ('c', 'provider is down', 'DUE', 1)`],
    ],
    broken: [aPayment('forgotten', 'AUTHORISED', PAST)],
  },
  {
    check: 'payments-end-by-deadline',
    how: 'the page of a provider stays open and is only looked at',
    broken: [
      aPayment('looked at', 'REQUIRES_ACTION', PAST),
      ['payments', `insert into provider_calls (id, payment_id, state, failures) values ('c', 'looked at', 'DUE', 0)`],
    ],
  },
  {
    check: 'refunds-end',
    how: 'a refund that was asked for gets no answer',
    healthy: [aRefund('given', 'SUCCEEDED', LONG_PAST), aRefund('asked again', 'PENDING', PAST)],
    broken: [aRefund('lost', 'PENDING', LONG_PAST)],
  },
  {
    check: 'refunds-end',
    how: 'a refund waits for a capture that never comes',
    healthy: [aRefund('waits', 'PENDING', 'null', PAST)],
    broken: [aRefund('lost', 'PENDING', 'null')],
  },
  {
    check: 'refunds-end',
    how: 'a refund to a card is on its way when the ledger has let go of its money',
    healthy: [aRefund('held', 'PENDING', LONG_PAST), aHoldFor('held', AHEAD)],
    broken: [aRefund('lost', 'PENDING', LONG_PAST), aHoldFor('lost', PAST)],
  },
  {
    check: 'commands-answered-or-resent',
    how: 'nobody asks the ledger again',
    healthy: [aCommand('answered', 'null', PAST), aCommand('waits', AHEAD)],
    broken: [aCommand('forgotten', PAST)],
  },
  {
    check: 'payments-need-nobody',
    how: 'the ledger contradicts itself',
    healthy: [aPayment('p', 'CAPTURED', PAST)],
    broken: [['payments', `update payments set needs_attention = true, attention_reason = 'LEDGER_CONTRADICTION'`]],
  },
];
