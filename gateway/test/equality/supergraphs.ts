import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type InventedSubgraph, inventSubgraph, type Luck, type StandIn } from './invented-subgraph.ts';

export const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@interfaceObject", "@inaccessible"])\n';

/** Here, many fields and fragments stand under conditions. */
const UNDER_CONDITIONS = 'requires under conditions';

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
  [UNDER_CONDITIONS]: {
    goods: `type Query { goods(first: Int): [Good!]! good(id: ID): Good things(first: Int): [Thing] } union Thing = Good | Crate interface Weighed { weight: Int }
      type Good implements Weighed @key(fields: "id") { id: ID! weight: Int size: Size code: String owner: Owner parts: [Part] } type Crate implements Weighed @key(fields: "id") { id: ID! weight: Int size: Size holds: [Good] }
      type Size @shareable { width: Int height: Int! } type Part @key(fields: "id") { id: ID! mass: Float! }
      interface Owner { name: String } type Person implements Owner @shareable { name: String age: Int } type Firm implements Owner @shareable { name: String vat: String }`,
    shop: `type Good implements Shelved @key(fields: "id") { id: ID! weight: Int @external size: Size @external code: String @external owner: Owner @external
      shelf: String @requires(fields: "weight") label(upper: Boolean): String @requires(fields: "weight code") wide: Int @requires(fields: "size { width }") box: Int @requires(fields: "size { width height }")
      aged: String @requires(fields: "owner { ... on Person { age } }") owned: [Int] @requires(fields: "owner { name ... on Firm { vat } }") note: String }
      type Crate implements Shelved @key(fields: "id") { id: ID! weight: Int @external size: Size @external shelf: String @requires(fields: "size { width height }") box: Int @requires(fields: "weight") note: String } interface Shelved { shelf: String box: Int note: String }
      type Size @shareable { width: Int height: Int! } interface Owner { name: String } type Person implements Owner @shareable { name: String age: Int } type Firm implements Owner @shareable { name: String vat: String }`,
    audit: `type Good @key(fields: "id") { id: ID! shelf: String @external box: Int @external parts: [Part] @external rank: Int @requires(fields: "shelf") audited: String @requires(fields: "box shelf") massive: Float @requires(fields: "parts { mass }") remark: String }
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

/**
 * What the stock executor cannot do: several fields require one field with different arguments. It is compared over a graph in which each of these
 * ways is a field of its own, without arguments, that stands in for it.
 */
const WITH_ARGUMENTS = 'requires with arguments';
const WAYS = {
  priceUsd: { field: 'price', args: { currency: 'USD' }, type: 'Int' },
  priceEur: { field: 'price', args: { currency: 'EUR' }, type: 'Int' },
  priceUsual: { field: 'price', args: {}, type: 'Int' },
  offersOne: { field: 'offers', args: { first: 1 }, type: '[Offer]' },
  offersTwo: { field: 'offers', args: { first: 2 }, type: '[Offer]' },
  dollarsThrice: { field: 'dollars', args: { times: 3 }, type: 'Int' },
  dollarsTwice: { field: 'dollars', args: { times: 2 }, type: 'Int' },
} as const;
type WayName = keyof typeof WAYS;

export const standIns: ReadonlyMap<string, StandIn> = new Map(Object.entries(WAYS));

/** With the ways themselves, or with fields that stand in for them. */
function withArguments(hasStandIns: boolean): Readonly<Record<string, string>> {
  const way = (name: WayName) => {
    const { field, args } = WAYS[name];
    const given = Object.entries(args).map(([key, value]) => `${key}: ${value}`);
    return hasStandIns ? name : `${field}${given.length > 0 ? `(${given})` : ''}`;
  };
  const own = (names: readonly WayName[], directive = '') =>
    hasStandIns ? names.map((name) => `${name}: ${WAYS[name].type} ${directive}`).join(' ') : '';
  const prices = ['priceUsd', 'priceEur', 'priceUsual'] as const;
  const offers = ['offersOne', 'offersTwo'] as const;
  const dollars = ['dollarsThrice', 'dollarsTwice'] as const;
  return {
    goods: `type Query { goods(first: Int): [Good!]! good(id: ID): Good things: [Thing] } union Thing = Good | Parcel enum Currency { EUR USD }
      type Good @key(fields: "id") { id: ID! name: String price(currency: Currency): Int ${own(prices)} cost: Cost offers(first: Int): [Offer] ${own(offers)} }
      type Cost @shareable { price(currency: Currency): Int ${own(prices)} } type Offer @key(fields: "id") { id: ID! of: Good }
      type Parcel { price(region: String): Int dollars(times: Int): Int holds: [Good] }`,
    offers: `type Offer @key(fields: "id") { id: ID! cut: Int note(upper: Boolean): String }`,
    shop: `enum Currency { EUR USD } type Cost @shareable { price(currency: Currency): Int ${own(prices)} } type Offer @key(fields: "id") { id: ID! cut: Int @external }
      type Good @key(fields: "id") { id: ID! ${hasStandIns ? own(prices, '@external') : 'price(currency: Currency): Int @external'} cost: Cost @external
      ${hasStandIns ? own(offers, '@external') : 'offers(first: Int): [Offer] @external'}
      dollars(times: Int): Int @requires(fields: "${way('priceUsd')}") ${hasStandIns ? dollars.map((name) => `${name}: Int @requires(fields: "priceUsd")`).join(' ') : ''}
      euros(times: Int): String @requires(fields: "${way('priceEur')}") usual: Float @requires(fields: "${way('priceUsual')}")
      mixed: [String] @requires(fields: "${way('priceEur')} cost { ${way('priceUsd')} }") costs: String @requires(fields: "cost { ${way('priceEur')} }")
      one: String @requires(fields: "${way('offersOne')} { cut }") two: Int @requires(fields: "${way('offersTwo')} { cut } ${way('priceUsd')}") shelf: Good }`,
    audit: `type Good @key(fields: "id") { id: ID! ${hasStandIns ? own(dollars, '@external') : 'dollars(times: Int): Int @external'}
      audited: String @requires(fields: "${way('dollarsThrice')}") checked: Int @requires(fields: "${way('dollarsTwice')}") }`,
  };
}

/** Those over which the stock executor is asked the same. */
export const sameForBoth: readonly string[] = [...Object.keys(SUPERGRAPHS), 'our own graph'];
export const supergraphNames: readonly string[] = [...sameForBoth, WITH_ARGUMENTS];

/** Whether fields are required where conditions leave them out: there, the stock executor asks nothing, and the data must be the right one. */
export function areConditionsMany(name: string): boolean {
  return name === UNDER_CONDITIONS;
}

/** What the stock executor is compared over; undefined where it is asked the same. */
export function referencesOf(name: string): InventedSubgraph[] | undefined {
  if (name !== WITH_ARGUMENTS) return undefined;
  return Object.entries(withArguments(true)).map(([subgraph, sdl]) => inventSubgraph(subgraph, LINK + sdl, standIns));
}

/**
 * Where ways are required apart, one may be asked for under a condition that is then not needed: what fails there is told too. Then the data are
 * compared alone.
 */
export function areErrorsComparable(name: string, query: string): boolean {
  return name !== WITH_ARGUMENTS || !/@(skip|include)/.test(query);
}

export function subgraphsOf(name: string, luck?: Luck): InventedSubgraph[] {
  const parts = name === WITH_ARGUMENTS ? withArguments(false) : SUPERGRAPHS[name];
  if (parts) return Object.entries(parts).map(([subgraph, sdl]) => inventSubgraph(subgraph, LINK + sdl, undefined, luck));
  return ['users', 'catalog', 'orders', 'payments', 'ledger', 'events'].map((subgraph) =>
    inventSubgraph(subgraph, ownSdl(subgraph), undefined, luck),
  );
}

/** As `schema` composes: access directives out, since the gateway holds their rules itself. */
function ownSdl(subgraph: string): string {
  const path = fileURLToPath(new URL(`../../../schema/subgraphs/${subgraph}.graphql`, import.meta.url));
  return readFileSync(path, 'utf8')
    .replace(/ @authenticated\b/g, '')
    .replace(/ @requiresScopes\(scopes: \[\[.*?\]\]\)/g, '')
    .replace(/, "@authenticated", "@requiresScopes"/, '');
}
