import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { aVariant, type CatalogStage, openCatalog } from '../test/catalog-stage.ts';

let stage: CatalogStage;
let mine: { productId: string; variantId: string; categoryId: string };
const vendor = actAs.vendor();
beforeAll(async () => {
  stage = await openCatalog();
  const categoryId = await stage.category();
  const { productId, variantIds } = await stage.product(vendor, { categoryId, publish: true });
  mine = { productId, variantId: variantIds[0] ?? '', categoryId };
});
afterAll(() => stage.close());

const HUGE = 'x'.repeat(1_000_000);
const usd = (minor: unknown) => ({ prices: [{ currency: 'USD', minor }] });
const create = (more: object) => ({ title: 'Bad', kind: 'PHYSICAL', ...more });

/** What must not get in: mutation, input, and how it is answered. */
const CASES: readonly (readonly [string, string, (ids: typeof mine) => object])[] = [
  ...['', '   ', HUGE, 'a\nb', 'a\u0000b', '\ud800', 7, { $gt: '' }, null].map(
    (title) => ['productCreate', `title ${JSON.stringify(title)?.slice(0, 20)}`, () => create({ title })] as const,
  ),
  ...['-a', 'A', 'a b', 'a/../b', HUGE, 'é', '\u202Ea'].map(
    (slug) => ['productCreate', `slug ${JSON.stringify(slug).slice(0, 20)}`, () => create({ slug })] as const,
  ),
  ['productCreate', 'description of 1 MB', () => create({ description: HUGE })],
  ['productCreate', 'unknown kind', () => create({ kind: 'SERVICE' })],
  ['productCreate', 'script as picture', () => create({ media: [{ url: 'javascript:alert(1)', alt: '' }] })],
  [
    'productCreate',
    'too many pictures',
    () => create({ media: Array.from({ length: 21 }, () => ({ url: 'https://a.example/b.png', alt: '' })) }),
  ],
  ['productCreate', 'an option twice', () => create({ options: [1, 2].map(() => ({ name: 'Size', values: ['S'] })) })],
  ['productCreate', 'an option without values', () => create({ options: [{ name: 'Size', values: [] }] })],
  ['productCreate', 'too many variants', () => create({ variants: Array.from({ length: 101 }, (_, at) => aVariant(`v${at}`)) })],
  ['productCreate', 'a sku twice', () => create({ variants: [aVariant('a'), aVariant('a')] })],
  ['productCreate', 'huge seo', () => create({ seo: { title: HUGE } })],
  ['productUpdate', 'blank title', ({ productId }) => ({ productId, title: ' ' })],
  ['productUpdate', 'version 0', ({ productId }) => ({ productId, title: 'Bad', expectedVersion: 0 })],
  ['productUpdate', 'huge id', () => ({ productId: HUGE, title: 'Bad' })],
  ['productUpdate', 'id of another kind', ({ variantId }) => ({ productId: variantId, title: 'Bad' })],
  ['productPublish', 'no id', () => ({})],
  ['productArchive', 'an object as id', () => ({ productId: { $ne: null } })],
  ...['', ' ', HUGE, 'a b', "a'b", '\u202Ea', '../a'].map(
    (sku) => ['variantAdd', `sku ${JSON.stringify(sku).slice(0, 20)}`, ({ productId }: typeof mine) => ({ productId, sku })] as const,
  ),
  ['variantAdd', 'weight 0', ({ productId }) => ({ productId, sku: 'ok', weightGrams: 0 })],
  ['variantAdd', 'huge weight', ({ productId }) => ({ productId, sku: 'ok', weightGrams: 2_147_483_647 })],
  ['variantAdd', 'an option that is none', ({ productId }) => ({ productId, sku: 'ok', optionValues: [{ name: 'Size', value: 'S' }] })],
  [
    'variantUpdate',
    'too many attributes',
    ({ variantId }) => ({ variantId, attributes: Array.from({ length: 51 }, () => ({ name: 'a', value: 'b' })) }),
  ],
  ['variantRemove', 'id of a product', ({ productId }) => ({ variantId: productId })],
  ...['-1', '1.5', '1e3', HUGE, 100, '9223372036854775808', ''].map(
    (minor) =>
      [
        'variantPriceSet',
        `amount ${JSON.stringify(minor).slice(0, 20)}`,
        ({ variantId }: typeof mine) => ({ variantId, ...usd(minor) }),
      ] as const,
  ),
  ['variantPriceSet', 'a currency twice', ({ variantId }) => ({ variantId, prices: [usd('1').prices[0], usd('2').prices[0]] })],
  ['variantPriceSet', 'a currency that is none', ({ variantId }) => ({ variantId, prices: [{ currency: 'XXX', minor: '1' }] })],
  ['categorySave', 'blank name', () => ({ name: ' ' })],
  ['categorySave', 'huge name', () => ({ name: HUGE })],
  ['categorySave', 'bad slug', () => ({ name: 'Ok', slug: 'Not ok' })],
];

describe('bad input', () => {
  it.each(CASES)('%s with %s is refused and writes nothing', async (mutation, _what, inputOf) => {
    const before = await fingerprint();
    const viewer = mutation === 'categorySave' ? stage.admin : vendor;
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
    const { data, errors } = await stage.ask(viewer, query, { input: { ...inputOf(mine), idempotencyKey: newId('event') } });
    const outcome = (data?.[mutation] as { __typename: string } | undefined)?.__typename;
    const code = (errors?.[0] as { extensions: { code: string } } | undefined)?.extensions.code;
    expect(outcome ?? code).toMatch(/^(InvalidInput|BAD_USER_INPUT|ProductNotFound|ProductVariantNotFound)$/);
    expect(await fingerprint()).toEqual(before);
  });

  it('without a key is told so', async () => {
    const { errors } = await stage.ask(vendor, 'mutation { productCreate(input: { title: "A", kind: PHYSICAL }) { __typename } }');
    expect(errors).toMatchObject([{ extensions: { code: 'IDEMPOTENCY_KEY_REQUIRED' } }]);
  });

  it('that only looks bad is stored as text', async () => {
    const title = `\u202Eright to left'; drop table products; -- {"$gt":""} <script>`;
    const { productId } = await stage.product(vendor, { title, variants: [] });
    expect(await stage.data(vendor, 'query($id: ID!) { product(id: $id) { title slug } }', { id: productId })).toEqual({
      product: { title, slug: 'right-to-left-drop-table-products-gt-script' },
    });
  });
});

/** Everything but the idempotency keys of refusals. */
async function fingerprint() {
  const tables = ['products', 'product_variants', 'categories', 'outbox', 'product_search'];
  return Promise.all(
    tables.map((table) =>
      stage.sql(`select count(*)::int as n, md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as h from ${table} t`),
    ),
  );
}
