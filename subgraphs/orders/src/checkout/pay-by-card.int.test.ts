import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs, anAddress, anOrder, BY_CARD, type OrdersStage, purchase, quoted, startOrders } from '../../test/orders-stage.ts';

describe('a checkout by card', () => {
  let stage: OrdersStage;
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  const requested = async (paymentId: string) => (await stage.published('PaymentRequested', paymentId))[0];

  it('asks payments for a page of the provider, unless the client says otherwise, and names the order', async () => {
    const { variantId } = await stage.aVariant({ stock: 9 });
    const order = await anOrder(stage, actAs.user(), variantId, 1, BY_CARD);
    const [row] = await stage.sql<{ number: string; tender: string }>('select number, tender from orders where id = $1', [order.id]);
    expect(row?.tender).toBe('CARD');
    const request = {
      tender: 'CARD',
      walletId: null,
      paymentMethodId: null,
      clientMode: 'HOSTED_PAGE',
      description: `Order ${row?.number}`,
    };
    expect(await requested(order.paymentId)).toMatchObject(request);

    const paymentMethodId = newId('paymentMethod');
    const saved = await anOrder(stage, actAs.user(), variantId, 1, { ...BY_CARD, paymentMethodId, clientMode: 'CONFIRM_IN_PAGE' });
    expect(await requested(saved.paymentId)).toMatchObject({ paymentMethodId, clientMode: 'CONFIRM_IN_PAGE' });
  });

  it('tells by keys, and never by themselves, that client and parcel are the same as before', async () => {
    const { variantId } = await stage.aVariant({ stock: 9 });
    const riskOf = async (changes: Record<string, unknown>, clientAddress: string | null) => {
      const { paymentId } = await anOrder(stage, { ...actAs.user(), clientAddress }, variantId, 1, { ...BY_CARD, ...changes });
      return (await requested(paymentId))?.risk;
    };
    const first = await riskOf({}, '203.0.113.7');
    const same = await riskOf({ shippingAddress: { ...anAddress, name: 'Bob', line1: ' 1  MAIN street' } }, '203.0.113.7');
    const other = await riskOf({ shippingAddress: { ...anAddress, line1: '2 Main Street' } }, null);
    expect(first).toEqual({ addressKey: expect.any(String), shippingKey: expect.any(String), shippingCountry: 'DE' });
    expect(same).toEqual(first);
    expect(other).toMatchObject({ addressKey: null, shippingCountry: 'DE' });
    expect(other?.shippingKey).not.toBe(first?.shippingKey);
    expect(JSON.stringify(first)).not.toMatch(/203\.0|main/i);
  });

  it('knows no place of what is not sent', async () => {
    const { variantId } = await stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: ['a'] });
    const { paymentId } = await anOrder(stage, actAs.user(), variantId, 1, BY_CARD);
    expect(await requested(paymentId)).toMatchObject({ risk: { shippingKey: null, shippingCountry: null } });
  });

  describe('of an amount that no card is charged', () => {
    const COMPLETE = `mutation ($input: CheckoutCompleteInput!) { checkoutComplete(input: $input) { __typename
      ... on AmountNotChargeable { code path message isRetryable minimum { currency minor } maximum { minor } } } }`;
    const worth = (currency: string, minor: string) =>
      stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: ['a'], prices: [{ currency, minor }] });
    const checkOut = async (buyer: Viewer, ready: { cartId: string; quoteId: string }, changes: object = BY_CARD) => {
      const input = { ...purchase(ready), ...changes };
      return (await stage.data<{ checkoutComplete: object }>(buyer, COMPLETE, { input })).checkoutComplete;
    };
    const ordersOf = ({ userId }: Viewer) => stage.sql('select from orders where customer_id = $1', [userId]);

    it.each([
      ['0.49 USD', 'USD', '49', '50', /from 0\.50 to 999999\.99 USD/],
      ['49 JPY', 'JPY', '49', '50', /from 50 to 99999999 JPY/],
      ['0.170 KWD', 'KWD', '170', '180', /from 0\.180 to/],
      ['a step between two of KWD', 'KWD', '1805', '180', /in steps of 0\.010 KWD/],
    ])('MUST place nothing and leave stock and cart: %s', async (_what, currency, minor, minimum, message) => {
      const buyer = actAs.user();
      const { variantId } = await worth(currency, minor);
      const stock = () => stage.sql('select on_hand, reserved from stock_items where variant_id = $1', [variantId]);
      const ready = await quoted(stage, buyer, variantId, 1, currency);
      const before = await stock();
      expect(await checkOut(buyer, ready)).toMatchObject({
        ...{ __typename: 'AmountNotChargeable', code: 'AMOUNT_NOT_CHARGEABLE', path: ['input', 'tender'], isRetryable: false },
        ...{ minimum: { currency, minor: minimum }, message: expect.stringMatching(message) },
      });
      expect(await stock()).toEqual(before);
      expect(await ordersOf(buyer)).toEqual([]);
      expect(await checkOut(buyer, ready, { tender: 'WALLET', walletId: newId('wallet') })).toMatchObject({
        __typename: 'CheckoutCompleted',
      });
    });

    it.each([
      ['the least', 'USD', '50'],
      ['the least of a currency without decimals', 'JPY', '50'],
      ['nothing', 'USD', '0'],
    ])('is not taken for one: %s', async (_what, currency, minor) => {
      const buyer = actAs.user();
      const { variantId } = await worth(currency, minor);
      expect(await checkOut(buyer, await quoted(stage, buyer, variantId, 1, currency))).toMatchObject({ __typename: 'CheckoutCompleted' });
      expect(await ordersOf(buyer)).toHaveLength(1);
    });
  });
});
