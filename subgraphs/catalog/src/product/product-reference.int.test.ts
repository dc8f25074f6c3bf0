import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { actAs } from '@tessera/service-kit/testing';
import { aVariant, type CatalogStage, openCatalog } from '../../test/catalog-stage.ts';

let stage: CatalogStage;
let categoryId: string;
const vendor = actAs.vendor();
beforeAll(async () => {
  stage = await openCatalog();
  categoryId = await stage.category();
});
afterAll(() => stage.close());

const QUERY =
  'query($representations: [_Any!]!) { _entities(representations: $representations) { ... on Product { id title } ... on ProductVariant { id sku product { id } } ... on Category { id name } } }';

async function entities(viewer: Viewer, representations: readonly { __typename: string; id: string }[]) {
  return (await stage.data<{ _entities: readonly (object | null)[] }>(viewer, QUERY, { representations }))._entities;
}

/** How many statements the operation sends through the entity manager. */
async function countQueries(work: () => Promise<unknown>): Promise<string[]> {
  const logger = stage.subgraph.platform.orm.config.getLogger();
  const spy = jest.spyOn(logger, 'logQuery').mockImplementation(() => undefined);
  await work();
  const queries = spy.mock.calls.map(([{ query }]) => query ?? '');
  spy.mockRestore();
  return queries;
}

describe('references', () => {
  it('of many variants, products and categories take one query per kind', async () => {
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, at) => stage.product(vendor, { categoryId, publish: true, variants: [aVariant(`batch-${at}`)] })),
    );
    const variants = made.map(({ variantIds }) => ({ __typename: 'ProductVariant', id: variantIds[0] ?? '' }));
    const products = made.map(({ productId }) => ({ __typename: 'Product', id: productId }));
    expect(
      await countQueries(() => stage.ask(actAs.visitor(), QUERY.replace(' product { id }', ''), { representations: variants })),
    ).toHaveLength(1);
    expect(await countQueries(() => stage.ask(actAs.visitor(), QUERY, { representations: products }))).toHaveLength(1);
    const all = [...variants, ...products, { __typename: 'Category', id: categoryId }];
    expect(
      await countQueries(() => stage.ask(actAs.visitor(), QUERY.replace(' product { id }', ''), { representations: all })),
    ).toHaveLength(3);
  });

  it('of a list of products take one query for all variants', async () => {
    const read =
      '{ products(first: 6) { edges { node { category { name } variants { sku product { title } } priceRange { lowest { minor } } } } } }';
    const queries = await countQueries(() => stage.ask(actAs.visitor(), read));
    expect(queries).toHaveLength(4);
  });

  it('to a draft are answered to its vendor and the admin only', async () => {
    const { productId, variantIds } = await stage.product(vendor, { title: 'Secret' });
    const references = [
      { __typename: 'Product', id: productId },
      { __typename: 'ProductVariant', id: variantIds[0] ?? '' },
    ];
    const seen = [
      { id: productId, title: 'Secret' },
      { id: variantIds[0], sku: expect.any(String), product: { id: productId } },
    ];
    expect(await entities(vendor, references)).toEqual(seen);
    expect(await entities(stage.admin, references)).toEqual(seen);
    for (const viewer of [actAs.visitor(), actAs.user(), actAs.vendor(), actAs.service('orders')])
      expect(await entities(viewer, references)).toEqual([null, null]);
    const query = 'query($id: ID, $slug: String) { product(id: $id, slug: $slug) { id } }';
    expect(await stage.data(actAs.vendor(), query, { id: productId })).toEqual({ product: null });
    expect(await stage.data(actAs.vendor(), query, { slug: 'secret' })).toEqual({ product: null });
    expect(await stage.data(vendor, query, { slug: 'secret' })).toEqual({ product: { id: productId } });
  });

  it('to what was sold once are answered for ever, but it is not in the shop any more', async () => {
    const { productId, variantIds } = await stage.product(vendor, {
      categoryId,
      publish: true,
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: ['S', 'M'].map((value) => ({ ...aVariant(`sold-${value}`), optionValues: [{ name: 'Size', value }] })),
    });
    await stage.act(vendor, 'variantRemove', { variantId: variantIds[0] });
    await stage.act(vendor, 'productArchive', { productId });
    const references = variantIds.map((id) => ({ __typename: 'ProductVariant', id }));
    expect(await entities(actAs.user(), references)).toMatchObject([{ sku: 'sold-S', product: { id: productId } }, { sku: 'sold-M' }]);
    expect(await stage.data(actAs.user(), 'query($id: ID!) { product(id: $id) { id } }', { id: productId })).toEqual({ product: null });
  });

  it('to drafts that were put away are not answered', async () => {
    const { productId } = await stage.product(vendor);
    await stage.act(vendor, 'productArchive', { productId });
    expect(await entities(actAs.user(), [{ __typename: 'Product', id: productId }])).toEqual([null]);
  });

  it('to nothing are null', async () => {
    const ids = ['prd_01h455vb4pex5vsknk084sn02q', '', 'x'.repeat(100_000), "' or 1=1 --"];
    expect(
      await entities(
        actAs.user(),
        ids.map((id) => ({ __typename: 'Product', id })),
      ),
    ).toEqual([null, null, null, null]);
  });
});
