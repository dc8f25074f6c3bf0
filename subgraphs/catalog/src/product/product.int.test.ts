import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs } from '@tessera/service-kit/testing';
import { aVariant, type CatalogStage, type Outcome, openCatalog } from '../../test/catalog-stage.ts';

let stage: CatalogStage;
let categoryId: string;
beforeAll(async () => {
  stage = await openCatalog();
  categoryId = await stage.category();
});
afterAll(() => stage.close());

const types = async (productId: string) => (await stage.events(productId)).map(({ type }) => type);

describe('productCreate', () => {
  const input = { title: 'Desk lamp', kind: 'PHYSICAL', variants: [aVariant('LAMP-1')] };
  const fields =
    '... on ProductCreated { product { id slug status variants { id sku } } } ... on SlugTaken { suggestion } ... on SkuTaken { sku }';

  it('answers a retry with the same product and tells orders of each variant once', async () => {
    const vendor = actAs.vendor();
    const [first, second] = [
      await stage.act(vendor, 'productCreate', input, fields, 'k1'),
      await stage.act(vendor, 'productCreate', input, fields, 'k1'),
    ];
    expect(first).toMatchObject({ __typename: 'ProductCreated', product: { slug: 'desk-lamp', status: 'DRAFT' } });
    expect(second).toEqual(first);
    const { id, variants } = (first as unknown as { product: { id: string; variants: { id: string }[] } }).product;
    expect(await stage.events(id)).toEqual([
      {
        type: 'VariantAdded',
        payload: {
          variantId: variants[0]?.id,
          productId: id,
          vendorId: vendor.userId,
          sku: 'LAMP-1',
          title: 'Desk lamp',
          productTitle: 'Desk lamp',
          kind: 'PHYSICAL',
          prices: [{ currency: 'USD', minor: '1999' }],
        },
      },
    ]);
  });

  it('names the fields that differ when a key is used again', async () => {
    const vendor = actAs.vendor();
    await stage.act(vendor, 'productCreate', input, '', 'k2');
    const reused = await stage.act(
      vendor,
      'productCreate',
      { ...input, title: 'Floor lamp' },
      '... on IdempotencyKeyReused { differingFields }',
      'k2',
    );
    expect(reused).toMatchObject({ __typename: 'IdempotencyKeyReused', differingFields: ['input.title'] });
  });

  it('makes one product of the same request sent five times at once', async () => {
    const vendor = actAs.vendor();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => stage.act(vendor, 'productCreate', input, fields, 'k3')));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(await stage.sql('select 1 from products where vendor_id = $1', [vendor.userId])).toHaveLength(1);
  });

  it('gives equal titles different slugs, also at the same time', async () => {
    const created = await Promise.all(
      Array.from({ length: 4 }, () => stage.act(actAs.vendor(), 'productCreate', { ...input, title: 'Twin' }, fields)),
    );
    const slugs = created.map((outcome) => (outcome as unknown as { product: { slug: string } }).product.slug);
    expect(slugs.sort()).toEqual(['twin', 'twin-2', 'twin-3', 'twin-4']);
  });

  it('suggests another slug for one that is taken', async () => {
    await stage.product(actAs.vendor(), { slug: 'taken' });
    const outcome = await stage.act(actAs.vendor(), 'productCreate', { ...input, slug: 'taken' }, fields);
    expect(outcome).toMatchObject({ __typename: 'SlugTaken', suggestion: 'taken-2' });
  });

  it('refuses a sku that this vendor sells already; another vendor may use it', async () => {
    const vendor = actAs.vendor();
    await stage.product(vendor, { variants: [aVariant('SAME')] });
    expect(await stage.act(vendor, 'productCreate', { ...input, variants: [aVariant('SAME')] }, fields)).toMatchObject({
      __typename: 'SkuTaken',
      sku: 'SAME',
    });
    expect(await stage.act(actAs.vendor(), 'productCreate', { ...input, variants: [aVariant('SAME')] })).toMatchObject({
      __typename: 'ProductCreated',
    });
  });

  it('refuses a category that is not there', async () => {
    const outcome = await stage.act(actAs.vendor(), 'productCreate', { ...input, categoryId: 'cat_01h455vb4pex5vsknk084sn02q' });
    expect(outcome).toMatchObject({ __typename: 'CategoryNotFound', path: ['input', 'categoryId'] });
  });

  it('is for vendors', async () => {
    const query = 'mutation($input: ProductCreateInput!) { productCreate(input: $input) { __typename } }';
    const codes = await Promise.all(
      [actAs.user(), actAs.visitor()].map(async (viewer) =>
        (await stage.ask(viewer, query, { input })).errors?.map((error) => (error as { extensions: { code: string } }).extensions.code),
      ),
    );
    expect(codes).toEqual([['FORBIDDEN'], ['UNAUTHENTICATED']]);
  });
});

describe('the life of a product', () => {
  it('is published only when it can be sold, and is told once', async () => {
    const vendor = actAs.vendor();
    const { productId } = await stage.product(vendor, { variants: [] });
    const publish = () =>
      stage.act(
        vendor,
        'productPublish',
        { productId },
        '... on ProductNotPublishable { reasons } ... on ProductPublished { product { status publishedAt } }',
      );
    expect(await publish()).toMatchObject({ __typename: 'ProductNotPublishable', reasons: ['NO_VARIANT', 'NO_CATEGORY'] });

    await stage.act(vendor, 'productUpdate', { productId, categoryId });
    await stage.act(vendor, 'variantAdd', { productId, sku: 'A' });
    expect(await publish()).toMatchObject({ __typename: 'ProductNotPublishable', reasons: ['NO_PRICE'] });

    await stage
      .act(vendor, 'variantAdd', { productId, ...aVariant('B') })
      .then((outcome) => expect(outcome).toMatchObject({ __typename: 'InvalidInput', issues: [{ code: 'combination_taken' }] }));
    const [{ id: variantId }] = (await stage.sql<{ id: string }>('select id from product_variants where product_id = $1', [productId])) as [
      { id: string },
    ];
    await stage.act(vendor, 'variantPriceSet', { variantId, prices: [{ currency: 'USD', minor: '5' }] });
    expect(await publish()).toMatchObject({
      __typename: 'ProductPublished',
      product: { status: 'PUBLISHED', publishedAt: expect.any(String) },
    });
    expect(await publish()).toMatchObject({ __typename: 'ProductPublished' });
    expect(await types(productId)).toEqual(['VariantAdded', 'PriceChanged', 'ProductPublished']);
  });

  it('ends in the archive, from where it can come back', async () => {
    const vendor = actAs.vendor();
    const { productId } = await stage.product(vendor, { categoryId, publish: true });
    for (const mutation of ['productArchive', 'productArchive', 'productPublish']) await stage.act(vendor, mutation, { productId });
    expect(await types(productId)).toEqual(['VariantAdded', 'ProductPublished', 'ProductArchived', 'ProductPublished']);
  });

  it('refuses a change that was decided on an older version', async () => {
    const vendor = actAs.vendor();
    const { productId } = await stage.product(vendor);
    const change = (title: string, expectedVersion: number) =>
      stage.act(
        vendor,
        'productUpdate',
        { productId, title, expectedVersion },
        '... on ProductUpdated { product { version title } } ... on VersionConflict { currentVersion }',
      );
    expect(await change('One', 1)).toMatchObject({ __typename: 'ProductUpdated', product: { title: 'One', version: 2 } });
    expect(await change('Two', 1)).toMatchObject({ __typename: 'VersionConflict', currentVersion: 2 });
    const both = await Promise.all([change('Left', 2), change('Right', 2)]);
    expect(both.map(({ __typename }) => __typename).sort()).toEqual(['ProductUpdated', 'VersionConflict']);
  });

  it('tells of a new title through its variants', async () => {
    const vendor = actAs.vendor();
    const { productId } = await stage.product(vendor, { title: 'Old' });
    await stage.act(vendor, 'productUpdate', { productId, title: 'New' });
    await stage.act(vendor, 'productUpdate', { productId, description: 'More words.' });
    expect((await stage.events(productId)).map(({ type, payload }) => [type, payload.productTitle])).toEqual([
      ['VariantAdded', 'Old'],
      ['VariantChanged', 'New'],
    ]);
  });

  it('keeps options that its variants need', async () => {
    const vendor = actAs.vendor();
    const { productId } = await stage.product(vendor);
    const outcome = await stage.act(vendor, 'productUpdate', { productId, options: [{ name: 'Size', values: ['S'] }] });
    expect(outcome).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: ['input', 'options'], code: 'option_missing' }] });
  });
});

describe('somebody else’s product', () => {
  const mutations: readonly (readonly [string, (ids: { productId: string; variantId: string }) => object, string])[] = [
    ['productUpdate', ({ productId }) => ({ productId, title: 'Mine now' }), 'ProductNotFound'],
    ['productPublish', ({ productId }) => ({ productId }), 'ProductNotFound'],
    ['productArchive', ({ productId }) => ({ productId }), 'ProductNotFound'],
    ['variantAdd', ({ productId }) => ({ productId, sku: 'X' }), 'ProductNotFound'],
    ['variantUpdate', ({ variantId }) => ({ variantId, title: 'Mine now' }), 'ProductVariantNotFound'],
    ['variantRemove', ({ variantId }) => ({ variantId }), 'ProductVariantNotFound'],
    ['variantPriceSet', ({ variantId }) => ({ variantId, prices: [{ currency: 'USD', minor: '0' }] }), 'ProductVariantNotFound'],
  ];

  it.each(mutations)('%s answers as if it were not there, and an admin may', async (mutation, inputOf, refusal) => {
    const { productId, variantIds } = await stage.product(actAs.vendor(), { categoryId });
    const mine = { productId, variantId: variantIds[0] ?? '' };
    const nobodys = { productId: 'prd_01h455vb4pex5vsknk084sn02q', variantId: 'var_01h455vb4pex5vsknk084sn02q' };
    const before = await stage.events(productId);
    const [foreign, absent] = [
      await stage.act(actAs.vendor(), mutation, inputOf(mine)),
      await stage.act(actAs.vendor(), mutation, inputOf(nobodys)),
    ];
    expect(foreign.__typename).toBe(refusal);
    expect(absent).toEqual(foreign);
    expect(await stage.events(productId)).toEqual(before);
    const byAdmin: Outcome = await stage.act(stage.admin, mutation, inputOf(mine));
    expect(byAdmin.__typename).not.toBe(refusal);
    expect(byAdmin.__typename).not.toBe('FORBIDDEN');
  });
});
