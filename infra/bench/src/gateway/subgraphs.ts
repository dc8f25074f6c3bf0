import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse } from 'graphql';

/**
 * The four subgraphs of the public gateway benchmark (graphql-hive/graphql-gateways-benchmark: schema, data, and what its resolvers do), as one
 * server that costs little: it executes a request once and then answers it from memory. Run as a process of its own: `subgraphs.ts PORT`.
 */
export const SUBGRAPHS: Readonly<Record<string, string>> = {
  accounts: `type Query { me: User user(id: ID!): User users: [User] } type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }`,
  inventory: `type Product @key(fields: "upc") { upc: String! weight: Int @external price: Int @external inStock: Boolean shippingEstimate: Int @requires(fields: "price weight") }`,
  products: `type Query { topProducts(first: Int = 5): [Product] } type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
  reviews: `type Review @key(fields: "id") { id: ID! body: String product: Product author: User @provides(fields: "username") }
    type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] } type Product @key(fields: "upc") { upc: String! reviews: [Review] }`,
};
export const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@external", "@requires", "@provides"])\n';

const MAX_REMEMBERED = 5_000;

const people = [
  'Uri Goldshtein/urigo',
  'Dotan Simha/dotansimha',
  'Kamil Kisiela/kamilkisiela',
  'Arda Tanrikulu/ardatan',
  'Gil Gardosh/gilgardosh',
  'Laurin Quast/laurin',
];
const users = people.map((person, index) => {
  const [name, username] = person.split('/');
  return { id: String(index + 1), name, username, birthday: 1_234_567_890 };
});
const catalog =
  'Table 899 100,Couch 1299 1000,Glass 15 20,Chair 499 100,TV 1299 1000,Lamp 6999 300,Grill 3999 2000,Fridge 100000 6000,Sofa 9999 800';
const products = catalog.split(',').map((text, index) => {
  const [name, price, weight] = text.split(' ');
  return { upc: String(index + 1), name, price: Number(price), weight: Number(weight) };
});
const inStock = [true, false, false, false, true, true, true, false, true];
const LONG =
  'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat. Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur. Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum.';
const lengths = [446, 292, 276, 145, 446, 292, 276, 145, 145, 145, 830];
const productOf = ['1', '1', '1', '1', '2', '2', '2', '2', '3', '4', '4'];

interface Review {
  readonly id: string;
  readonly body: string;
  readonly product: { readonly upc: string };
  readonly author: () => object;
}

const author = () => ({ id: '1', username: 'urigo', reviews: reviews.slice(0, 2) });
const reviews: readonly Review[] = lengths.map((length, index) => ({
  id: String(index + 1),
  body: LONG.repeat(2).slice(0, length),
  product: { upc: productOf[index] ?? '1' },
  author,
}));

const byUpc = <T>(list: readonly T[], { upc }: { readonly upc: string }) => list[Number(upc) - 1];
const estimate = ({ price, weight }: { readonly price: number; readonly weight: number }) => (price > 1_000 ? 0 : Math.floor(weight / 2));

const RESOLVERS: Readonly<Record<string, object>> = {
  accounts: {
    Query: { me: () => users[0], user: (_: unknown, { id }: { id: string }) => users[Number(id) - 1], users: () => users },
    User: { __resolveReference: ({ id }: { id: string }) => users[Number(id) - 1] },
  },
  inventory: {
    Product: {
      __resolveReference: (reference: { upc: string }) => ({ ...reference, inStock: byUpc(inStock, reference) }),
      shippingEstimate: estimate,
    },
  },
  products: {
    Query: { topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
    Product: { __resolveReference: (reference: { upc: string }) => byUpc(products, reference) },
  },
  reviews: {
    Review: { __resolveReference: ({ id }: { id: string }) => reviews[Number(id) - 1] },
    User: { __resolveReference: ({ id }: { id: string }) => ({ id, username: 'user', reviews: reviews.slice(0, 2) }) },
    Product: { reviews: ({ upc }: { upc: string }) => reviews.filter(({ product }) => product.upc === upc) },
  },
};

async function serve(port: number): Promise<void> {
  const schemas = new Map(
    Object.entries(SUBGRAPHS).map(([name, sdl]) => [
      `/${name}`,
      buildSubgraphSchema({ typeDefs: parse(LINK + sdl), resolvers: RESOLVERS[name] as never }),
    ]),
  );
  const remembered = new Map<string, Buffer>();
  const answer = async (path: string, body: string): Promise<Buffer> => {
    const key = path + body;
    const known = remembered.get(key);
    if (known) return known;
    const schema = schemas.get(path);
    if (!schema) throw new Error(`There is no ${path}`);
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    const bytes = Buffer.from(JSON.stringify(await execute({ schema, document: parse(query), variableValues: variables ?? {} })));
    if (remembered.size < MAX_REMEMBERED) remembered.set(key, bytes);
    return bytes;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      answer(request.url ?? '', Buffer.concat(chunks).toString()).then(
        (bytes) => response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(port, '127.0.0.1', () => process.send?.('ready'));
}

if (import.meta.main) await serve(Number(process.argv[2]));
