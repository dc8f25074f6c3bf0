import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type InventedSubgraph, inventSubgraph } from './invented-subgraph.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@interfaceObject", "@inaccessible"])\n';

/** Each is a trap of federation; together they are what the executor is compared over. */
const SUPERGRAPHS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'keys mash-up': {
    a: `type Query { as(first: Int): [A!]! a(id: ID!): A b: B }
      type A @key(fields: "id") { id: ID! nameInA: String! bs: [B!]! pair: [[B]] }
      type B @key(fields: "id key { code }") @key(fields: "id") { id: ID! key: Key! ofA: Int }
      type Key @shareable { code: String! }`,
    b: `type Query { bs: [B] }
      type B @key(fields: "id") @key(fields: "upc") { id: ID! upc: String! nameInB(upper: Boolean): String! a: A cs: [C!] }
      type A @key(fields: "id") { id: ID! inB: Float } type C @key(fields: "sku organization { id }") { sku: String! organization: Organization! }
      type Organization @key(fields: "id") { id: ID! title: String }`,
    c: `type B @key(fields: "upc") { upc: String! inC: [String!] self: B } type Query { c: C }
      type C @key(fields: "sku organization { id }") { sku: String! organization: Organization! weight: Float! b: B! } type Organization @key(fields: "id") { id: ID! staff: [A] }
      type A @key(fields: "id") { id: ID! inC: Boolean }`,
  },
  'interface objects': {
    media: `type Query { media: [Media!]! one: Media }
      interface Media @key(fields: "id") { id: ID! title: String! related: [Media] }
      type Book implements Media @key(fields: "id") { id: ID! title: String! related: [Media] pages: Int! author: Person }
      type Film implements Media @key(fields: "id") { id: ID! title: String! related: [Media] minutes: Int }
      type Person @key(fields: "id") { id: ID! name: String }`,
    reviews: `type Media @interfaceObject @key(fields: "id") { id: ID! reviews: [Review!]! rating: Float topReview: Review }
      type Review @key(fields: "id") { id: ID! body: String media: Media! } type Query { reviews: [Review!] }`,
    shop: `type Media @interfaceObject @key(fields: "id") { id: ID! rating: Float @external price(currency: Currency): Int discounted: Float @requires(fields: "rating") }
      enum Currency { EUR USD } type Query { cheapest: Media }`,
  },
  'requires chains': {
    products: `type Query { products(first: Int): [Product!]! product(id: ID): Product }
      type Product @key(fields: "id") { id: ID! weight: Int size: Size tags: [String!] parts: [Part] }
      type Size @shareable { width: Int height: Int! } type Part @key(fields: "id") { id: ID! mass: Float! }`,
    stock: `type Product @key(fields: "id") { id: ID! weight: Int @external size: Size @external shelf: String @requires(fields: "weight size { width height }") }
      type Size @shareable { width: Int height: Int! }`,
    shipping: `type Product @key(fields: "id") { id: ID! shelf: String @external tags: [String!] @external estimate: Int @requires(fields: "shelf") labels: [String] @requires(fields: "tags shelf") box: Box }
      type Box { estimate: Int product: Product }`,
    audit: `type Product @key(fields: "id") { id: ID! estimate: Int @external parts: [Part] @external audited: String @requires(fields: "estimate parts { id mass }") }
      type Part @key(fields: "id") { id: ID! mass: Float! @external }`,
  },
  provides: {
    catalog: `type Query { categories: [Category!]! deals: [Deal] @provides(fields: "product { name }") }
      type Category @key(fields: "id") { id: ID! details: Details mainProduct: Product @provides(fields: "name price") } type Details { products: [Product!] }
      type Product @key(fields: "id") { id: ID! name: String @external price: Float @external stock: Int } type Deal { off: Int product: Product }`,
    products: `type Query { all: [Product] } type Product @key(fields: "id") { id: ID! name: String @shareable price: Float @shareable category: Category similar: [Product!] }
      type Category @key(fields: "id") { id: ID! title: String! }`,
  },
  override: {
    a: `type Query { feed: [Post!]! @shareable user: User @shareable } type Post @key(fields: "id") { id: ID! createdAt: String @override(from: "b") author: User }
      type User @key(fields: "id") { id: ID! name: String! }`,
    b: `type Query { feed: [Post!]! @shareable user: User @shareable } type Post @key(fields: "id") { id: ID! createdAt: String likes: Int likers: [User] }
      type User @key(fields: "id") { id: ID! email: String aName: String posts(first: Int = 2): [Post!] }`,
    c: `type User @key(fields: "id") { id: ID! email: String @override(from: "b") score: Float! } type Query { top: User }`,
  },
  'unions and interfaces': {
    a: `type Query { anything: [Anything] node: Node nodes: [Node!] search(text: String!): [Hit!]! }
      union Anything = Dog | Cat | Note interface Node { id: ID! } union Hit = Dog | Shop
      type Dog implements Node & Named @key(fields: "id") { id: ID! name: String! friend: Animal owner: Owner } interface Named { name: String! }
      type Cat implements Node & Named @key(fields: "id") { id: ID! name: String! lives: Int friend: Animal } union Animal = Dog | Cat
      type Note { text: String about: Anything } type Shop @key(fields: "id") { id: ID! address: Address } type Address @shareable { street: String } interface Owner { id: ID! }
      type Person implements Owner & Node @key(fields: "id") { id: ID! age: Int } type Firm implements Owner & Node @key(fields: "id") { id: ID! vat: String }`,
    b: `type Dog implements Animated @key(fields: "id") { id: ID! speed: Float tricks: [Trick!]! } type Cat implements Animated @key(fields: "id") { id: ID! speed: Float naps: [Int!] }
      interface Animated { speed: Float } union Trick = Jump | Roll type Jump { height: Int! by: Dog } type Roll { times: Int by: [Dog] }
      type Person @key(fields: "id") { id: ID! pets: [Pet!] } union Pet = Dog | Cat type Firm @key(fields: "id") { id: ID! staff: [Person] }
      type Shop @key(fields: "id") { id: ID! sells: [Pet] } type Query { animated: [Animated!] } type Mutation { adopt(id: ID!, note: NoteInput): Pet rename(name: String!): Dog } input NoteInput { text: String! tags: [String!] }`,
  },
  'shared roots': {
    a: `type Query { me: User @shareable product: Product @shareable products(first: Int): [Product!]! @shareable config: Config! @shareable }
      type User @key(fields: "id") { id: ID! a(x: Int): String } type Product @key(fields: "id") { id: ID! name: Name @shareable } type Name { first: String @shareable inA: String } type Config @shareable { mode: Mode! }
      enum Mode { LIGHT DARK }`,
    b: `type Query { me: User @shareable product: Product @shareable products(first: Int): [Product!]! @shareable config: Config! @shareable }
      type User @key(fields: "id") { id: ID! b(x: Int): Int friends(first: Int): [User!] } type Product @key(fields: "id") { id: ID! name: Name @shareable buyers(first: Int): [User!]! } type Name { first: String @shareable inB: [Int] } type Config @shareable { mode: Mode! }
      enum Mode { LIGHT DARK }`,
    c: `type Query { me: User @shareable } type User @key(fields: "id") { id: ID! c: Deep } type Deep { deep(x: Int): Deep user: User list: [[Deep!]] value: JSON } scalar JSON
      type Mutation { first(n: Int!): Deep second(n: Int!): User }`,
  },
};

export const supergraphNames: readonly string[] = [...Object.keys(SUPERGRAPHS), 'our own graph'];

export function subgraphsOf(name: string): InventedSubgraph[] {
  const parts = SUPERGRAPHS[name];
  if (parts) return Object.entries(parts).map(([subgraph, sdl]) => inventSubgraph(subgraph, LINK + sdl));
  return ['users', 'catalog', 'orders', 'payments', 'ledger', 'events'].map((subgraph) => inventSubgraph(subgraph, ownSdl(subgraph)));
}

/** As `schema` composes: access directives out, since the gateway holds their rules itself. */
function ownSdl(subgraph: string): string {
  const path = fileURLToPath(new URL(`../../../schema/subgraphs/${subgraph}.graphql`, import.meta.url));
  return readFileSync(path, 'utf8')
    .replace(/ @authenticated\b/g, '')
    .replace(/ @requiresScopes\(scopes: \[\[.*?\]\]\)/g, '')
    .replace(/, "@authenticated", "@requiresScopes"/, '');
}
