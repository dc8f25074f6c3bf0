import { randomUUID } from 'node:crypto';
import {
  CartClearDocument,
  CartLineAddDocument,
  CategoriesDocument,
  CheckoutCompleteDocument,
  CheckoutQuoteDocument,
  OrderDocument,
  type OrderQuery,
  ProductCreateDocument,
  ProductPublishDocument,
  StockAdjustDocument,
  UnitsDepositDocument,
} from '@tessera/sdk';
import { eventually } from './eventually.ts';
import { must, mustBe } from './must.ts';
import { type Person, walletOf } from './people.ts';

export const ADDRESS = { name: 'Ed Endtoend', line1: '1 Mosaic Lane', city: 'Springfield', postalCode: '62701', country: 'US' };

export interface Offer {
  readonly productId: string;
  readonly variantId: string;
  readonly title: string;
}

export interface NewOffer {
  readonly kind?: 'PHYSICAL' | 'DIGITAL_UNITS';
  readonly minor: bigint;
  /** Pieces on hand, or secrets on sale. */
  readonly count: number;
}

/** A published product of this vendor with one variant, in stock: what a test sells is touched by no other test. */
export async function offer(vendor: Person, { kind = 'PHYSICAL', minor, count }: NewOffer): Promise<Offer> {
  const title = `Test piece ${randomUUID().slice(0, 8)}`;
  const [category] = (await vendor.client.query(CategoriesDocument, {})).data.categories;
  const variants = [{ sku: randomUUID().toUpperCase(), prices: [{ currency: 'USD', minor: String(minor) }] }];
  const draft = { title, kind, categoryId: must(category, 'a category').id, variants };
  const { product } = mustBe((await vendor.client.mutate(ProductCreateDocument, { input: draft })).data.productCreate, 'ProductCreated');
  const [variant] = product.variants;
  const variantId = must(variant, 'a variant').id;
  mustBe(
    (await vendor.client.mutate(ProductPublishDocument, { input: { productId: product.id } })).data.productPublish,
    'ProductPublished',
  );
  if (count > 0) await stockUp(vendor, { variantId, kind, count });
  return { productId: product.id, variantId, title };
}

/** Orders hears of a new variant by an event. */
async function stockUp(
  vendor: Person,
  { variantId, kind, count }: { readonly variantId: string; readonly kind: string; readonly count: number },
): Promise<void> {
  const secrets = Array.from({ length: count }, () => `SECRET-${randomUUID()}`);
  const supply = async (): Promise<string> =>
    kind === 'PHYSICAL'
      ? (await vendor.client.mutate(StockAdjustDocument, { input: { variantId, onHand: count, reason: 'test' } })).data.stockAdjust
          .__typename
      : (await vendor.client.mutate(UnitsDepositDocument, { input: { variantId, secrets } })).data.unitsDeposit.__typename;
  await eventually(supply, (outcome) => outcome === 'StockAdjusted' || outcome === 'UnitsDeposited');
}

export interface Basket {
  readonly cartId: string;
  readonly quoteId: string;
  readonly totalMinor: bigint;
  /** What `checkoutComplete` takes to pay it from the wallet. */
  readonly checkout: { cartId: string; quoteId: string; shippingAddress: typeof ADDRESS; tender: 'WALLET'; walletId: string };
}

/** The person's cart with only this in it, quoted. */
export async function quoted(person: Person, { variantId }: Offer, quantity = 1): Promise<Basket> {
  await person.client.mutate(CartClearDocument, { input: {} });
  const add = async () =>
    (await person.client.mutate(CartLineAddDocument, { input: { variantId, quantity, currency: 'USD' } })).data.cartLineAdd;
  const added = await eventually(add, ({ __typename }) => __typename === 'CartChanged'); // a price of now may be on its way
  const cartId = must(mustBe(added, 'CartChanged').cart, 'a cart').id;
  const input = { cartId, currency: 'USD', shippingAddress: ADDRESS };
  const { quote } = mustBe((await person.client.mutate(CheckoutQuoteDocument, { input })).data.checkoutQuote, 'CheckoutQuoted');
  const { id: quoteId, total } = must(quote, 'a quote');
  const walletId = (await walletOf(person)).id;
  const checkout = { cartId, quoteId, shippingAddress: ADDRESS, tender: 'WALLET' as const, walletId };
  return { cartId, quoteId, totalMinor: BigInt(total.minor), checkout };
}

export type Order = NonNullable<OrderQuery['order']>;

/** Buys one and waits until everything about it has arrived everywhere. */
export async function buy(person: Person, what: Offer): Promise<Order> {
  const { checkout } = await quoted(person, what);
  const { order } = mustBe(
    (await person.client.mutate(CheckoutCompleteDocument, { input: checkout })).data.checkoutComplete,
    'CheckoutCompleted',
  );
  return settled(person, must(order, 'an order').id);
}

/** The order once its money is captured, and its units are delivered where it has some. */
export async function settled({ client }: Person, id: string): Promise<Order> {
  const look = async () => must((await client.query(OrderDocument, { id })).data.order, 'the order');
  return eventually(look, ({ payments, captured, total, ledgerTransfers }) => {
    const isCaptured = (payments ?? []).some(({ state }) => state === 'CAPTURED') && captured.minor === total.minor;
    return isCaptured && (ledgerTransfers ?? []).length > 0;
  });
}
