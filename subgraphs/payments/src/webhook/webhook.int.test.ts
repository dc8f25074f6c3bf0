import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import { createHttpService, createMetrics, type Route } from '@tessera/service-kit/service';
import { eventually } from '@tessera/service-kit/testing';
import Stripe from 'stripe';
import { CARDS, type CardsBed, openCards } from '../../test/cards-bed.ts';
import type { PaymentsConfig } from '../config.ts';
import { API_VERSION } from '../provider/stripe/client.ts';
import type { PaymentsServices } from '../services.ts';
import { createSubgraph } from '../subgraph.ts';
import { purgeWebhooks } from './purge-webhooks.ts';
import { createWebhookMetrics } from './webhook-metrics.ts';
import { webhookRoute } from './webhook-route.ts';

const SIMULATORS_SECRET = 'whsec_0123456789abcdef0123456789abcdef';
const SECRET = 'whsec_fedcba9876543210fedcba9876543210';
const DAY_MS = 86_400_000;
/** Far above what it takes on an idle machine (10 ms), and far below the pause of a worker that is not woken. */
const QUICK_MS = 1_000;

let bed: CardsBed;
let door: Door;
beforeAll(async () => {
  // Attempts are not looked up now and then here: what arrives has come by an event.
  bed = await openCards({ stripeWebhookSecrets: [SIMULATORS_SECRET, SECRET], providerPollMs: 600_000 });
  door = await openDoor(bed.subgraph.routes);
});
afterAll(async () => {
  await door.close();
  await bed.close();
});

type Door = Awaited<ReturnType<typeof openDoor>>;

/** The way in, as the gateway reaches it. */
async function openDoor(routes: readonly Route[]) {
  const { log } = bed.subgraph.platform;
  const http = createHttpService({
    ...{ name: 'payments', host: '127.0.0.1', port: 0, routes, log, metrics: createMetrics('door'), health: { required: {} } },
  });
  const { url } = await http.listen();
  const deliver = async (body: string, signature: string | null = signed(body)) => {
    const headers = { 'content-type': 'application/json', ...(signature === null ? {} : { 'stripe-signature': signature }) };
    const response = await fetch(`${url}/webhooks/stripe`, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  };
  return { deliver, close: () => http.drain() };
}

const signed = (payload: string, secret = SECRET, timestamp = Math.floor(Date.now() / 1_000)) =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });

/** As Stripe writes it. */
function anEvent(object: Readonly<Record<string, unknown>>, type = 'payment_intent.succeeded', id = `evt_${randomUUID()}`) {
  const created = Math.floor(Date.now() / 1_000);
  return { id, body: JSON.stringify({ id, object: 'event', type, created, api_version: API_VERSION, data: { object } }, null, 2) };
}
const ofAttempt = (attemptId: string, id = `pi_${randomUUID()}`) => ({ id, object: 'payment_intent', metadata: { attempt_id: attemptId } });

interface InboxRow extends Record<string, unknown> {
  readonly event_id: string;
  readonly state: string;
  readonly source: string;
  readonly tries: number;
  readonly note: string | null;
  readonly wait_ms: string | null;
}
const inbox = (eventId: string) =>
  bed.sql<InboxRow>('select *, extract(epoch from due_at - received_at) * 1000 as wait_ms from webhook_inbox where event_id = $1', [
    eventId,
  ]);
const inState = (eventId: string, state: string) =>
  eventually(`the event is ${state}`, async () => (await inbox(eventId)).find((row) => row.state === state));
const count = async () => Number((await bed.sql('select count(*) as n from webhook_inbox'))[0]?.n);
const capturesOf = (order: { readonly paymentId: string }) => bed.published('PaymentCaptured', order);

describe('a delivery', () => {
  it('is kept, answered, and makes us ask the provider, which is believed and not the event', async () => {
    const order = await bed.cardOrder();
    const attempt = await bed.openPage(order);
    const { id, body } = anEvent(ofAttempt(attempt.id));
    expect(await door.deliver(body)).toEqual({ status: 200, text: '{"received":true}' });
    await inState(id, 'DONE');
    const [kept] = await bed.sql<{ payload: object }>('select payload from webhook_inbox where event_id = $1', [id]);
    expect(kept?.payload).toEqual({
      subject: { kind: 'ATTEMPT', attemptId: attempt.id, sessionId: null, intentId: expect.stringMatching(/^pi_/) },
      traceparent: expect.any(String),
      event: { id, type: 'payment_intent.succeeded', created: expect.any(Number), object: expect.stringMatching(/^pi_/) },
    });
    const [call] = await bed.sql('select * from provider_calls where id = $1', [`${attempt.id}:read-attempt`]);
    expect(call).toMatchObject({ kind: 'READ_ATTEMPT', payment_id: order.paymentId });
    await eventually('the attempt was read', async () => {
      const [read] = await bed.sql('select sends from provider_calls where id = $1', [`${attempt.id}:read-attempt`]);
      return Number(read?.sends) > 0;
    });
    expect(await bed.payment(order)).toMatchObject({ state: 'REQUIRES_ACTION', captured_minor: '0' });
  });

  it('MUST count once however often it comes, also at the same time', async () => {
    const { id, body } = anEvent({ id: 'cus_1', object: 'customer' }, 'customer.updated');
    const answers = await Promise.all(Array.from({ length: 10 }, () => door.deliver(body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await inState(id, 'IGNORED');
    expect((await door.deliver(body)).status).toBe(200);
    expect(await inbox(id)).toMatchObject([{ state: 'IGNORED', tries: 1, source: 'WEBHOOK' }]);
  });

  it('is answered at once, and asked about at once', async () => {
    const attempt = await bed.openPage(await bed.cardOrder());
    const [answered, planned]: [number[], number[]] = [[], []];
    for (let round = 0; round < 20; round += 1) {
      const { id, body } = anEvent(ofAttempt(attempt.id));
      const sentAt = performance.now();
      await door.deliver(body);
      answered.push(performance.now() - sentAt);
      const answeredAt = performance.now();
      await inState(id, 'DONE');
      planned.push(performance.now() - answeredAt);
    }
    for (const times of [answered, planned]) expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(QUICK_MS);
  });

  it('keeps whatever somebody typed at the provider, but for what PostgreSQL cannot keep', async () => {
    const { id, body } = anEvent({ id: 'cus_2', object: 'customer', description: 'a\u0000b \ud83d\ude00 \u202e' }, 'customer.updated');
    expect((await door.deliver(body)).status).toBe(200);
    await inState(id, 'IGNORED');
  });
});

describe('a delivery that is not what it says', () => {
  const minutesAgo = (minutes: number) => Math.floor(Date.now() / 1_000) - minutes * 60;
  const { body } = anEvent({ id: 'cus_3', object: 'customer' }, 'customer.updated');

  it.each<[string, string, string | null, number]>([
    ['has no signature', body, null, 400],
    ['has an empty signature', body, '', 400],
    ['is signed with another secret', body, signed(body, 'whsec_00000000000000000000000000000000'), 400],
    ['is signed long ago', body, signed(body, SECRET, minutesAgo(6)), 400],
    ['was changed by a byte', body.replace('cus_3', 'cus_4'), signed(body), 400],
    ['was written anew with the same meaning', JSON.stringify(JSON.parse(body)), signed(body), 400],
    ['is empty', '', signed(''), 400],
    ['is no JSON', '{', signed('{'), 400],
    ['is nonsense signed with nonsense', 'x', 't=1,v1=00', 400],
    ['is larger than 1 MB', 'x'.repeat(1024 * 1024 + 1), signed('x'), 413],
  ])('MUST be refused and leave nothing when it %s', async (_title, content, signature, status) => {
    const before = await count();
    const answer = await door.deliver(content, signature);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('whsec');
    expect(await count()).toBe(before);
  });

  it('is counted', async () => {
    const text = await bed.subgraph.platform.metrics.text();
    const [, refused] = /tessera_payments_webhooks_total\{provider="STRIPE",outcome="refused"[^}]*\} (\d+)/.exec(text) ?? [];
    expect(Number(refused)).toBeGreaterThanOrEqual(9);
  });
});

describe('events of a provider that does everything wrong', () => {
  it('MUST capture each payment once: doubled, reordered, late, early, and with forged copies', async () => {
    await bed.simulator.control.setFaults({
      ...{ duplicateWebhook: 1, reorderWebhook: 0.5, eventBeforeAnswer: 1, badSignature: 1 },
      delayWebhook: { probability: 0.5, maxMs: 400 },
    });
    try {
      const orders = await Promise.all(Array.from({ length: 6 }, () => bed.paidOrder()));
      for (const order of orders) {
        expect(await capturesOf(order)).toHaveLength(1);
        expect((await bed.commands(order)).map(({ fact_key }) => fact_key.split(':')[1])).toEqual(['charge', 'payment_intent']);
      }
    } finally {
      await bed.simulator.control.setFaults({});
    }
  });

  it('end as declined when the last word was a decline', async () => {
    const order = await bed.cardOrder();
    await bed.pay(order, CARDS.declined);
    const declined = await eventually('the decline is known', async () => (await bed.attempts(order)).find((each) => each.last_decline));
    expect(declined).toMatchObject({ state: 'REQUIRES_ACTION' });
    expect(await capturesOf(order)).toEqual([]);
  });
});

describe('an event about something unknown', () => {
  it('waits, longer each time, and is worked on once it becomes known', async () => {
    const attempt = await bed.openPage(await bed.cardOrder());
    const intentId = `pi_${randomUUID()}`;
    const { id, body } = anEvent({ id: intentId, object: 'payment_intent', metadata: {} });
    await door.deliver(body);
    const parked = await inState(id, 'PARKED');
    expect(parked.tries).toBe(1);
    expect(Number(parked.wait_ms)).toBeGreaterThanOrEqual(1_000);
    await bed.sql('update payment_attempts set intent_id = $1 where id = $2', [intentId, attempt.id]);
    await bed.sql('update webhook_inbox set due_at = now() where event_id = $1', [id]);
    expect(await inState(id, 'DONE')).toMatchObject({ tries: 2 });
  });

  it('is given up after a day, with a mark that somebody sees', async () => {
    const { id, body } = anEvent(ofAttempt(newId('attempt')));
    await door.deliver(body);
    await inState(id, 'PARKED');
    await bed.sql(`update webhook_inbox set received_at = now() - interval '1 day', due_at = now() where event_id = $1`, [id]);
    expect(await inState(id, 'DEAD')).toMatchObject({ note: 'UNKNOWN_OBJECT', due_at: null });
    expect(await bed.subgraph.platform.metrics.text()).toMatch(/webhooks_worked_total\{provider="STRIPE",state="DEAD"[^}]*\} 1/);
  });

  it('MUST not keep the others waiting when it cannot be understood', async () => {
    const [odd, plain] = [anEvent({ id: 'cus_8', object: 'customer' }, 'a.b'), anEvent({ id: 'cus_9', object: 'customer' }, 'a.b')];
    await bed.sql(
      `insert into webhook_inbox (provider, event_id, type, payload, source, state, tries, received_at, due_at)
       values ('STRIPE', $1, 'x', '{"subject":{"kind":"OF_A_NEWER_VERSION"}}', 'WEBHOOK', 'RECEIVED', 0, now(), now())`,
      [odd.id],
    );
    await door.deliver(plain.body);
    await inState(plain.id, 'IGNORED');
    await inState(odd.id, 'PARKED');
  });

  it.each([
    ['a refund', { id: 're_1', object: 'refund', metadata: {} }, 'refund.updated'],
    ['a card', { id: 'seti_1', object: 'setup_intent', metadata: { method_id: newId('paymentMethod') } }, 'setup_intent.succeeded'],
  ])('waits when it is about %s', async (_title, object, type) => {
    const { id, body } = anEvent(object, type);
    await door.deliver(body);
    await inState(id, 'PARKED');
  });

  it('MUST not give money back when it names a refund that goes to a wallet', async () => {
    const order = await bed.paidOrder();
    const refundId = newId('refund');
    await bed.sql(
      `insert into refunds (id, payment_id, amount_minor, destination, reason, state, split, requested_by, created_at, asked_at)
       values ($1, $2, 1, 'WALLET', 'x', 'PENDING', '[]', 'x', now(), now())`,
      [refundId, order.paymentId],
    );
    const { id, body } = anEvent({ id: 're_2', object: 'refund', metadata: { refund_id: refundId } }, 'refund.created');
    await door.deliver(body);
    await inState(id, 'PARKED');
    expect(await bed.sql('select from provider_calls where refund_id = $1', [refundId])).toEqual([]);
  });
});

describe('a refund that nobody here asked for', () => {
  const attentions = ({ paymentId }: { readonly paymentId: string }) =>
    bed.sql(`select reason from payment_events where payment_id = $1 and kind = 'ATTENTION'`, [paymentId]);
  const aRefundOf = (intentId: string | null, metadata: object) => ({
    ...{ id: `re_${randomUUID()}`, object: 'refund', payment_intent: intentId, metadata },
  });
  /** As an operator does it in the provider's dashboard. */
  const refundAtProvider = async (intentId: string, amount: number) => {
    const { hostname: host, port } = new URL(bed.simulator.url);
    const dashboard = new Stripe(bed.simulator.secretKey, { host, port: Number(port), protocol: 'http', telemetry: false });
    return dashboard.refunds.create({ payment_intent: intentId, amount });
  };
  const paid = async () => {
    const order = await bed.paidOrder();
    return { order, intentId: ensure((await bed.attempts(order))[0]?.intent_id, 'the intent') };
  };

  it.each([
    ['nothing of ours', {}],
    ['an id that is not ours', { refund_id: 'made in the dashboard' }],
  ])('MUST call a person to its payment, and once, when it names %s and the provider does not know it either', async (_title, metadata) => {
    const { order, intentId } = await paid();
    const refund = aRefundOf(intentId, metadata);
    for (const type of ['refund.created', 'refund.updated', 'charge.refund.updated']) {
      const { id, body } = anEvent(refund, type);
      await door.deliver(body);
      await inState(id, 'DONE');
    }
    await eventually('a person is asked', async () => (await bed.payment(order)).attention_reason === 'UNKNOWN_REFUND');
    expect(await attentions(order)).toEqual([{ reason: 'UNKNOWN_REFUND' }]);
  });

  it('MUST become a refund of ours, booked once, when it was made at the provider', async () => {
    const { order, intentId } = await paid();
    const { id } = await refundAtProvider(intentId, 4_000);
    await eventually('it is a refund of ours', async () => (await bed.payment(order)).refunded_minor === '4000');
    expect(await bed.published('RefundSucceeded', order)).toMatchObject([
      { refunded: { minor: '4000' }, reason: 'Refunded at the provider' },
    ]);
    expect((await bed.published('PostingRequested', order)).filter(({ factKey }) => factKey.includes(id))).toMatchObject([
      {
        factKey: `stripe:refund:${id}:succeeded`,
        legs: [{ credit: 'system:clearing.stripe:USD' }, { credit: 'system:clearing.stripe:USD' }],
      },
    ]);
    expect(await attentions(order)).toEqual([]);
  });

  it('MUST call a person once it is given up when it names a refund that never became known', async () => {
    const { order, intentId } = await paid();
    const { id, body } = anEvent(aRefundOf(intentId, { refund_id: newId('refund') }), 'refund.created');
    await door.deliver(body);
    await inState(id, 'PARKED');
    expect(await bed.payment(order)).toMatchObject({ needs_attention: false });
    await bed.sql(`update webhook_inbox set received_at = now() - interval '1 day', due_at = now() where event_id = $1`, [id]);
    expect(await inState(id, 'DEAD')).toMatchObject({ note: 'UNKNOWN_REFUND' });
    expect(await bed.payment(order)).toMatchObject({ attention_reason: 'UNKNOWN_REFUND' });
  });

  it('waits like anything unknown when it is of no payment here', async () => {
    const { id, body } = anEvent(aRefundOf(`pi_${randomUUID()}`, {}), 'refund.created');
    await door.deliver(body);
    await inState(id, 'PARKED');
  });
});

describe('several processes', () => {
  it('MUST keep and work on an event once together', async () => {
    const other = createSubgraph(bed.config as PaymentsConfig);
    await other.start();
    const otherDoor = await openDoor(other.routes);
    try {
      const attempt = await bed.openPage(await bed.cardOrder());
      const events = Array.from({ length: 20 }, () => anEvent(ofAttempt(attempt.id)));
      const answers = await Promise.all(events.flatMap(({ body }) => [door.deliver(body), otherDoor.deliver(body)]));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      for (const { id } of events) expect(await inState(id, 'DONE')).toMatchObject({ tries: 1 });
      expect(await bed.sql('select from provider_calls where attempt_id = $1 and kind = $2', [attempt.id, 'READ_ATTEMPT'])).toHaveLength(1);
    } finally {
      await otherDoor.close();
      await other.close();
    }
  });

  it('finish what another has kept and not worked on', async () => {
    const attempt = await bed.openPage(await bed.cardOrder());
    const { id, body } = anEvent(ofAttempt(attempt.id));
    const passed: string[] = [];
    const { services, platform } = bed.subgraph;
    const dying: PaymentsServices = { ...services, crashPoint: (name) => void passed.push(name) };
    const parts = { orm: platform.orm, services: dying, metrics: createWebhookMetrics(createMetrics('dying')), wake: () => {} };
    const dyingDoor = await openDoor([webhookRoute(parts)]);
    expect((await dyingDoor.deliver(body)).status).toBe(200);
    await dyingDoor.close();
    expect(passed).toEqual(['payments.webhook.received', 'payments.webhook.stored']);
    await inState(id, 'DONE');
  });
});

describe('a process that cannot keep anything', () => {
  it('asks for the event to be sent again when its database is away', async () => {
    const cut = createSubgraph({
      ...(bed.config as PaymentsConfig),
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
      logLevel: 'silent',
    });
    const cutDoor = await openDoor(cut.routes);
    const { body } = anEvent({ id: 'cus_5', object: 'customer' }, 'customer.updated');
    expect((await cutDoor.deliver(body)).status).toBe(503);
    await cutDoor.close();
    await cut.close();
  });

  it('has no way in for a provider that it has no key for', async () => {
    const without = createSubgraph({ ...(bed.config as PaymentsConfig), stripeSecretKey: undefined });
    const closed = await openDoor(without.routes);
    expect((await closed.deliver('{}')).status).toBe(404);
    await closed.close();
    await without.close();
  });
});

describe('what was settled long ago', () => {
  it('is forgotten, and nothing else', async () => {
    const events = [anEvent({ id: 'cus_6', object: 'customer' }, 'customer.updated'), anEvent({ id: 'cus_7', object: 'customer' }, 'a.b')];
    for (const { id, body } of events) {
      await door.deliver(body);
      await inState(id, 'IGNORED');
    }
    const [old, recent] = events.map(({ id }) => id) as [string, string];
    await bed.sql('update webhook_inbox set settled_at = $2::timestamptz where event_id = $1', [old, new Date(Date.now() - 91 * DAY_MS)]);
    expect(await purgeWebhooks({ em: bed.subgraph.platform.orm.em.fork(), now: new Date() })).toBe(false);
    expect([await inbox(old), await inbox(recent)]).toMatchObject([[], [{ state: 'IGNORED' }]]);
  });
});
