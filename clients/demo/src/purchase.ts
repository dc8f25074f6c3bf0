import { CheckoutCompleteDocument, CheckoutQuoteDocument, OrderDocument, type OrderQuery, UnitRevealDocument } from '@tessera/sdk';
import { minor, show, showMinor } from './amounts.ts';
import { CURRENCY } from './currency.ts';
import { eventually } from './eventually.ts';
import { must, mustBe, StoryFailure } from './failure.ts';
import type { Person, WalletView } from './person.ts';
import type { Print } from './print.ts';
import type { FilledCart } from './shop.ts';
import type { BalanceEvent, OrderEvent, Watch } from './watch.ts';

type Order = NonNullable<OrderQuery['order']>;

export const SHIPPING_ADDRESS = {
  name: 'Bea Buyer',
  line1: '1 Mosaic Lane',
  city: 'Springfield',
  region: 'IL',
  postalCode: '62701',
  country: 'US',
};

export interface PurchaseParts {
  readonly buyer: Person;
  readonly cart: FilledCart;
  readonly wallet: WalletView;
  readonly orders: Watch<OrderEvent>;
  readonly balance: Watch<BalanceEvent>;
  readonly print: Print;
}

/** Pays the cart from the wallet and answers the order when it was confirmed, live. */
export async function buy({ buyer, cart, wallet, orders, balance, print }: PurchaseParts): Promise<string> {
  const quote = await quoteOf(buyer, cart, print);
  if (minor(wallet.available) < minor(quote.total)) {
    throw new StoryFailure(
      `The wallet of ${buyer.email} holds ${show(wallet.available)}, too little for ${show(quote.total)}: refill it, or start over with "npm run reset".`,
    );
  }

  const input = { cartId: cart.id, quoteId: quote.id, shippingAddress: SHIPPING_ADDRESS, tender: 'WALLET' as const, walletId: wallet.id };
  const completed = (await buyer.client.mutate(CheckoutCompleteDocument, { input }, { intent: `checkout:${cart.id}` })).data
    .checkoutComplete;
  const { order } = mustBe(completed, 'CheckoutCompleted', 'Check out');
  must(order, 'The order must come with CheckoutCompleted.');
  print.fact(`Order ${order.number} for ${show(order.total)} is placed: ${order.state}`);

  const confirmed = await orders.until('the order is confirmed', (event) => event.order?.id === order.id && event.kind === 'CONFIRMED');
  must(confirmed.order?.lines.length === 2, 'The live event must carry the two lines of the order.');
  await orders.until('the digital unit is delivered', (event) => event.order?.id === order.id && event.kind === 'UNITS_DELIVERED');
  const expected = minor(wallet.balance) - minor(order.total);
  await balance.until('the money leaves the wallet', (event) => event.kind === 'HOLD_POSTED' && minor(event.balance) === expected);
  print.fact(`Confirmed and paid: ${showMinor(expected, order.total)} are left in the wallet.`);
  return order.id;
}

export async function quoteOf({ client }: Person, cart: FilledCart, print: Print) {
  const input = { cartId: cart.id, currency: CURRENCY, shippingAddress: SHIPPING_ADDRESS };
  const quoted = (await client.mutate(CheckoutQuoteDocument, { input })).data.checkoutQuote;
  const { quote } = mustBe(quoted, 'CheckoutQuoted', 'Ask for a quote');
  must(quote, 'A quote must come with CheckoutQuoted.');
  print.fact(`Quote: ${show(quote.subtotal)} + shipping ${show(quote.shippingTotal)} + tax ${show(quote.taxTotal)} = ${show(quote.total)}`);
  return quote;
}

/** Shows what the four subgraphs know about the order; answers the id of its digital unit. */
export async function showOrder(buyer: Person, orderId: string, print: Print): Promise<string> {
  const order = await settledOrder(buyer, orderId);
  for (const { quantity, title, total, variant } of order.lines) {
    must(variant?.product, `The line "${title}" must lead to its product.`);
    print.fact(`${quantity} × ${title}, ${show(total)} (${variant.product.title})`);
  }
  for (const { tender, state, captured } of order.payments ?? []) print.fact(`Payment by ${tender}: ${state}, ${show(captured)} captured`);
  must(order.ledgerTransfers?.length, 'The buyer must see the money that left the wallet.');
  for (const { amount, code, debitAccount, creditAccount } of order.ledgerTransfers) {
    print.fact(`Ledger: ${show(amount)} ${code}, ${debitAccount.displayName} → ${creditAccount.displayName}`);
  }
  const [unit] = order.units;
  must(unit && order.units.length === 1, 'The order must hold exactly one digital unit.');
  return unit.id;
}

/** The order once its capture has arrived everywhere: that is a few events behind its confirmation. */
export async function settledOrder({ client }: Person, id: string): Promise<Order> {
  const look = async (): Promise<Order> => {
    const { order } = (await client.query(OrderDocument, { id })).data;
    must(order, 'The buyer must see the order.');
    return order;
  };
  return eventually('a confirmed order is captured', look, ({ payments, captured, total }) => {
    const isCaptured = payments?.some((payment) => payment.state === 'CAPTURED' && minor(payment.captured) === minor(total));
    return Boolean(isCaptured && minor(captured) === minor(total));
  });
}

/** Only the owner sees the secret; it is in no event, no log and no stored outcome. */
export async function revealUnit({ client }: Person, unitId: string, print: Print): Promise<void> {
  const { unitReveal } = (await client.mutate(UnitRevealDocument, { input: { unitId } })).data;
  const { unit, secret } = mustBe(unitReveal, 'UnitRevealed', 'Reveal the unit');
  must(unit?.state === 'REVEALED' && secret, 'A revealed unit must come with its secret.');
  print.fact(`${unit.description}: ${secret}`);
}
