import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs, anOrder, type OrdersStage, startOrders, tell, tellRefund } from '../../test/orders-stage.ts';

const DEPOSIT = `mutation ($input: UnitsDepositInput!) { unitsDeposit(input: $input) { __typename ... on UnitsDeposited { count variant { id } } } }`;
const REVEAL = `mutation ($input: UnitRevealInput!) { unitReveal(input: $input) { __typename ... on UnitRevealed { secret unit { id state revealedAt } } } }`;

interface Revealed {
  readonly unitReveal: { readonly __typename: string; readonly secret?: string | null };
}

describe('digital units', () => {
  let stage: OrdersStage;
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  const unitOf = async (orderId: string) =>
    (await stage.sql<{ id: string }>('select id from units where order_id = $1', [orderId]))[0]?.id ?? '';
  const reveal = async (viewer: Viewer, unitId: string) => (await stage.data<Revealed>(viewer, REVEAL, { input: { unitId } })).unitReveal;
  const bought = async (buyer: Viewer, secret: string) => {
    const { variantId } = await stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: [secret] });
    const order = await anOrder(stage, buyer, variantId);
    await tell(stage, 'PaymentAuthorised', order);
    return { order, variantId, unitId: await unitOf(order.id) };
  };

  it('are deposited by their vendor, sealed at rest, and count as stock', async () => {
    const vendor = actAs.vendor();
    const { variantId } = await stage.aVariant({ kind: 'DIGITAL_UNITS', vendorId: vendor.userId });
    const deposit = async (viewer: Viewer, secrets: string[], variant = variantId) =>
      (await stage.data<{ unitsDeposit: object }>(viewer, DEPOSIT, { input: { variantId: variant, secrets } })).unitsDeposit;
    expect(await deposit(vendor, ['hush-1', 'hush-2'])).toEqual({ __typename: 'UnitsDeposited', count: 2, variant: { id: variantId } });
    expect(await deposit(actAs.vendor(), ['x'])).toEqual({ __typename: 'VariantNotFound' });
    expect(await deposit(vendor, ['hush-3', 'hush-2'])).toEqual({ __typename: 'InvalidInput' });
    expect(await deposit(vendor, ['twice', 'twice'])).toEqual({ __typename: 'InvalidInput' });
    expect(await deposit(vendor, [])).toEqual({ __typename: 'InvalidInput' });
    expect(await deposit(vendor, ['x'.repeat(5_000)])).toEqual({ __typename: 'InvalidInput' });
    const physical = await stage.aVariant({ vendorId: vendor.userId });
    expect(await deposit(vendor, ['x'], physical.variantId)).toEqual({ __typename: 'NotDigital' });
    expect(await stage.sql('select on_hand from stock_items where variant_id = $1', [variantId])).toEqual([{ on_hand: 2 }]);

    const everything = await stage.sql<{ text: string }>(
      `select string_agg(t.text, '') as text from (
         select u::text as text from units u union all select i::text from idempotency_keys i union all select o::text from outbox o) t`,
    );
    expect(everything[0]?.text).toContain('ts1.k1.');
    expect(everything[0]?.text).not.toContain('hush');
  });

  it('never go to two buyers, however many pay at once', async () => {
    const { variantId } = await stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'] });
    const buyers = [actAs.user(), actAs.user(), actAs.user()];
    const orders = await Promise.all(buyers.map((buyer) => anOrder(stage, buyer, variantId, 2)));
    await Promise.all(orders.map((order) => tell(stage, 'PaymentAuthorised', order)));
    const units = await stage.sql('select owner_id, order_id from units where variant_id = $1', [variantId]);
    for (const [index, order] of orders.entries()) {
      expect(units.filter((unit) => unit.order_id === order.id)).toEqual(
        [0, 1].map(() => ({ owner_id: buyers[index]?.userId, order_id: order.id })),
      );
    }
  });

  it('are revealed to their owner only, and every reveal is on record', async () => {
    const buyer = actAs.user();
    const { unitId } = await bought(buyer, 'open sesame');
    expect(await reveal(actAs.user(), unitId)).toEqual({ __typename: 'UnitNotFound' });
    expect(await reveal(actAs.admin(), unitId)).toEqual({ __typename: 'UnitNotFound' });
    expect(await reveal(buyer, newId('unit'))).toEqual({ __typename: 'UnitNotFound' });
    expect(await reveal(buyer, 'nonsense')).toEqual({ __typename: 'InvalidInput' });
    expect(await stage.sql('select id from unit_reveals where unit_id = $1', [unitId])).toEqual([]);

    expect(await reveal(buyer, unitId)).toMatchObject({ secret: 'open sesame', unit: { id: unitId, state: 'REVEALED' } });
    expect(await reveal(buyer, unitId)).toMatchObject({ secret: 'open sesame' });
    const again = await stage.ask(buyer, REVEAL, { input: { unitId } }, { key: 'same' });
    const replay = await stage.ask(buyer, REVEAL, { input: { unitId } }, { key: 'same' });
    expect(replay.data).toEqual(again.data);
    expect(await stage.sql('select user_id, client_address from unit_reveals where unit_id = $1', [unitId])).toEqual(
      [0, 1, 2].map(() => ({ user_id: buyer.userId, client_address: '127.0.0.1' })),
    );
    const outcomes = await stage.sql<{ outcome: unknown }>(`select outcome from idempotency_keys where mutation = 'unitReveal'`);
    expect(JSON.stringify(outcomes)).not.toContain('sesame');
  });

  it('are revoked with a cancelled order; once revealed they keep it from being cancelled', async () => {
    const buyer = actAs.user();
    const [kept, revealed] = [await bought(buyer, 'kept'), await bought(buyer, 'revealed')];
    const cancel = async (orderId: string) =>
      (
        await stage.data<{ orderCancel: object }>(
          buyer,
          'mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { __typename } }',
          { input: { orderId } },
        )
      ).orderCancel;
    await reveal(buyer, revealed.unitId);
    expect(await cancel(revealed.order.id)).toEqual({ __typename: 'OrderNotCancellable' });
    expect(await cancel(kept.order.id)).toEqual({ __typename: 'OrderCancelled' });
    expect(await reveal(buyer, kept.unitId)).toEqual({ __typename: 'UnitNotFound' });
    expect(await stage.sql('select state, owner_id from units where id = $1', [kept.unitId])).toEqual([
      { state: 'REVOKED', owner_id: buyer.userId },
    ]);
  });

  it('are revoked when all the money goes back, and are then out of the sold stock', async () => {
    const buyer = actAs.user();
    const { order, unitId, variantId } = await bought(buyer, 'not yet read');
    await tell(stage, 'PaymentCaptured', order);
    await tellRefund(stage, 'RefundSucceeded', order, { minor: order.amount.minor });
    expect(await reveal(buyer, unitId)).toEqual({ __typename: 'UnitNotFound' });
    expect(await stage.sql('select sold from stock_items where variant_id = $1', [variantId])).toEqual([{ sold: '0' }]);
  });

  it('do not open when their sealed text is moved to another row', async () => {
    const [one, two] = [await bought(actAs.user(), 'one'), await bought(actAs.user(), 'two')];
    const thief = (await stage.sql<{ owner_id: string }>('select owner_id from units where id = $1', [two.unitId]))[0]?.owner_id;
    await stage.sql('update units set sealed_secret = (select sealed_secret from units where id = $1) where id = $2', [
      one.unitId,
      two.unitId,
    ]);
    const answer = await stage.ask(actAs.user(thief), REVEAL, { input: { unitId: two.unitId } }, { key: 'stolen' });
    expect(JSON.stringify(answer)).not.toContain('one"');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
  });
});
