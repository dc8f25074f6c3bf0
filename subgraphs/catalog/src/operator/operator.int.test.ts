import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { type CatalogStage, openCatalog } from '../../test/catalog-stage.ts';

let stage: CatalogStage;
beforeAll(async () => {
  stage = await openCatalog();
});
afterAll(() => stage.close());

const aSeed = (categoryId: string, vendorId: string) => ({
  vendorId,
  slug: 'seeded-lamp',
  title: 'Seeded lamp',
  kind: 'PHYSICAL' as const,
  categoryId,
  publish: true,
  options: [{ name: 'Colour', values: ['Black', 'White'] }],
  variants: ['Black', 'White'].map((value) => ({
    sku: `SEED-${value}`,
    prices: [
      { currency: 'USD' as const, minor: 1_000n },
      { currency: 'EUR' as const, minor: 900n },
    ],
    optionValues: [{ name: 'Colour', value }],
  })),
});

it('ensures a category and a product once, with the events of the mutations', async () => {
  const { operator } = stage.subgraph.services;
  const vendorId = newId('user');
  const top = await operator.ensureCategory({ slug: 'seeded', name: 'Seeded' });
  const categoryId = await operator.ensureCategory({ slug: 'seeded-sub', name: 'Seeded sub', parentId: top });
  expect(await operator.ensureCategory({ slug: 'seeded-sub', name: 'Another name' })).toBe(categoryId);

  const first = await operator.ensureProduct(aSeed(categoryId, vendorId));
  expect(Object.keys(first.variants)).toEqual(['SEED-Black', 'SEED-White']);
  expect(await operator.ensureProduct(aSeed(categoryId, vendorId))).toEqual(first);
  expect((await stage.events(first.productId)).map(({ type }) => type)).toEqual(['VariantAdded', 'VariantAdded', 'ProductPublished']);
});

it('ensures one product when two seeds run at once', async () => {
  const { operator } = stage.subgraph.services;
  const categoryId = await operator.ensureCategory({ slug: 'twice', name: 'Twice' });
  const seed = { ...aSeed(categoryId, newId('user')), slug: 'twice' };
  const [one, two] = await Promise.all([operator.ensureProduct(seed), operator.ensureProduct(seed)]);
  expect(one).toEqual(two);
});

it('stops at what the rules refuse', async () => {
  const seed = { ...aSeed('cat_none', newId('user')), slug: 'refused' };
  await expect(stage.subgraph.services.operator.ensureProduct(seed)).rejects.toThrow('CategoryNotFound');
});
