import { createHmac, randomUUID } from 'node:crypto';
import type { BenchedPlatform } from './platform.ts';
import { WEBHOOK_SECRET } from './platform.ts';

/** Attempts that are open at the provider; each event makes payments read one of them again. */
const ATTEMPTS = 100;
const AMOUNT = 4_200;

export interface OpenAttempt {
  readonly attemptId: string;
  readonly intent: Readonly<Record<string, unknown>>;
}

/** Payments in the middle of their way, here and at the provider. */
export async function openAttempts(platform: BenchedPlatform): Promise<readonly OpenAttempt[]> {
  const attempts: OpenAttempt[] = [];
  for (let number = 0; number < ATTEMPTS; number += 1) {
    const attemptId = `att_bench${String(number).padStart(21, '0')}`;
    const intent = await openIntent(platform, attemptId);
    await platform.ask(PAYMENT, [`pay_bench${number}`, attemptId, String(intent.id)]);
    attempts.push({ attemptId, intent });
  }
  return attempts;
}

const PAYMENT = `
  with payment as (
    insert into payments (id, order_id, customer_id, tender, state, wish, currency, amount_minor, captured_minor, refunding_minor, refunded_minor,
      returned_minor, disputed_minor, shares, deadline, current_attempt_id, event_count, needs_attention, created_at, updated_at)
    values ($1, 'ord_' || $1, 'usr_bench', 'CARD', 'REQUIRES_ACTION', 'NONE', 'USD', ${AMOUNT}, 0, 0, 0, 0, 0, '[]', now() + interval '1 hour', $2, 1,
      false, now(), now()))
  insert into payment_attempts (id, payment_id, number, tender, provider, client_mode, intent_id, client_secret, state, created_at, updated_at)
  values ($2, $1, 1, 'CARD', 'STRIPE', 'CONFIRM_IN_PAGE', $3, 'secret', 'REQUIRES_ACTION', now(), now())`;

async function openIntent({ simulatorUrl, secretKey }: BenchedPlatform, attemptId: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${simulatorUrl}/v1/payment_intents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ amount: String(AMOUNT), currency: 'usd', 'metadata[attempt_id]': attemptId }),
  });
  if (!answer.ok) throw new Error(`The provider makes no intent: ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>; // the object that was asked for
}

export interface SignedEvent {
  readonly id: string;
  readonly body: string;
}

/** As large as Stripe's are, about one of the attempts in turn. */
export function eventAbout({ intent }: OpenAttempt, number: number): SignedEvent {
  const id = `evt_${randomUUID().replaceAll('-', '')}`;
  const type = ['payment_intent.created', 'payment_intent.requires_action', 'payment_intent.payment_failed'][number % 3];
  const event = { id, object: 'event', type, created: Math.floor(Date.now() / 1_000), livemode: false, data: { object: intent } };
  return { id, body: JSON.stringify(event) };
}

/** At the moment of sending, as a provider does. */
export function signatureOf(body: string): string {
  const seconds = Math.floor(Date.now() / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', WEBHOOK_SECRET).update(`${seconds}.${body}`).digest('hex')}`;
}
