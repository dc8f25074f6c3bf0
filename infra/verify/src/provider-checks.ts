import { type Check, sqlCheck } from './check.ts';

/** What is due is seen to by workers that look every second or so: later than this, they do not. */
const GRACE_SECONDS = 60;
/** The most that `PAYMENTS_MAX_PROVIDER_FAILURES` can be: a call that failed more often in a row is tried for ever. */
const MAX_FAILURES = 100;
/** Webhooks may wait for a provider that is down, not for longer than this. */
const MAX_INBOX_SECONDS = 3_600;

const ago = (seconds: number): string => `now() - interval '${seconds} seconds'`;
const payments = (invariant: string, id: string, title: string, sql: string): Check => sqlCheck('payments', invariant, id, title, sql);

/** What providers were asked and what they told: everything is seen to, or in front of a person. */
export const providerChecks: readonly Check[] = [
  payments(
    'I9',
    'unknown-attempts-pursued',
    'an attempt whose outcome is unknown is being asked about, or a person knows of it',
    `select format('attempt %s of payment %s is UNKNOWN since %s, and nobody asks', a.id, p.id, a.updated_at) as violation
     from payment_attempts a join payments p on p.id = a.payment_id
     where a.state = 'UNKNOWN' and not p.needs_attention and a.updated_at < ${ago(GRACE_SECONDS)}
       and not exists (select from provider_calls c where c.payment_id = p.id and c.attempt_id = a.id and c.state in ('DUE', 'SENT'))
       and not exists (select from ledger_commands c where c.payment_id = p.id and c.attempt_id = a.id and c.due_at is not null)`,
  ),
  payments(
    'I9',
    'provider-calls-made',
    `no call to a provider waits ${GRACE_SECONDS} s beyond the time to make it (again)`,
    `select format('%s %s to %s was due at %s, after %s sendings: %s', kind, id, provider, due_at, sends, last_error) as violation
     from provider_calls where state in ('DUE', 'SENT') and (due_at < ${ago(GRACE_SECONDS)} or due_at is null)`,
  ),
  payments(
    'I15',
    'provider-calls-bounded',
    `a call to a provider that was given up, or failed over ${MAX_FAILURES} times in a row, is known to a person until it is over`,
    `select format('%s %s to %s is %s after %s failures: %s', c.kind, c.id, c.provider, c.state, c.failures, c.last_error) as violation
     from provider_calls c left join payments p on p.id = c.payment_id
     where p.needs_attention is not true and (c.state in ('DUE', 'SENT') and c.failures > ${MAX_FAILURES} or c.state = 'GIVEN_UP' and p.id is not null
       and not exists (select from payment_attempts a where a.id = c.attempt_id and a.state in ('SUCCEEDED', 'FAILED'))
       and not exists (select from refunds r where r.id = c.refund_id and r.state in ('SUCCEEDED', 'FAILED')))`,
  ),
  payments(
    'I15',
    'webhooks-handled',
    `no event of a provider waits for over ${MAX_INBOX_SECONDS} s, nor is one that was parked forgotten`,
    `select format('%s %s of %s, received at %s, is %s and was due at %s, after %s tries', type, event_id, provider, received_at, state, due_at, tries) as violation
     from webhook_inbox
     where state = 'RECEIVED' and received_at < ${ago(MAX_INBOX_SECONDS)}
        or state = 'PARKED' and (due_at < ${ago(MAX_INBOX_SECONDS)} or due_at is null)`,
  ),
];
