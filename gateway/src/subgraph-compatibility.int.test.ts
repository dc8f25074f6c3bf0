import { composeServices } from '@apollo/composition';
import { Trace } from '@apollo/usage-reporting-protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IDENTITY_HEADER, signIdentity } from '@tessera/service-kit/identity';
import { createLogger } from '@tessera/service-kit/service';
import { type RunningSubgraph, startSubgraph } from '@tessera/service-kit/subgraph';
import { actAs, commonTestConfig, createTestDatabase, type TestDatabase } from '@tessera/service-kit/testing';
import { buildSchema, isObjectType, parse, stripIgnoredCharacters } from 'graphql';
import { createProducts } from '../test/compatibility/products.ts';
import { newIdentityKey } from '../test/identity-key.ts';
import { newSecret, post } from '../test/toy-platform.ts';
import { toySubgraph } from '../test/toy-subgraphs.ts';
import { createGateway, type Gateway } from './gateway.ts';

/** The fifteen features of the public suite, each asked of the subgraph itself over HTTP, or of the supergraph of three through our gateway. */
const FEATURES = [
  '_service',
  '@key (single)',
  '@key (multi)',
  '@key (composite)',
  'repeatable @key',
  '@requires',
  '@provides',
  'federated tracing',
  '@link',
  '@shareable',
  '@tag',
  '@override',
  '@inaccessible',
  '@composeDirective',
  '@interfaceObject',
] as const;
type Feature = (typeof FEATURES)[number];

const EMAIL = 'support@apollographql.com';
const passed = new Set<Feature>();
const key = newIdentityKey();
const { d: _private, ...publicKey } = key;
const identityKeys = { keys: [{ ...publicKey, alg: 'EdDSA', use: 'sig' }] };

let database: TestDatabase;
let running: RunningSubgraph;
let gateway: Gateway;
let sdl: string;

beforeAll(async () => {
  const migrate = async (url: string) => {
    const subgraph = createProducts(commonTestConfig(url));
    await subgraph.migrate();
    await subgraph.close();
  };
  database = await createTestDatabase({ name: 'compatibility', version: '1', migrate });
  running = await startSubgraph(createProducts({ ...commonTestConfig(database.url), identityKeys }));
  const served = await ask('{ _service { sdl } }');
  sdl = stripIgnoredCharacters((served.data as { _service: { sdl: string } })._service.sdl);
  gateway = await startGateway((served.data as { _service: { sdl: string } })._service.sdl);
});
afterAll(async () => {
  await gateway.close({ timeoutMs: 500 });
  await running.close();
  await database.drop();
});

async function ask(query: string, variables: object = {}, headers: Record<string, string> = {}) {
  const identity = { [IDENTITY_HEADER]: await signIdentity(actAs.user('usr_a'), { privateKey: key, ttlSeconds: 60 }) };
  const answer = await fetch(`${running.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...identity, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await answer.json()) as { data?: unknown; errors?: unknown; extensions?: Record<string, unknown> };
}

const entities = (selection: string, representations: readonly object[]) =>
  ask(`query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`, { representations });
const throughGateway = async (query: string, id: string) => {
  const { data, errors } = await post(gateway.url ?? '', { query: `query ($id: ID!) { ${query} }`, variables: { id } });
  return { data, errors };
};

async function startGateway(productsSdl: string): Promise<Gateway> {
  const users = toySubgraph(
    'users',
    'type User @key(fields: "email") { email: ID! name: String totalProductsCreated: Int @shareable yearsOfEmployment: Int! }',
    {
      User: {
        __resolveReference: ({ email }: { email: string }) =>
          email === EMAIL ? { email, name: 'Somebody Else', totalProductsCreated: 10, yearsOfEmployment: 10 } : null,
      },
    },
  );
  const inventory = toySubgraph(
    'inventory',
    `type Query { inventory(id: ID!): Inventory } interface Inventory @key(fields: "id") { id: ID! products: [Product!]! }
    type OpenSourceInventory implements Inventory @key(fields: "id") { id: ID! products: [Product!]! }
    type Product @key(fields: "id") { id: ID! dimensions: ProductDimension @external delivery: String @requires(fields: "dimensions { size weight }") }
    type ProductDimension @shareable { size: String weight: Float }`,
    {
      Query: {
        inventory: (_parent, { id }: { id: string }) => ({
          __typename: 'OpenSourceInventory',
          id,
          products: [{ id: 'apollo-federation' }],
        }),
      },
      Product: {
        __resolveReference: (reference: object) => reference,
        delivery: ({ dimensions: { size, weight } }: { dimensions: { size: string; weight: number } }) => `${size} ${weight}`,
      },
    },
  );
  const services = [users, inventory].map(({ name, typeDefs }) => ({ name, url: `http://${name}`, typeDefs }));
  const products = { name: 'products', url: running.url, typeDefs: parse(productsSdl) };
  const { supergraphSdl, errors } = composeServices([...services, products]);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  const made = createGateway({
    config: {
      ...{ secret: newSecret(), identityKey: key, eventsSecret: newSecret(), redisUrl: 'redis://127.0.0.1:1' },
      ...{ port: 0, host: '127.0.0.1', publicUrl: undefined, corsOrigins: [], trustedProxyHops: 0, socketsPerUser: 1 },
      ...{ executor: 'tessera', collapse: true, isStrictHttp: false, operations: undefined, logLevel: 'silent', logFile: undefined },
      isProduction: false,
    },
    subgraphUrls: { users: 'inprocess:', inventory: 'inprocess:', products: running.url },
    hosted: { users, inventory },
    supergraphSdl,
    accessRules: {},
    log: createLogger({ service: 'gateway', level: 'silent' }),
  });
  await made.listen();
  return made;
}

const feature = (name: Feature, title: string, check: () => Promise<void> | void) =>
  it(`${name}: ${title}`, async () => {
    await check();
    passed.add(name);
  });

describe('our subgraph kit and the public suite of federation features', () => {
  feature('_service', 'answers its SDL, with all that the suite asks for', () => {
    expect(sdl).toContain('type Query');
    const types = buildSchema(sdl.replace(/extend schema.*?(?=directive|type)/, ''), { assumeValidSDL: true }).getTypeMap();
    const fields = Object.fromEntries(
      Object.values(types).flatMap((type) =>
        isObjectType(type) && !type.name.startsWith('_') ? [[type.name, Object.keys(type.getFields()).sort()]] : [],
      ),
    );
    expect(fields).toMatchObject({
      Product: ['createdBy', 'dimensions', 'id', 'notes', 'package', 'research', 'sku', 'variation'],
      DeprecatedProduct: ['createdBy', 'package', 'reason', 'sku'],
      ProductResearch: ['outcome', 'study'],
      User: ['averageProductsCreatedPerYear', 'email', 'name', 'totalProductsCreated', 'yearsOfEmployment'],
      Inventory: ['deprecatedProducts', 'id'],
      Query: expect.arrayContaining(['deprecatedProduct', 'product']),
    });
  });

  feature('@key (single)', 'is declared, and resolves', async () => {
    expect(sdl).toMatch(/type User ?(@extends)?@key\(fields:"email"\)/);
    expect(await entities('... on User { email name }', [{ __typename: 'User', email: EMAIL }])).toEqual({
      data: { _entities: [{ email: EMAIL, name: 'Jane Smith' }] },
    });
  });

  feature('@key (multi)', 'of several fields', async () => {
    expect(sdl).toMatch(/type DeprecatedProduct@key\(fields:"sku package"\)/);
    const reference = { sku: 'apollo-federation-v1', package: '@apollo/federation-v1' };
    const answer = await entities('... on DeprecatedProduct { sku package reason }', [{ __typename: 'DeprecatedProduct', ...reference }]);
    expect(answer).toEqual({ data: { _entities: [{ ...reference, reason: 'Migrate to Federation V2' }] } });
  });

  feature('@key (composite)', 'of an object', async () => {
    expect(sdl).toMatch(/type ProductResearch@key\(fields:"study \{ caseNumber \}"\)/);
    const answer = await entities('... on ProductResearch { study { caseNumber description } }', [
      { __typename: 'ProductResearch', study: { caseNumber: '1234' } },
    ]);
    expect(answer).toEqual({ data: { _entities: [{ study: { caseNumber: '1234', description: 'Federation Study' } }] } });
  });

  feature('repeatable @key', 'each of the keys resolves; what holds none is refused', async () => {
    for (const fields of ['id', 'sku package', 'sku variation { id }'])
      expect(sdl).toMatch(new RegExp(`type Product@custom.*?@key\\(fields:"${fields}"\\).*?\\{id:ID!sku`));
    const answer = await entities('... on Product { id sku }', [
      { __typename: 'Product', id: 'apollo-federation' },
      { __typename: 'Product', sku: 'federation', package: '@apollo/federation' },
      { __typename: 'Product', sku: 'studio', variation: { id: 'platform' } },
    ]);
    const federation = { id: 'apollo-federation', sku: 'federation' };
    expect(answer).toEqual({ data: { _entities: [federation, federation, { id: 'apollo-studio', sku: 'studio' }] } });
    for (const reference of [{ sku: 'studio' }, { sku: 'studio', variation: { id: 1 } }, { sku: 'studio', variation: 'platform' }])
      expect((await entities('... on Product { id }', [{ __typename: 'Product', ...reference }])).errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT' } },
      ]);
  });

  feature('@requires', 'gets what others hold', async () => {
    expect(sdl).toContain('averageProductsCreatedPerYear:Int@requires(fields:"totalProductsCreated yearsOfEmployment")');
    expect(
      await throughGateway('product(id: $id) { delivery createdBy { averageProductsCreatedPerYear email } }', 'apollo-federation'),
    ).toEqual({
      data: { product: { delivery: 'small 1', createdBy: { averageProductsCreatedPerYear: 134, email: EMAIL } } },
      errors: [],
    });
  });

  feature('@provides', 'is answered here, without the owner', async () => {
    expect(sdl).toContain('createdBy:User@provides(fields:"totalProductsCreated")');
    const query = 'product(id: $id) { createdBy { email totalProductsCreated } }';
    const expected = { product: { createdBy: { email: EMAIL, totalProductsCreated: 1_337 } } };
    expect((await ask(`query ($id: ID!) { ${query} }`, { id: 'apollo-federation' })).data).toEqual(expected);
    expect(await throughGateway(query, 'apollo-federation')).toEqual({ data: expected, errors: [] });
  });

  feature('federated tracing', 'tells each field and error to who asks, and to nobody else', async () => {
    const traced = { 'apollo-federation-include-trace': 'ftv1' };
    const typename = await ask('{ __typename }', {}, traced);
    expect(typename).toEqual({ data: { __typename: 'Query' }, extensions: { ftv1: expect.any(String) } });
    expect(await ask('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    const { extensions } = await ask('{ mine: product(id: "apollo-studio") { research { study { caseNumber } } } }', {}, traced);
    const trace = Trace.decode(Buffer.from(String(extensions?.ftv1), 'base64'));
    const product = trace.root?.child?.[0];
    expect(product).toMatchObject({ responseName: 'mine', originalFieldName: 'product', type: 'Product', parentType: 'Query' });
    expect(product?.child?.[0]?.child?.[0]).toMatchObject({ index: 0, child: [{ responseName: 'study', type: 'CaseStudy!' }] });
    expect(Number(trace.durationNs)).toBeGreaterThan(0);
    const bad = await ask('query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }', { r: [{}] }, traced);
    const failed = Trace.decode(Buffer.from(String(bad.extensions?.ftv1), 'base64'));
    expect(JSON.stringify(failed.root)).toContain('must hold the __typename');
  });

  feature('@link', 'names one version of federation', () => {
    const links = [...sdl.matchAll(/@link\(url:"https:\/\/specs\.apollo\.dev\/federation\/v([\d.]+)"/g)].map(([, version]) => version);
    expect(links).toEqual(['2.3']);
  });

  feature('@shareable', 'is answered by whoever is asked', async () => {
    expect(sdl).toContain('type ProductDimension@shareable');
    expect(await throughGateway('product(id: $id) { dimensions { size weight } }', 'apollo-federation')).toEqual({
      data: { product: { dimensions: { size: 'small', weight: 1 } } },
      errors: [],
    });
  });

  feature('@tag', 'keeps its name', () => {
    expect(sdl).toContain('notes:String@tag(name:"internal")');
    expect(sdl).not.toContain('@federation__tag');
  });

  feature('@override', 'takes the field over', async () => {
    expect(sdl).toContain('@override(from:"users")');
    const { data } = await throughGateway('product(id: $id) { createdBy { name } }', 'apollo-federation');
    expect(data).toEqual({ product: { createdBy: { name: 'Jane Smith' } } });
  });

  feature('@inaccessible', 'is answered by the subgraph, and unknown to clients', async () => {
    expect(sdl).toContain('unit:String@inaccessible');
    const query = 'product(id: $id) { dimensions { unit } }';
    expect((await ask(`query ($id: ID!) { ${query} }`, { id: 'apollo-federation' })).data).toEqual({
      product: { dimensions: { unit: 'kg' } },
    });
    expect((await throughGateway(query, 'apollo-federation')).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  feature('@composeDirective', 'names a directive of our own', () => {
    expect(sdl).toMatch(/extend schema.*@composeDirective\(name:"@custom"\)/);
    expect(sdl).toContain('directive@custom on OBJECT');
    expect(sdl).toMatch(/type Product@custom/);
    expect(sdl).toContain('@link(url:"https://myspecs.dev/myCustomDirective/v1.0" import:["@custom"])');
  });

  feature('@interfaceObject', 'adds fields to every implementation', async () => {
    expect(sdl).toMatch(/type Inventory@interfaceObject@key\(fields:"id"\)/);
    expect(await throughGateway('inventory(id: $id) { deprecatedProducts { sku reason } }', 'apollo-oss')).toEqual({
      data: { inventory: { deprecatedProducts: [{ sku: 'apollo-federation-v1', reason: 'Migrate to Federation V2' }] } },
      errors: [],
    });
  });

  it('are passed: 15 of 15', () => {
    const table = FEATURES.map((name) => `| ${name} | ${passed.has(name) ? 'pass' : 'FAIL'} |`).join('\n');
    process.stdout.write(`| feature | |\n|---|---|\n${table}\n${passed.size}/${FEATURES.length}\n`);
    expect([...passed]).toEqual(FEATURES);
  });
});
