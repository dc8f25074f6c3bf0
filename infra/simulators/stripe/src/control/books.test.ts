import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_REDIRECTS, startTestbed, type Testbed } from '../../test/testbed.ts';
import { connectControl } from './over-http.ts';
import { SimulatorError } from './types.ts';

const RUNS = 25;
const MAX_STEPS = 25;

type Step = {
  readonly kind: 'PAY' | 'AUTHORIZE' | 'CAPTURE' | 'REFUND' | 'FAIL_REFUND' | 'DISPUTE' | 'WIN' | 'LOSE' | 'CANCEL' | 'WAIT';
} & {
  readonly amount: number;
  readonly which: number;
};

const CARDS = ['pm_card_visa', 'pm_card_chargeDeclined', 'pm_card_refundFail', 'pm_card_pendingRefund', 'pm_card_createDispute'];
const CURRENCIES = ['eur', 'jpy', 'usd'];

describe('the books', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  afterAll(() => bed.close());

  it('BOOKS-1 MUST add up after any operations: charged − refunded − disputed − fees = net = balance', async () => {
    const kinds = ['PAY', 'PAY', 'AUTHORIZE', 'CAPTURE', 'REFUND', 'FAIL_REFUND', 'DISPUTE', 'WIN', 'LOSE', 'CANCEL', 'WAIT'] as const;
    const step = fc.record({ kind: fc.constantFrom(...kinds), amount: fc.integer({ min: 100, max: 5000 }), which: fc.nat(20) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: MAX_STEPS }), async (steps) => {
        await bed.control.reset();
        // What is refused changes nothing: that is part of what is checked.
        for (const one of steps) await perform(bed, one).catch(() => undefined);
        await expectBalanced(bed);
      }),
      { numRuns: RUNS, seed: 20_261_127 },
    );
  });
});

describe('the control API over HTTP', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  afterAll(() => bed.close());

  it('does and answers the same as in process', async () => {
    const remote = connectControl(bed.simulator.url);
    const intent = await bed.stripe.paymentIntents.create({ amount: 900, currency: 'usd', metadata: { attempt: '9' } });
    expect(await remote.confirmPaymentIntent(intent.id, { card: '4242424242424242' })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await remote.books()).toEqual(await bed.control.books());
    expect(await remote.chargesFor('attempt', '9')).toHaveLength(1);
    expect(await remote.advanceClock(1000)).toBeUndefined();
    const dispute = await remote.openDispute((await remote.books()).charges[0]?.id ?? '', undefined);
    expect(dispute).toMatchObject({ amount: 900, status: 'needs_response' });
    expect(await remote.deliveries()).toEqual(await bed.control.deliveries());
    await remote.setFaults({ reset: 0.5 });
    expect((await remote.faults()).reset).toBe(0.5);
  });

  it('carries refusals with their code', async () => {
    const remote = connectControl(bed.simulator.url);
    await expect(remote.payCheckoutSession('cs_test_none')).rejects.toThrow(SimulatorError);
    await expect(remote.payCheckoutSession('cs_test_none')).rejects.toMatchObject({ code: 'resource_missing' });
    await expect(remote.setFaults({ reset: 2 })).rejects.toMatchObject({ code: 'fault_plan_invalid' });
    await expect(remote.advanceClock(-1)).rejects.toMatchObject({ code: 'clock_backwards' });
  });

  it.each([
    ['POST', 'books', 'text/plain', 415],
    ['GET', 'reset', '', 405],
    ['GET', 'nothing', '', 404],
  ])('answers %s %s with %s by %d', async (method, name, type, status) => {
    const headers = type ? { 'content-type': type } : undefined;
    const response = await fetch(`${bed.simulator.url}/_simulator/${name}`, { method, ...(headers && { headers }) });
    expect(response.status).toBe(status);
  });
});

async function perform({ stripe, control }: Testbed, { kind, amount, which }: Step): Promise<unknown> {
  const pick = <T>(all: readonly T[]): T => all[which % all.length] as T; // when there is none, the call is refused
  const { charges, refunds, disputes } = await control.books();
  switch (kind) {
    case 'PAY':
    case 'AUTHORIZE':
      return stripe.paymentIntents.create({
        amount,
        currency: pick(CURRENCIES),
        payment_method: pick(CARDS),
        confirm: true,
        automatic_payment_methods: NO_REDIRECTS,
        capture_method: kind === 'PAY' ? 'automatic' : 'manual',
      });
    case 'CAPTURE':
      return stripe.paymentIntents.capture(pick(charges.filter(({ captured }) => !captured)).payment_intent, { amount_to_capture: amount });
    case 'CANCEL':
      return stripe.paymentIntents.cancel(pick(charges).payment_intent);
    case 'REFUND':
      return stripe.refunds.create({ charge: pick(charges).id, amount });
    case 'FAIL_REFUND':
      return control.failRefund(pick(refunds).id);
    case 'DISPUTE':
      return control.openDispute(pick(charges).id, { amount });
    case 'WIN':
    case 'LOSE':
      return control.closeDispute(pick(disputes).id, kind === 'WIN' ? 'won' : 'lost');
    case 'WAIT':
      return control.advanceClock(amount * 1000);
    default:
      return kind satisfies never;
  }
}

async function expectBalanced({ stripe, control }: Testbed): Promise<void> {
  const { currencies, charges, refunds } = await control.books();
  const { available, pending } = await stripe.balance.retrieve();
  for (const [currency, { charged, refunded, disputed, fees, net }] of Object.entries(currencies)) {
    expect(charged - refunded - disputed - fees).toBe(net);
    const balance = [...available, ...pending].filter((one) => one.currency === currency).reduce((sum, { amount }) => sum + amount, 0);
    expect(balance).toBe(net);
  }
  for (const { id, amount } of charges) {
    const returned = refunds.filter(({ charge }) => charge === id).reduce((sum, refund) => sum + refund.amount, 0);
    expect(returned).toBeLessThanOrEqual(amount);
  }
}
