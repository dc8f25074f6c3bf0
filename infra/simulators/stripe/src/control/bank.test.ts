import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestbed, type Testbed } from '../../test/testbed.ts';

let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.close());
beforeEach(() => bed.control.reset());

const paid = async (currency = 'usd', amount = 1_000) => {
  const intent = await bed.stripe.paymentIntents.create({ amount, currency });
  await bed.control.confirmPaymentIntent(intent.id, { card: '4242424242424242' });
  return intent.id;
};
const lines = async () =>
  (await bed.stripe.balanceTransactions.list()).data
    .toReversed()
    .map(({ type, amount, fee, currency, exchange_rate: rate }) => [type, amount, fee, currency, rate]);

describe('an account that is paid out in another currency', () => {
  it('turns everything that moves its balance into that one, and there and back is nothing', async () => {
    await bed.control.settleIn({ currency: 'EUR', rate: 0.925 });
    const refund = await bed.stripe.refunds.create({ payment_intent: await paid(), amount: 333 });
    await bed.control.failRefund(refund.id);
    expect(await lines()).toEqual([
      ['charge', 925, 55, 'eur', 0.925],
      ['refund', -308, 0, 'eur', 0.925],
      ['refund_failure', 308, 0, 'eur', 0.925],
    ]);
    expect((await bed.stripe.charges.list()).data[0]).toMatchObject({ amount: 1_000, currency: 'usd' });
  });

  it('leaves its own currency as it is, minds decimals, and ends when it is told to', async () => {
    await bed.control.settleIn({ currency: 'eur', rate: 0.006 });
    await paid('eur');
    await paid('jpy');
    await bed.control.settleIn();
    await paid('jpy');
    expect(await lines()).toEqual([
      ['charge', 1_000, 59, 'eur', null],
      ['charge', 600, 35, 'eur', 0.006],
      ['charge', 1_000, 59, 'jpy', null],
    ]);
  });

  it.each([
    [{ currency: 'xyz', rate: 1 }, /Invalid currency/],
    [{ currency: 'eur', rate: 0 }, /Invalid exchange rate/],
  ])('refuses %j', async (settlement, message) => {
    await expect(bed.control.settleIn(settlement)).rejects.toThrow(message);
  });
});

describe('a charge at a page that is over', () => {
  const openSession = () =>
    bed.stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://shop.test/done',
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 1_000, product_data: { name: 'Order' } } }],
    });

  it('can be made only by who says so, and looks like any other', async () => {
    const session = await openSession();
    await bed.control.payCheckoutSession(session.id, { card: '4000000000000002' });
    await bed.stripe.checkout.sessions.expire(session.id);
    await expect(bed.control.payCheckoutSession(session.id)).rejects.toThrow(/expired/);
    const { status, charge } = await bed.control.payAfterAll(session.id);
    expect(status).toBe('SUCCEEDED');
    expect((await bed.control.books()).charges).toMatchObject([{ id: charge, amount: 1_000 }]);
    expect(await bed.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'complete', payment_status: 'paid' });
  });
});
