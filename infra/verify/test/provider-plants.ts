import type { Service } from '../src/ask.ts';
import type { Plant } from './plants.ts';

type Statement = readonly [Service, string];

const OLD = `now() - interval '5 minutes'`;
const LONG_AGO = `now() - interval '2 hours'`;
const AHEAD = `now() + interval '5 minutes'`;

const inPayments = (sql: string): Statement => ['payments', sql];
const anUnknown = (id: string, isKnown: boolean, updatedAt = OLD): Statement[] => [
  inPayments(`insert into payments (id, needs_attention) values ('payment of ${id}', ${isKnown})`),
  inPayments(
    `insert into payment_attempts (id, payment_id, state, updated_at) values ('${id}', 'payment of ${id}', 'UNKNOWN', ${updatedAt})`,
  ),
];
const aCall = (id: string, state: string, dueAt: string, more: Readonly<Record<string, string>> = {}): Statement => {
  const all = { id, state, kind: 'OPEN_ATTEMPT', provider: 'STRIPE', failures: '0', sends: '1', ...more };
  return inPayments(
    `insert into provider_calls (${Object.keys(all).join(', ')}, due_at, created_at) values (${Object.values(all)
      .map((value) => `'${value}'`)
      .join(', ')}, ${dueAt}, ${OLD})`,
  );
};
const about = (attempt: string) => ({ attempt_id: attempt, payment_id: `payment of ${attempt}` });
const aWebhook = (id: string, state: string, receivedAt: string, dueAt = 'null'): Statement =>
  inPayments(
    `insert into webhook_inbox (provider, event_id, type, state, tries, received_at, due_at) values ('STRIPE', '${id}', 'charge.succeeded', '${state}', 1, ${receivedAt}, ${dueAt})`,
  );

export const providerPlants: readonly Plant[] = [
  {
    check: 'unknown-attempts-pursued',
    how: 'nobody finds out what became of an attempt',
    healthy: [
      ...anUnknown('known', true),
      ...anUnknown('just now', false, 'now()'),
      ...anUnknown('asked about', false),
      aCall('c', 'SENT', AHEAD, about('asked about')),
      ...anUnknown('asked of the ledger', false),
      inPayments(
        `insert into ledger_commands (fact_key, payment_id, attempt_id, due_at) values ('k', 'payment of asked of the ledger', 'asked of the ledger', ${AHEAD})`,
      ),
    ],
    broken: [...anUnknown('forgotten', false), aCall('d', 'DONE', 'null', about('forgotten'))],
  },
  {
    check: 'provider-calls-made',
    how: 'nobody makes a call that is due',
    healthy: [aCall('done', 'DONE', 'null'), aCall('waits', 'DUE', AHEAD), aCall('given up', 'GIVEN_UP', 'null')],
    broken: [aCall('forgotten', 'SENT', OLD)],
  },
  {
    check: 'provider-calls-bounded',
    how: 'a call is given up and no person knows',
    healthy: [
      ...anUnknown('known', true),
      aCall('c1', 'GIVEN_UP', 'null', about('known')),
      aCall('of a saved card', 'GIVEN_UP', 'null'),
      ...anUnknown('told by a webhook', false),
      inPayments(`update payment_attempts set state = 'SUCCEEDED' where id = 'told by a webhook'`),
      aCall('c2', 'GIVEN_UP', 'null', about('told by a webhook')),
    ],
    broken: [...anUnknown('lost', false), aCall('c3', 'GIVEN_UP', 'null', about('lost'))],
  },
  {
    check: 'provider-calls-bounded',
    how: 'a call is tried for ever',
    healthy: [...anUnknown('a', false), aCall('patient', 'DUE', AHEAD, { ...about('a'), failures: '100' })],
    broken: [aCall('endless', 'DUE', AHEAD, { ...about('a'), failures: '101' })],
  },
  {
    check: 'webhooks-handled',
    how: 'an event was answered and never looked at',
    healthy: [
      aWebhook('new', 'RECEIVED', OLD, OLD),
      aWebhook('done', 'DONE', LONG_AGO),
      aWebhook('dead', 'DEAD', LONG_AGO),
      aWebhook('parked', 'PARKED', LONG_AGO, AHEAD),
    ],
    broken: [aWebhook('forgotten', 'RECEIVED', LONG_AGO, LONG_AGO)],
  },
  {
    check: 'webhooks-handled',
    how: 'an event about something unknown is never looked at again',
    healthy: [aWebhook('parked', 'PARKED', LONG_AGO, AHEAD)],
    broken: [aWebhook('forgotten', 'PARKED', LONG_AGO, LONG_AGO)],
  },
];
