import { randomUUID } from 'node:crypto';
import {
  CartClearDocument,
  CartDocument,
  CartLineAddDocument,
  CategoriesDocument,
  ProductSearchDocument,
  ProductsDocument,
  type ProductsQuery,
  type ProductsQueryVariables,
  UnitsDepositDocument,
} from '@tessera/sdk';
import { minor, show } from './amounts.ts';
import { CURRENCY } from './currency.ts';
import { must, mustBe, StoryFailure } from './failure.ts';
import type { Person } from './person.ts';
import type { Print } from './print.ts';

type Product = ProductsQuery['products']['edges'][number]['node'];
type Variant = Product['variants'][number];

export interface Offer {
  readonly product: Product;
  readonly variant: Variant;
}

export interface Choice {
  readonly physical: Offer;
  readonly digital: Offer;
}

const PAGE = 50;
const MAX_PAGES = 5;
const FRESH_UNITS = 3;
const VENDORS = ['vendor@tessera.example', 'vendor2@tessera.example', 'vendor3@tessera.example'];

/** Looks round the shop and chooses the cheapest physical piece and the cheapest digital unit that can be had. */
export async function browse(buyer: Person, enter: (email: string) => Promise<Person>, print: Print): Promise<Choice> {
  const { categories } = (await buyer.client.query(CategoriesDocument, {})).data;
  must(categories.length > 0, 'The shop has no categories.');
  print.fact(
    `Categories: ${categories.map(({ name, children }) => `${name} (${children.map((child) => child.name).join(', ')})`).join('; ')}`,
  );

  const physical = await offers(buyer, 'PHYSICAL');
  const [piece] = physical.filter(isInStock);
  must(piece, 'No physical product is in stock.');
  await find(buyer, piece.product, print);

  const digital = await offers(buyer, 'DIGITAL_UNITS');
  const [unit] = digital.filter(isInStock);
  if (unit) return { physical: piece, digital: unit };
  const [soldOut] = digital;
  must(soldOut, 'The shop has no digital product.');
  await restock(soldOut, enter, print);
  return { physical: piece, digital: soldOut };
}

function isInStock({ variant }: Offer): boolean {
  return variant.availability?.isInStock === true;
}

/** Everything of this kind that is sold in the currency, the cheapest first. */
async function offers({ client }: Person, kind: Product['kind']): Promise<Offer[]> {
  const found: Offer[] = [];
  let after: ProductsQueryVariables['after'] = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const variables: ProductsQueryVariables = { where: { kind: { eq: kind } }, first: PAGE, after, currency: CURRENCY };
    const { products } = (await client.query(ProductsDocument, variables)).data;
    for (const { node: product } of products.edges)
      found.push(...product.variants.filter(({ price }) => price).map((variant) => ({ product, variant })));
    if (!products.pageInfo.hasNextPage) break;
    after = products.pageInfo.endCursor;
  }
  return found.sort((a, b) => Number(priceOf(a) - priceOf(b)));
}

function priceOf({ variant }: Offer): bigint {
  return variant.price ? minor(variant.price) : 0n;
}

async function find({ client }: Person, { id, title }: Product, print: Print): Promise<void> {
  const { productSearch } = (await client.query(ProductSearchDocument, { text: title, first: 5, currency: CURRENCY })).data;
  must(
    productSearch.edges.some(({ node }) => node.id === id),
    `A search for "${title}" must find it.`,
  );
  print.fact(`Search "${title}": ${productSearch.edges.map(({ node }) => node.title).join(', ')}`);
}

/** A shop that sold out of secrets: its vendor deposits new ones, so that the story can be played any number of times. */
async function restock({ product, variant }: Offer, enter: (email: string) => Promise<Person>, print: Print): Promise<void> {
  print.fact(`"${product.title}" is sold out: its vendor deposits ${FRESH_UNITS} new units.`);
  for (const email of VENDORS) {
    const vendor = await enter(email);
    if (vendor.id !== product.vendor?.id) continue;
    const secrets = Array.from({ length: FRESH_UNITS }, () => `DEMO-${randomUUID()}`);
    const { unitsDeposit } = (await vendor.client.mutate(UnitsDepositDocument, { input: { variantId: variant.id, secrets } })).data;
    mustBe(unitsDeposit, 'UnitsDeposited', 'Deposit units');
    return;
  }
  throw new StoryFailure(`"${product.title}" is sold out, and none of the seeded vendors sells it.`);
}

export interface FilledCart {
  readonly id: string;
}

/** The buyer's own cart with exactly one of each in it. */
export async function fillCart({ client }: Person, offers: readonly Offer[], print: Print): Promise<FilledCart> {
  const left = (await client.query(CartDocument, {})).data.cart;
  if (left && left.lines.length > 0) {
    mustBe((await client.mutate(CartClearDocument, { input: {} })).data.cartClear, 'CartChanged', 'Empty the cart');
    print.fact('What an earlier visit left in the cart is taken out.');
  }
  for (const { product, variant } of offers) {
    const input = { variantId: variant.id, quantity: 1, currency: CURRENCY };
    mustBe((await client.mutate(CartLineAddDocument, { input })).data.cartLineAdd, 'CartChanged', `Put "${product.title}" into the cart`);
  }
  const { cart } = (await client.query(CartDocument, {})).data;
  must(cart && cart.lines.length === offers.length, `The cart must hold ${offers.length} lines.`);
  for (const { title, quantity, unitPrice } of cart.lines) print.fact(`${quantity} × ${title}${unitPrice ? `, ${show(unitPrice)}` : ''}`);
  return { id: cart.id };
}
