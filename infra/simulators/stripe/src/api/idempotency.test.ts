import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { failureOf, NO_REDIRECTS, pay, sdkFor, startTestbed, type Testbed } from '../../test/testbed.ts';

const HOUR_MS = 3_600_000;
const INTENT = { amount: 2500, currency: 'eur' };

describe('an idempotency key', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  beforeEach(() => bed.control.reset());
  afterAll(() => bed.close());

  const intents = async (): Promise<number> => (await bed.stripe.paymentIntents.list()).data.length;

  it('answers the same again, without a second effect, and says so', async () => {
    const first = await bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' });
    const second = await bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' });
    expect(second).toEqual(first);
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(second.lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true', 'original-request': first.lastResponse.requestId });
    expect(await intents()).toBe(1);
  });

  it('refuses other parameters and another endpoint', async () => {
    await bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' });
    const other = bed.stripe.paymentIntents.create({ ...INTENT, amount: 2600 }, { idempotencyKey: 'k' });
    expect(await failureOf(other)).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400, rawType: 'idempotency_error' });
    expect(await failureOf(bed.stripe.customers.create({}, { idempotencyKey: 'k' }))).toMatchObject({ rawType: 'idempotency_error' });
  });

  it('is in use until the first request is answered', async () => {
    const [arrived, isArrived] = gate();
    const [released, release] = gate();
    bed.receiver.answer = async () => {
      isArrived();
      await released;
      return 200;
    };
    // The request runs until its webhook is taken.
    await bed.control.setFaults({ eventBeforeAnswer: 1 });
    const first = bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' });
    await arrived;
    await bed.control.setFaults({});
    const second = await failureOf(bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' }));
    expect(second).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect((await bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'other' })).status).toBe('requires_payment_method');
    release();
    expect((await first).amount).toBe(2500);
  });

  it('saves a decline', async () => {
    const first = await failureOf(bed.stripe.paymentIntents.create(DECLINED, { idempotencyKey: 'k' }));
    const second = await failureOf(bed.stripe.paymentIntents.create(DECLINED, { idempotencyKey: 'k' }));
    expect(second).toMatchObject({ code: 'card_declined', payment_intent: { id: first.payment_intent?.id } });
    expect(await intents()).toBe(1);
  });

  it('saves a 500 that came after the effect', async () => {
    await bed.control.setFaults({ serverErrorAfter: 1 });
    expect(await failureOf(bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' }))).toMatchObject({ statusCode: 500 });
    await bed.control.setFaults({});
    const retried = sdkFor(bed.simulator, 2).paymentIntents.create(INTENT, { idempotencyKey: 'k' });
    expect(await failureOf(retried)).toMatchObject({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } });
    expect(await intents()).toBe(1);
  });

  it('saves nothing when the parameters were wrong, or nothing was executed', async () => {
    await failureOf(bed.stripe.paymentIntents.create({ ...INTENT, currency: 'xxx' }, { idempotencyKey: 'k' }));
    await bed.control.setFaults({ serverError: 1 });
    await failureOf(bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' }));
    await bed.control.setFaults({});
    expect((await bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' })).amount).toBe(2500);
  });

  it('saves a refusal that came from the state of things', async () => {
    const intent = await pay(bed.stripe);
    const refund = () => bed.stripe.refunds.create({ payment_intent: intent.id, amount: 9999 }, { idempotencyKey: 'k' });
    expect((await failureOf(refund())).headers).not.toHaveProperty('idempotent-replayed');
    expect(await failureOf(refund())).toMatchObject({ statusCode: 400, headers: { 'idempotent-replayed': 'true' } });
  });

  it('is forgotten after 24 hours', async () => {
    const first = await bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' });
    await bed.control.advanceClock(24 * HOUR_MS - 60_000);
    expect((await bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' })).id).toBe(first.id);
    await bed.control.advanceClock(60_000);
    expect((await bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' })).id).not.toBe(first.id);
  });

  it('lets a lost answer be fetched again by the retries of the SDK', async () => {
    await bed.control.setFaults({ lostResponse: 1 });
    const request = sdkFor(bed.simulator).paymentIntents.create(INTENT, { idempotencyKey: 'k' });
    expect(await failureOf(request)).toMatchObject({ type: 'StripeConnectionError' });
    await bed.control.setFaults({});
    expect((await bed.stripe.paymentIntents.create(INTENT, { idempotencyKey: 'k' })).lastResponse.headers['idempotent-replayed']).toBe(
      'true',
    );
    expect(await intents()).toBe(1);
  });
});

const DECLINED = { ...INTENT, payment_method: 'pm_card_chargeDeclined', confirm: true, automatic_payment_methods: NO_REDIRECTS };

/** A promise, and what fulfils it. */
function gate(): readonly [Promise<void>, () => void] {
  const { promise, resolve } = Promise.withResolvers<void>();
  return [promise, resolve];
}
