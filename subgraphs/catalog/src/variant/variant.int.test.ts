import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs } from '@tessera/service-kit/testing';
import { aVariant, type CatalogStage, openCatalog } from '../../test/catalog-stage.ts';

let stage: CatalogStage;
let categoryId: string;
beforeAll(async () => {
  stage = await openCatalog();
  categoryId = await stage.category();
});
afterAll(() => stage.close());

const options = [{ name: 'Size', values: ['S', 'M', 'L', 'XL'] }];
const sized = (sku: string, value: string, usd = '100') => ({ ...aVariant(sku, usd), optionValues: [{ name: 'Size', value }] });
const typesOf = (outcomes: readonly { readonly __typename: string }[]) => outcomes.map(({ __typename }) => __typename).sort();

describe('variants', () => {
  it('are added one after the other, however many come at once', async () => {
    const vendor = actAs.vendor();
    const { productId } = await stage.product(vendor, { options, variants: [] });
    const outcomes = await Promise.all(
      ['S', 'M', 'L', 'XL'].map((value) => stage.act(vendor, 'variantAdd', { productId, ...sized(`at-once-${value}`, value) })),
    );
    expect(typesOf(outcomes)).toEqual(Array.from({ length: 4 }, () => 'VariantAdded'));
    expect(await stage.sql('select position from product_variants where product_id = $1 order by 1', [productId])).toEqual(
      [1, 2, 3, 4].map((position) => ({ position })),
    );
  });

  it('with one sku at the same time in two products are one', async () => {
    const vendor = actAs.vendor();
    const products = await Promise.all([1, 2].map(() => stage.product(vendor, { variants: [] })));
    const outcomes = await Promise.all(
      products.map(({ productId }) => stage.act(vendor, 'variantAdd', { productId, ...aVariant('RACE') })),
    );
    expect(typesOf(outcomes)).toEqual(['SkuTaken', 'VariantAdded']);
  });

  it('leave a published product with one that can be bought, also when all are removed at once', async () => {
    const vendor = actAs.vendor();
    const { productId, variantIds } = await stage.product(vendor, {
      options,
      categoryId,
      variants: [sized('s', 'S'), sized('m', 'M')],
      publish: true,
    });
    const outcomes = await Promise.all(variantIds.map((variantId) => stage.act(vendor, 'variantRemove', { variantId })));
    expect(typesOf(outcomes)).toEqual(['ProductNotPublishable', 'VariantRemoved']);
    expect((await stage.events(productId)).map(({ type }) => type)).toEqual([
      'VariantAdded',
      'VariantAdded',
      'ProductPublished',
      'VariantRemoved',
    ]);
  });

  it('give their sku back when they are removed', async () => {
    const vendor = actAs.vendor();
    const { productId, variantIds } = await stage.product(vendor, { variants: [aVariant('AGAIN')] });
    await stage.act(vendor, 'variantRemove', { variantId: variantIds[0] });
    expect(await stage.act(vendor, 'variantRemove', { variantId: variantIds[0] })).toMatchObject({ __typename: 'ProductVariantNotFound' });
    expect(await stage.act(vendor, 'variantAdd', { productId, ...aVariant('AGAIN') })).toMatchObject({ __typename: 'VariantAdded' });
  });

  it('tell of a new sku or title, and keep quiet about their weight', async () => {
    const vendor = actAs.vendor();
    const { productId, variantIds } = await stage.product(vendor, { options, variants: [sized('s', 'S'), sized('m', 'M')] });
    const variantId = variantIds[0];
    const change = (input: object) => stage.act(vendor, 'variantUpdate', { variantId, ...input });
    expect(await change({ weightGrams: 300 })).toMatchObject({ __typename: 'VariantUpdated' });
    expect(await change({ sku: 'm' })).toMatchObject({ __typename: 'SkuTaken' });
    expect(await change({ optionValues: [{ name: 'Size', value: 'M' }] })).toMatchObject({ __typename: 'InvalidInput' });
    expect(await change({ sku: 's2', title: 'Small', optionValues: [{ name: 'Size', value: 'L' }] })).toMatchObject({
      __typename: 'VariantUpdated',
    });
    expect((await stage.events(productId)).slice(2)).toMatchObject([
      { type: 'VariantChanged', payload: { variantId, sku: 's2', title: 'Small' } },
    ]);
  });
});

describe('prices', () => {
  const prices = [
    { currency: 'EUR', minor: '900' },
    { currency: 'JPY', minor: '0' },
  ];
  const read =
    'query($id: ID!) { product(id: $id) { priceRange { lowest { currency minor } } yen: priceRange(currency: "JPY") { highest { decimal } } usd: priceRange(currency: "USD") { lowest { minor } } variants { price { currency minor } usd: price(currency: "USD") { minor } yen: price(currency: "JPY") { decimal } } } }';

  it('are set all at once, the first is the default, and a free one is a price', async () => {
    const vendor = actAs.vendor();
    const { productId, variantIds } = await stage.product(vendor);
    const set = () => stage.act(vendor, 'variantPriceSet', { variantId: variantIds[0], prices });
    expect([await set(), await set()]).toMatchObject([{ __typename: 'VariantPriceSet' }, { __typename: 'VariantPriceSet' }]);
    expect(await stage.data(vendor, read, { id: productId })).toEqual({
      product: {
        priceRange: { lowest: { currency: 'EUR', minor: '900' } },
        yen: { highest: { decimal: '0' } },
        usd: null,
        variants: [{ price: { currency: 'EUR', minor: '900' }, usd: null, yen: { decimal: '0' } }],
      },
    });
    expect((await stage.events(productId)).slice(1)).toMatchObject([{ type: 'PriceChanged', payload: { prices } }]);
  });

  it('cannot all be taken from a published product', async () => {
    const vendor = actAs.vendor();
    const { variantIds } = await stage.product(vendor, { categoryId, publish: true });
    expect(await stage.act(vendor, 'variantPriceSet', { variantId: variantIds[0], prices: [] })).toMatchObject({
      __typename: 'ProductNotPublishable',
    });
  });

  it.each([['-1'], ['1000000000001'], ['9223372036854775807']])('of %s are refused', async (minor) => {
    const vendor = actAs.vendor();
    const { variantIds } = await stage.product(vendor);
    const outcome = await stage.act(vendor, 'variantPriceSet', { variantId: variantIds[0], prices: [{ currency: 'USD', minor }] });
    expect(outcome).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: ['input', 'prices', '0', 'minor'] }] });
  });

  it('are refused by the database too when they are negative', async () => {
    const { productId } = await stage.product(actAs.vendor());
    const write = stage.sql(`update product_variants set prices = '[{"currency":"USD","minor":"-1"}]' where product_id = $1`, [productId]);
    await expect(write).rejects.toThrow('product_variants_prices_within_bounds');
  });
});
