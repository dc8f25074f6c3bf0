import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { type CardsBed, openCards } from '../../test/cards-bed.ts';
import type { AnOrder } from '../../test/payments-bed.ts';
import { playLedger } from '../../test/play-ledger.ts';
import { dateOf } from './day.ts';

const QUERY = `query($date: Date!) { reconciliation(provider: STRIPE, date: $date) { isBalanced
  totals { currency charged { minor } fees { minor } net { minor } ledgerNet { minor } converted { minor } }
  differences { kind book providerId expected { currency minor } actual { currency minor } } } }`;
const money = (minor: number) => ({ minor: String(minor) });

let bed: CardsBed;
beforeAll(async () => {
  bed = await openCards();
  await bed.simulator.control.settleIn({ currency: 'eur', rate: 0.92 });
});
afterAll(() => bed.close());

const reconciled = async () => {
  const { reconciliation } = await bed.data<{ reconciliation: object }>(actAs.admin(), QUERY, { date: dateOf(new Date()) });
  return reconciliation;
};
/** 100.00 USD are 92.00 EUR there, less 2.9 % and 0.30 USD: 3.20 USD, which are 2.94 EUR. */
const charged = async (): Promise<AnOrder> => {
  const order = await bed.paidOrder();
  await eventually('the fee is known', async () => (await bed.commands(order)).length === 2);
  return order;
};

describe('a provider that is paid out in another currency than customers pay in', () => {
  it('has its fees booked in the currency in which it keeps them', async () => {
    const order = await charged();
    const fee = (await bed.commands(order)).find(({ fact_key }) => fact_key.endsWith(':fee'));
    expect(fee?.payload).toMatchObject({
      legs: [{ debit: 'system:expenses:EUR', credit: 'system:clearing.stripe:EUR', amount: { currency: 'EUR', minor: '294' } }],
    });
    expect(await bed.attempts(order)).toMatchObject([{ fee_minor: '294', fee_currency: 'EUR' }]);
  });

  it('is told what it converted in a line of its own, with which the ledger comes to its net; that is no difference', async () => {
    const [first] = await bed.sql<{ payment_id: string }>('select payment_id from payment_attempts');
    const order = await charged();
    const earlier = { ...order, paymentId: ensure(first, 'the payment before').payment_id };
    for (const each of [earlier, order]) await playLedger(bed, each);
    expect(await reconciled()).toEqual({
      isBalanced: true,
      differences: [],
      totals: [
        { currency: 'EUR', charged: money(18_400), fees: money(588), net: money(17_812), ledgerNet: money(-588), converted: money(18_400) },
        { currency: 'USD', charged: money(0), fees: money(0), net: money(0), ledgerNet: money(20_000), converted: money(-20_000) },
      ],
    });
  });

  it('has a dispute and its fee compared in the same way', async () => {
    const order = await charged();
    const charge = ensure((await bed.attempts(order))[0]?.charge_id, 'the charge');
    const { id } = await bed.simulator.control.openDispute(charge, { amount: 1_000 });
    await eventually('its fee is known', async () =>
      (await bed.commands(order)).some(({ fact_key }) => fact_key === `stripe:dispute:${id}:fee`),
    );
    await playLedger(bed, order);
    const fee = (await bed.commands(order)).find(({ fact_key }) => fact_key === `stripe:dispute:${id}:fee`);
    expect(fee?.payload).toMatchObject({ legs: [{ debit: 'system:expenses:EUR', amount: { currency: 'EUR', minor: '1380' } }] });
    expect(await reconciled()).toMatchObject({ isBalanced: true, differences: [] });
  });

  it('MUST still be told apart from a fee that the ledger does not have', async () => {
    const order = await charged();
    const charge = ensure((await bed.attempts(order))[0]?.charge_id, 'the charge');
    await playLedger(bed, order);
    await bed.sql(`delete from clearing_entries where fact_key = $1`, [`stripe:charge:${charge}:fee`]);
    expect(await reconciled()).toMatchObject({
      isBalanced: false,
      differences: [
        {
          ...{ kind: 'FEE_DIFFERS', book: 'LEDGER', providerId: charge },
          ...{ expected: { currency: 'EUR', minor: '294' }, actual: { currency: 'EUR', minor: '0' } },
        },
      ],
    });
  });
});
