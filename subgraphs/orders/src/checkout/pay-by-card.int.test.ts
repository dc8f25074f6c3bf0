import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs, anAddress, anOrder, BY_CARD, type OrdersStage, startOrders } from '../../test/orders-stage.ts';

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
});
