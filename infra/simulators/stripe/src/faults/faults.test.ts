import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { failureOf, startTestbed, type Testbed, WEBHOOK_SECRET } from '../../test/testbed.ts';
import { createClock } from '../account/clock.ts';
import { createFaultInjector } from './injector.ts';
import { completePlan, type FaultPlan } from './plan.ts';

const INTENT = { amount: 2500, currency: 'eur' };

describe('the fault plan', () => {
  it('decides by the seed alone', () => {
    const schedule = (seed: number): boolean[] => {
      const injector = createFaultInjector(seed, createClock(), { reset: 0.3, serverError: 0.3 });
      return Array.from({ length: 200 }, () => [injector.happens('reset'), injector.happens('serverError')]).flat();
    };
    expect(schedule(7)).toEqual(schedule(7));
    expect(schedule(7)).not.toEqual(schedule(8));
    expect(schedule(7).filter(Boolean).length).toBeGreaterThan(80);
    expect(schedule(7).filter(Boolean).length).toBeLessThan(160);
  });

  it('does not let one family shift another', () => {
    const alone = createFaultInjector(1, createClock(), { reset: 0.5 });
    const beside = createFaultInjector(1, createClock(), { reset: 0.5, rateLimited: 0.5 });
    for (let count = 0; count < 50; count += 1) {
      beside.happens('rateLimited');
      expect(beside.happens('reset')).toBe(alone.happens('reset'));
    }
  });

  it.each<[Partial<FaultPlan>]>([
    [{ reset: 1.5 }],
    [{ reset: -1 }],
    [{ reset: Number.NaN }],
    [{ latencyMs: { probability: 1, min: 5, max: 1 } }],
  ])('refuses %j', (plan) => {
    expect(() => completePlan(plan)).toThrow(RangeError);
  });
});

describe('a fault', () => {
  let bed: Testbed;
  beforeEach(async () => {
    bed = await startTestbed();
  });
  afterEach(() => bed.close());

  const intents = async (): Promise<number> => {
    await bed.control.setFaults({});
    return (await bed.stripe.paymentIntents.list()).data.length;
  };

  // The SDK tries a cut connection once more by itself, under a key of its own.
  it.each<[keyof FaultPlan, Partial<FaultPlan>, object, number, number]>([
    ['lostResponse', { lostResponse: 1 }, { type: 'StripeConnectionError' }, 2, 1],
    ['reset', { reset: 1 }, { type: 'StripeConnectionError' }, 2, 0],
    ['serverError', { serverError: 1 }, { type: 'StripeAPIError', statusCode: 500 }, 1, 0],
    ['serverErrorAfter', { serverErrorAfter: 1 }, { type: 'StripeAPIError', statusCode: 500 }, 1, 1],
    ['rateLimited', { rateLimited: 1 }, { type: 'StripeRateLimitError', statusCode: 429, code: 'rate_limit' }, 1, 0],
  ])('%s fails the call, is counted, and leaves the effects it should', async (family, plan, failure, count, effects) => {
    await bed.control.setFaults(plan);
    expect(await failureOf(bed.stripe.paymentIntents.create(INTENT))).toMatchObject(failure);
    expect(await bed.control.injected()).toMatchObject({ [family]: count });
    expect(await intents()).toBe(effects);
  });

  it('of latency delays the answer', async () => {
    await bed.control.setFaults({ latencyMs: { probability: 1, min: 60, max: 80 } });
    const startedAt = performance.now();
    await bed.stripe.balance.retrieve();
    expect(performance.now() - startedAt).toBeGreaterThan(55);
  });

  it('of an outage stops API and webhooks until it ends', async () => {
    await bed.control.hold('ALL');
    await bed.stripe.customers.create();
    await bed.control.setFaults({ outage: { probability: 1, durationMs: 60_000 } });
    for (let count = 0; count < 4; count += 1) {
      const error = await failureOf(bed.stripe.balance.retrieve());
      expect([503, undefined]).toContain(error.statusCode);
    }
    await bed.control.release('ALL');
    await bed.deliver();
    expect(bed.receiver.received).toEqual([]);
    expect((await bed.control.injected()).outage).toBe(1);
    await bed.control.advanceClock(60_000);
    expect(bed.receiver.types()).toEqual(['customer.created']);
  });

  it('of an event before the answer lets the webhook arrive first', async () => {
    await bed.control.setFaults({ eventBeforeAnswer: 1 });
    const order: string[] = [];
    bed.receiver.answer = () => {
      order.push('webhook');
      return 200;
    };
    await bed.stripe.customers.create().then(() => order.push('answer'));
    expect(order).toEqual(['webhook', 'answer']);
  });

  it('of duplicates sends each webhook twice', async () => {
    await bed.control.setFaults({ duplicateWebhook: 1 });
    await bed.stripe.customers.create();
    await bed.deliver();
    const ids = bed.receiver.received.map(({ body }) => (JSON.parse(body) as Stripe.Event).id); // bodies are events
    expect(ids).toEqual([ids[0], ids[0]]);
  });

  it('of reordering lets later webhooks overtake', async () => {
    await bed.control.setFaults({ reorderWebhook: 1 });
    await bed.stripe.customers.create();
    await bed.control.setFaults({});
    await bed.stripe.paymentIntents.create(INTENT);
    await bed.deliver();
    await bed.control.advanceClock(2000);
    expect(bed.receiver.types()).toEqual(['payment_intent.created', 'customer.created']);
  });

  it('of delay lets a webhook wait, but not longer than said', async () => {
    await bed.control.setFaults({ delayWebhook: { probability: 1, maxMs: 3_600_000 } });
    await bed.stripe.customers.create();
    await bed.deliver();
    expect(bed.receiver.received).toEqual([]);
    await bed.control.advanceClock(3_600_000);
    expect(bed.receiver.types()).toEqual(['customer.created']);
  });

  it('of bad signatures sends a forged copy besides the real webhook', async () => {
    await bed.control.setFaults({ badSignature: 1 });
    bed.receiver.answer = ({ body, signature }) => (isGenuine(body, signature) ? 200 : 400);
    await bed.stripe.customers.create();
    await bed.deliver();
    expect(bed.receiver.received.map(({ body, signature }) => isGenuine(body, signature)).sort()).toEqual([false, true]);
    expect((await bed.control.deliveries()).map(({ kind, state }) => [kind, state])).toEqual([
      ['FORGED', 'FAILED'],
      ['EVENT', 'DELIVERED'],
    ]);
  });

  it('of clock skew makes signatures too old', async () => {
    await bed.control.setFaults({ clockSkewMs: -600_000 });
    await bed.stripe.customers.create();
    await bed.deliver();
    const { body, signature } = bed.receiver.received[0] ?? { body: '', signature: '' };
    expect(() => Stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET)).toThrow('outside the tolerance zone');
  });

  it('touches neither the control API nor the books', async () => {
    await bed.control.setFaults({ reset: 1, rateLimited: 1 });
    const answer = await fetch(`${bed.simulator.url}/_simulator/books`);
    expect(await answer.json()).toEqual({ result: { currencies: {}, charges: [], refunds: [], disputes: [] } });
  });

  it('never makes two charges of one key, whatever is lost', async () => {
    await bed.control.setFaults({ lostResponse: 0.4, serverError: 0.2, reset: 0.2, rateLimited: 0.1 });
    for (let attempt = 0; attempt < 20; attempt += 1) {
      let isPaid = false;
      for (let call = 0; call < MAX_CALLS && !isPaid; call += 1) isPaid = await payByHand(bed.simulator.url, String(attempt));
      expect((await bed.control.chargesFor('attempt', String(attempt))).length).toBe(1);
    }
    expect((await bed.control.books()).charges).toHaveLength(20);
  });
});

const MAX_CALLS = 50;

/** Without the SDK, which waits between its own retries. */
async function payByHand(url: string, attempt: string): Promise<boolean> {
  const response = await fetch(`${url}/v1/payment_intents`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer sk_test_simulator',
      'content-type': 'application/x-www-form-urlencoded',
      'idempotency-key': `attempt-${attempt}`,
    },
    body: `amount=2500&currency=eur&payment_method=pm_card_visa&confirm=true&payment_method_types[]=card&metadata[attempt]=${attempt}`,
  }).catch(() => null);
  return response?.ok ?? false;
}

function isGenuine(body: string, signature: string): boolean {
  try {
    Stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET);
    return true;
  } catch {
    return false;
  }
}
