import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { actAs } from '@tessera/service-kit/testing';
import { aVariant, type CatalogStage, openCatalog } from '../../test/catalog-stage.ts';
import { ProductEntity } from '../product/product.entity.ts';
import { createPostgresSearch } from './postgres-search.ts';

const MANY = 10_000;
let stage: CatalogStage;
beforeAll(async () => {
  stage = await openCatalog();
  const categoryId = await stage.category();
  const { productId } = await stage.product(actAs.vendor(), { title: 'Needle', categoryId, publish: true, variants: [aVariant()] });
  await stage.sql(
    `insert into products select (jsonb_populate_record(p, jsonb_build_object('id', 'copy' || n, 'slug', 'copy-' || n, 'title', 'Straw ' || n))).*
     from products p, generate_series(1, ${MANY}) n where p.id = $1`,
    [productId],
  );
  await stage.sql(`insert into product_search select id, to_tsvector('simple', title) from products where id <> $1`, [productId]);
  await stage.sql('vacuum analyze products, product_search');
});
afterAll(() => stage.close());

it('reads the text index for a condition of a list, and not every product', async () => {
  const em = stage.subgraph.platform.orm.em.fork();
  const { holds } = createPostgresSearch().condition('needle');
  const query = em
    .createQueryBuilder(ProductEntity, 'p')
    .where({ status: 'PUBLISHED' })
    .andWhere(holds as never) // any filter of products: the builder's overloads want a literal
    .getFormattedQuery();
  const plan = (await stage.sql(`explain ${query}`)).map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('product_search_document');
  expect(plan).not.toContain('Seq Scan on products');
  expect(await em.count(ProductEntity, holds)).toBe(1);
});

it('adds drafts that were there before it held them', async () => {
  const vendor = actAs.vendor();
  const { productId } = await stage.product(vendor, { title: 'Crème brûlée', description: 'For running.', variants: [aVariant('OLD-77')] });
  await stage.sql('delete from product_search where product_id = $1', [productId]);
  await stage.sql(`delete from schema_migrations where name = 'catalog-0003-search-drafts'`);
  await stage.subgraph.migrate();
  const em = stage.subgraph.platform.orm.em.fork();
  for (const text of ['creme', 'BRÛL', 'runs', 'old-77'])
    expect(await em.count(ProductEntity, { $and: [{ id: productId }, createPostgresSearch().condition(text).holds] })).toBe(1);
});
