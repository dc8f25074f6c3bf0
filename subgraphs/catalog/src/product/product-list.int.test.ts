import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { actAs } from '@tessera/service-kit/testing';
import { aVariant, type CatalogStage, openCatalog } from '../../test/catalog-stage.ts';

let stage: CatalogStage;
const vendor = actAs.vendor();
const other = actAs.vendor();
const ids: Record<string, string> = {};

beforeAll(async () => {
  stage = await openCatalog();
  const home = await stage.category({ name: 'Home' });
  const lamps = await stage.category({ name: 'Lamps', parentId: home });
  const games = await stage.category({ name: 'Games' });
  Object.assign(ids, { home, lamps, games });
  const add = async (title: string, categoryId: string | null, usd: string | null, more: object = {}, by: Viewer = vendor) => {
    const variants = [usd === null ? { sku: `sku-${title}`, prices: [{ currency: 'EUR', minor: '100' }] } : aVariant(`sku-${title}`, usd)];
    ids[title] = (await stage.product(by, { title, categoryId, variants, publish: true, ...more })).productId;
  };
  await add('Alpha', lamps, '500');
  await add('Beta', home, '1500', { description: 'A 100% GREAT lamp.' });
  await add('Gamma', games, '90000', { kind: 'DIGITAL_UNITS' }, other);
  await add('Delta', games, null);
  await add('Draft', lamps, '500', { publish: false });
  await add('Hidden', lamps, '500', { publish: false }, other);
  await add('Gone', lamps, '500');
  await stage.act(vendor, 'productArchive', { productId: ids.Gone });
});
afterAll(() => stage.close());

const list =
  'query($where: ProductWhere, $orderBy: ProductOrderBy, $first: Int, $after: Cursor, $last: Int, $before: Cursor) { products(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) { totalCount pageInfo { hasNextPage endCursor startCursor } edges { node { title } } } }';
interface Page {
  readonly products: {
    readonly totalCount: number;
    readonly pageInfo: { hasNextPage: boolean; endCursor: string; startCursor: string };
    readonly edges: readonly { node: { title: string } }[];
  };
}
const page = (variables: object, viewer: Viewer = actAs.visitor()) => stage.data<Page>(viewer, list, { orderBy: 'TITLE', ...variables });
const titles = async (where: object, viewer?: Viewer) => (await page({ where }, viewer)).products.edges.map(({ node }) => node.title);

describe('products', () => {
  it.each<[string, () => object, readonly string[]]>([
    ['all that is in the shop', () => ({}), ['Alpha', 'Beta', 'Delta', 'Gamma']],
    ['a category with those below it', () => ({ category: { eq: ids.home } }), ['Alpha', 'Beta']],
    ['one of some categories', () => ({ category: { in: [ids.lamps, ids.games] } }), ['Alpha', 'Delta', 'Gamma']],
    ['outside a category', () => ({ not: { category: { eq: ids.home } } }), ['Delta', 'Gamma']],
    ['a kind', () => ({ kind: { eq: 'DIGITAL_UNITS' } }), ['Gamma']],
    ['a vendor', () => ({ vendor: { eq: vendor.userId } }), ['Alpha', 'Beta', 'Delta']],
    ['a range of prices', () => ({ price: { currency: 'USD', gte: '500', lte: '1500' } }), ['Alpha', 'Beta']],
    ['sold in a currency at all', () => ({ price: { currency: 'USD' } }), ['Alpha', 'Beta', 'Gamma']],
    [
      'outside a range, or not sold in its currency',
      () => ({ not: { price: { currency: 'USD', gte: '600', lte: '2000' } } }),
      ['Alpha', 'Delta', 'Gamma'],
    ],
    [
      'amounts beyond all prices',
      () => ({ price: { currency: 'USD', gte: '-9223372036854775808', lte: '9223372036854775807' } }),
      ['Alpha', 'Beta', 'Gamma'],
    ],
    ['text in upper or lower case', () => ({ text: 'great LAMP' }), ['Beta']],
    ['text that means something to a pattern', () => ({ text: '100% GREAT lamp.' }), ['Beta']],
    ['text that would match everything as a pattern', () => ({ text: '.*' }), []],
    ['the start of words', () => ({ text: 'GRE lam' }), ['Beta']],
    ['text that is not there', () => ({ not: { text: 'a' } }), ['Delta', 'Gamma']],
    ['neither text nor its absence', () => ({ text: 'a', not: { text: 'alpha' } }), ['Beta']],
    ['text without a word', () => ({ or: [{ text: '!' }, { not: { not: { text: '!' } } }] }), []],
    ['either of two', () => ({ or: [{ kind: { eq: 'DIGITAL_UNITS' } }, { text: 'alp' }] }), ['Alpha', 'Gamma']],
    ['neither of two', () => ({ not: { or: [{ kind: { eq: 'DIGITAL_UNITS' } }, { text: 'alp' }] } }), ['Beta', 'Delta']],
    ['an alternative without conditions', () => ({ or: [{}, { text: 'alp' }] }), ['Alpha', 'Beta', 'Delta', 'Gamma']],
    ['no alternative', () => ({ or: [] }), []],
    ['none of no ids', () => ({ category: { in: [] } }), []],
    ['ids that are none', () => ({ category: { eq: "' or 1=1 --" } }), []],
  ])('are filtered by %s', async (_name, where, expected) => {
    expect(await titles(where())).toEqual(expected);
  });

  it('hold drafts for their vendor and the admin when they ask by status, and archived ones for nobody', async () => {
    const drafts = { status: { in: ['DRAFT', 'ARCHIVED'] } };
    expect(await titles(drafts)).toEqual([]);
    expect(await titles(drafts, actAs.user())).toEqual([]);
    expect(await titles(drafts, vendor)).toEqual(['Draft']);
    expect(await titles(drafts, stage.admin)).toEqual(['Draft', 'Hidden']);
    expect(await titles({ ...drafts, text: 'draft' }, vendor)).toEqual(['Draft']);
    expect(await titles({ ...drafts, text: 'draft' }, other)).toEqual([]);
    expect(await titles({ ...drafts, text: 'gone' }, vendor)).toEqual([]);
    expect(await titles({}, vendor)).toEqual(['Alpha', 'Beta', 'Delta', 'Gamma']);
    expect(await titles({ or: [{ status: { eq: 'DRAFT' } }, { vendor: { eq: other.userId } }] }, vendor)).toEqual(['Draft', 'Gamma']);
  });

  it('come in pages, there and back, each product once', async () => {
    const seen: string[] = [];
    let after: string | undefined;
    for (let turn = 0; turn < 4; turn += 1) {
      const { products } = await page({ first: 1, orderBy: 'NEWEST', ...(after ? { after } : {}) });
      seen.push(...products.edges.map(({ node }) => node.title));
      expect(products.pageInfo.hasNextPage).toBe(turn < 3);
      expect(products.totalCount).toBe(4);
      after = products.pageInfo.endCursor;
    }
    expect(seen).toEqual(['Delta', 'Gamma', 'Beta', 'Alpha']);
    const back = await page({ last: 2, before: after, orderBy: 'NEWEST' });
    expect(back.products.edges.map(({ node }) => node.title)).toEqual(['Gamma', 'Beta']);
  });

  it('refuse a cursor of another filter, a page without end, and a tree too deep', async () => {
    const { endCursor } = (await page({ first: 1 })).products.pageInfo;
    const deep = { not: { not: { not: { not: { text: 'x' } } } } };
    for (const variables of [
      { after: endCursor, where: { text: 'a' } },
      { first: 101 },
      { first: 0 },
      { where: deep },
      { where: { text: ' ' } },
      { where: { text: 'a\u0000' } },
    ]) {
      const { errors } = await stage.ask(actAs.visitor(), list, { orderBy: 'TITLE', ...variables });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });

  it('are listed by their category, with the way to it', async () => {
    const query =
      'query($id: ID!) { category(id: $id) { name parent { name } children { name } breadcrumbs { name } products(orderBy: TITLE) { totalCount edges { node { title } } } } }';
    const { category } = await stage.data<{ category: object }>(actAs.visitor(), query, { id: ids.lamps });
    expect(category).toEqual({
      name: 'Lamps',
      parent: { name: 'Home' },
      children: [],
      breadcrumbs: [{ name: 'Home' }, { name: 'Lamps' }],
      products: { totalCount: 1, edges: [{ node: { title: 'Alpha' } }] },
    });
  });
});

describe('productSearch', () => {
  const query =
    'query($text: String!, $where: ProductWhere, $first: Int, $after: Cursor) { productSearch(text: $text, where: $where, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { title } } } }';
  interface Found {
    readonly productSearch: {
      readonly totalCount: number;
      readonly pageInfo: { hasNextPage: boolean; endCursor: string };
      readonly edges: readonly { node: { title: string } }[];
    };
  }
  const search = async (text: string, more: object = {}) =>
    (await stage.data<Found>(actAs.visitor(), query, { text, ...more })).productSearch;
  const found = async (text: string, more: object = {}) => (await search(text, more)).edges.map(({ node }) => node.title);
  const shop = actAs.vendor();
  let categoryId: string;
  let titled: string;

  beforeAll(async () => {
    categoryId = await stage.category({ name: 'Search' });
    const add = (title: string, description: string, sku: string) =>
      stage.product(shop, { title, description, categoryId, publish: true, variants: [aVariant(sku)] });
    await add('Wooden table', 'Goes well with every espresso machine.', 'TBL-900');
    titled = (await add('Espresso machine', 'Makes coffee.', 'ESP-1')).productId;
    await add('Café crème cups', 'For running coffee shops.', 'CUP-1');
    await stage.product(shop, { title: 'Espresso draft', categoryId, variants: [aVariant('ESP-2')] });
  });

  it('ranks a title above a description and finds the start of words', async () => {
    expect(await found('espresso')).toEqual(['Espresso machine', 'Wooden table']);
    expect(await found('espr mach')).toEqual(['Espresso machine', 'Wooden table']);
  });

  it('takes all words, accents, stems and skus', async () => {
    expect(await found('espresso table')).toEqual(['Wooden table']);
    expect(await found('CAFE CREME')).toEqual(['Café crème cups']);
    expect(await found('runs')).toEqual(['Café crème cups']);
    expect(await found('tbl-900')).toEqual(['Wooden table']);
  });

  it('filters, pages and counts', async () => {
    expect(await found('espresso', { where: { text: 'wooden' } })).toEqual(['Wooden table']);
    const first = await search('espresso', { first: 1 });
    expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true }, edges: [{ node: { title: 'Espresso machine' } }] });
    const second = await search('espresso', { first: 1, after: first.pageInfo.endCursor });
    expect(second).toMatchObject({ pageInfo: { hasNextPage: false }, edges: [{ node: { title: 'Wooden table' } }] });
  });

  it('follows a product in the same moment: new title, archive, and back', async () => {
    await stage.act(shop, 'productUpdate', { productId: titled, title: 'Samovar' });
    expect([await found('samovar'), await found('espresso')]).toEqual([['Samovar'], ['Wooden table']]);
    await stage.act(shop, 'productArchive', { productId: titled });
    expect(await found('samovar')).toEqual([]);
    await stage.act(shop, 'productPublish', { productId: titled });
    expect(await found('samovar')).toEqual(['Samovar']);
  });

  it('suggests titles', async () => {
    const { productSuggestions } = await stage.data<{ productSuggestions: object }>(
      actAs.visitor(),
      '{ productSuggestions(text: "wood", first: 3) { text product { slug } } }',
    );
    expect(productSuggestions).toEqual([{ text: 'Wooden table', product: { slug: 'wooden-table' } }]);
  });

  it.each(["'; drop table products; --", 'zz & | ! ( ) : * <->', '\\', '%_', '"', '\u202Eabc', '!!!'])('takes %j as text', async (text) => {
    expect(await found(text)).toEqual([]);
  });

  it('refuses no text and too much of it', async () => {
    for (const text of ['', '   ', 'x'.repeat(201)]) {
      expect((await stage.ask(actAs.visitor(), query, { text })).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });
});
