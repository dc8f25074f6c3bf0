import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { actAs, type OrdersStage, startOrders } from '../../test/orders-stage.ts';
import { onVariantChanged } from '../variant/on-variant-changed.ts';

const CART = `cart { id currency itemCount subtotal { minor } lines { quantity title isPurchasable unitPrice { minor currency } variant { id } } }`;
type Outcome = { readonly __typename: string; readonly cart?: { readonly id: string } & Record<string, unknown> };

describe('carts', () => {
  let stage: OrdersStage;
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  const run = async (viewer: Viewer, mutation: string, input: object): Promise<Outcome> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const data = await stage.data<Record<string, Outcome>>(
      viewer,
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename ... on CartChanged { ${CART} } } }`,
      { input },
    );
    return data[mutation] as Outcome;
  };
  const read = async (viewer: Viewer, cartId?: string) =>
    (
      await stage.ask(
        viewer,
        `query ($cartId: ID) { cart(cartId: $cartId) { itemCount lines { quantity unitPrice { minor } isPurchasable } } }`,
        { cartId },
      )
    ).data?.cart;

  it('are found by their id when anonymous, and by their owner alone when signed in', async () => {
    const { variantId } = await stage.aVariant();
    const visitor = actAs.visitor();
    const anonymous = await run(visitor, 'cartLineAdd', { variantId, quantity: 2 });
    expect(anonymous).toMatchObject({
      cart: { currency: 'USD', itemCount: 2, subtotal: { minor: '2000' }, lines: [{ title: 'Thing – Blue', variant: { id: variantId } }] },
    });
    expect(await read(actAs.visitor(), anonymous.cart?.id)).toMatchObject({ itemCount: 2 });
    expect(await read(visitor)).toBeNull();

    const user = actAs.user();
    const own = await run(user, 'cartLineAdd', { variantId });
    expect(await read(user)).toMatchObject({ itemCount: 1 });
    for (const viewer of [visitor, actAs.user()]) {
      expect(await read(viewer, own.cart?.id)).toBeNull();
      for (const [mutation, input] of [
        ['cartLineAdd', { variantId }],
        ['cartLineSet', { variantId, quantity: 1 }],
        ['cartLineRemove', { variantId }],
        ['cartClear', {}],
      ] as const) {
        expect(await run(viewer, mutation, { ...input, cartId: own.cart?.id })).toEqual({ __typename: 'CartNotFound' });
      }
    }
    expect(await run(visitor, 'cartClear', { cartId: newId('cart') })).toEqual({ __typename: 'CartNotFound' });
  });

  it('lose nothing when two requests put something into a cart that is not there yet', async () => {
    const user = actAs.user();
    const { variantId } = await stage.aVariant();
    await Promise.all(Array.from({ length: 6 }, () => run(user, 'cartLineAdd', { variantId })));
    expect(await read(user)).toMatchObject({ itemCount: 6 });
  });

  it('merge after signing in without loss', async () => {
    const [visitor, user] = [actAs.visitor(), actAs.user()];
    const [one, two] = [await stage.aVariant(), await stage.aVariant()];
    const { cart } = await run(visitor, 'cartLineAdd', { variantId: one.variantId, quantity: 998 });
    await run(visitor, 'cartLineAdd', { cartId: cart?.id, variantId: two.variantId, quantity: 3 });
    await run(user, 'cartLineAdd', { variantId: one.variantId, quantity: 5 });
    expect(await run(user, 'cartMerge', { cartId: cart?.id })).toMatchObject({ cart: { itemCount: 999 + 3 } });
    expect(await read(visitor, cart?.id)).toBeNull();
    expect(await run(user, 'cartMerge', { cartId: cart?.id })).toEqual({ __typename: 'CartNotFound' });
    const { errors } = await stage.ask(
      visitor,
      'mutation ($input: CartMergeInput!) { cartMerge(input: $input) { __typename } }',
      { input: { cartId: cart?.id } },
      { key: 'k' },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('show the prices of now, and what is no longer sold', async () => {
    const user = actAs.user();
    const variant = await stage.aVariant();
    await run(user, 'cartLineAdd', { variantId: variant.variantId });
    const payload = { ...variant, prices: [{ currency: 'USD', minor: '1234' }], sku: 's', title: 'Blue', productTitle: 'Thing' };
    await stage.play({ type: 'PriceChanged', aggregateId: variant.productId, payload });
    expect(await read(user)).toMatchObject({ lines: [{ unitPrice: { minor: '1234' } }] });
    await stage.play({ type: 'VariantRemoved', aggregateId: variant.productId, payload: variant });
    expect(await read(user)).toMatchObject({ lines: [{ unitPrice: null, isPurchasable: false }] });
    expect(await run(user, 'cartLineAdd', { variantId: variant.variantId })).toEqual({ __typename: 'VariantNotFound' });
  });

  it('believe the later of two events of the catalog, in whatever order they come', async () => {
    const user = actAs.user();
    const variant = await stage.aVariant();
    await run(user, 'cartLineAdd', { variantId: variant.variantId });
    const payload = { ...variant, prices: [{ currency: 'USD', minor: '1' }], sku: 's', title: 'Blue', productTitle: 'Thing' };
    const unit = { em: stage.subgraph.platform.orm.em.fork(), now: new Date(), publish: () => {} };
    const late = { payload, position: 1 } as ReceivedEvent<'PriceChanged'>; // the handler reads nothing else
    await onVariantChanged(late, unit);
    expect(await read(user)).toMatchObject({ lines: [{ unitPrice: { minor: '1000' } }] });
  });

  it('keep their currency and their bounds', async () => {
    const user = actAs.user();
    const dollars = await stage.aVariant();
    const euros = await stage.aVariant({ prices: [{ currency: 'EUR', minor: '5' }] });
    const { variantId } = dollars;
    await run(user, 'cartLineAdd', { variantId, quantity: 999 });
    expect(await run(user, 'cartLineAdd', { variantId: euros.variantId })).toEqual({ __typename: 'NotSoldInCurrency' });
    for (const bad of [
      { quantity: 1 },
      { quantity: 0 },
      { quantity: -3 },
      { quantity: 1_000 },
      { currency: 'EUR' },
      { variantId: 'x'.repeat(100_000) },
      { variantId: newId('user') },
    ]) {
      expect(await run(user, 'cartLineAdd', { variantId, ...bad })).toEqual({ __typename: 'InvalidInput' });
    }
    expect(await run(user, 'cartLineAdd', { variantId: newId('variant') })).toEqual({ __typename: 'VariantNotFound' });
    expect(await run(user, 'cartLineSet', { variantId, quantity: 7 })).toMatchObject({ cart: { itemCount: 7 } });
    expect(await run(user, 'cartLineRemove', { variantId })).toMatchObject({ cart: { itemCount: 0 } });
    expect(await run(user, 'cartLineAdd', { variantId: euros.variantId })).toMatchObject({ cart: { currency: 'EUR' } });
    expect(await run(user, 'cartClear', {})).toMatchObject({ cart: { lines: [] } });
  });

  it('are read from the database when Redis holds an older version, nonsense, or cannot be reached', async () => {
    const user = actAs.user();
    const { variantId } = await stage.aVariant();
    const { cart } = await run(user, 'cartLineAdd', { variantId });
    const { cartCache } = stage.subgraph.services;
    await cartCache.put(cart?.id ?? '', 1, [{ variantId, quantity: 77 }]);
    expect(await read(user)).toMatchObject({ itemCount: 1 });
    await cartCache.close();
    expect(await read(user)).toMatchObject({ itemCount: 1 });
    expect(await run(user, 'cartLineAdd', { variantId })).toMatchObject({ cart: { itemCount: 2 } });
  });
});
