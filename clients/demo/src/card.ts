import { CheckoutCompleteDocument, OrderCancelDocument, PaymentDocument, type PaymentQuery } from '@tessera/sdk';
import { show } from './amounts.ts';
import { eventually } from './eventually.ts';
import { must, mustBe } from './failure.ts';
import { isSimulated, payAt } from './hosted-page.ts';
import type { Person } from './person.ts';
import type { Print } from './print.ts';
import { quoteOf, SHIPPING_ADDRESS, settledOrder } from './purchase.ts';
import type { FilledCart } from './shop.ts';
import type { OrderEvent, Watch } from './watch.ts';

type Payment = NonNullable<PaymentQuery['payment']>;

export interface CardPurchaseParts {
  readonly buyer: Person;
  readonly cart: FilledCart;
  readonly orders: Watch<OrderEvent>;
  readonly print: Print;
}

export interface CardOrder {
  readonly orderId: string;
  readonly paymentId: string;
}

/** Pays the cart by card at the page of the provider; nothing when only a person can pay there, or no card is taken. */
export async function buyByCard({ buyer, cart, orders, print }: CardPurchaseParts): Promise<CardOrder | undefined> {
  const quote = await quoteOf(buyer, cart, print);
  const input = { cartId: cart.id, quoteId: quote.id, shippingAddress: SHIPPING_ADDRESS, tender: 'CARD' as const };
  const completed = (await buyer.client.mutate(CheckoutCompleteDocument, { input }, { intent: `checkout:${cart.id}` })).data
    .checkoutComplete;
  const { order } = mustBe(completed, 'CheckoutCompleted', 'Check out by card');
  const paymentId = order?.payments?.[0]?.id;
  must(order && paymentId, 'The order must come with its payment.');
  print.fact(`Order ${order.number} for ${show(order.total)} is placed: ${order.state}`);

  const { clientAction, failureReason } = await openPayment(buyer, paymentId);
  if (!(await payByPage(clientAction?.url, failureReason, print))) {
    const cancelled = (await buyer.client.mutate(OrderCancelDocument, { input: { orderId: order.id, reason: 'Only a demo' } })).data;
    mustBe(cancelled.orderCancel, 'OrderCancelled', 'Cancel the order that nobody pays');
    print.fact(`Order ${order.number} is cancelled, because nobody is here to pay it.`);
    return undefined;
  }
  await orders.until('the order is confirmed', (event) => event.order?.id === order.id && event.kind === 'CONFIRMED');
  const settled = await settledOrder(buyer, order.id);
  const { attempts } = await readPayment(buyer, paymentId);
  const [attempt] = attempts;
  must(attempt?.state === 'SUCCEEDED' && attempt.cardLast4, 'The attempt must have succeeded, and tell the end of the card number.');
  print.fact(`Confirmed and paid: ${show(settled.captured)} by ${attempt.cardBrand} •••• ${attempt.cardLast4}`);
  return { orderId: order.id, paymentId };
}

/** Answers whether it was paid. */
export async function payByPage(url: string | null | undefined, failureReason: string | null | undefined, print: Print): Promise<boolean> {
  if (!url) {
    must(failureReason === 'CARDS_NOT_AVAILABLE', `There must be a page to pay at, but the payment failed: ${failureReason}.`);
    print.fact('This platform takes no cards: skipped.');
    return false;
  }
  print.fact(`To pay, open ${url}`);
  if (!isSimulated(url)) {
    print.fact('That page is Stripe’s own, where a person with a card has to pay: skipped.');
    return false;
  }
  const backUrl = await payAt(url);
  print.fact(`Paid there; the page goes back to ${backUrl}`);
  return true;
}

/** Once it can be paid, or cannot be at all: the provider is asked after the answer to the checkout. */
function openPayment(person: Person, id: string): Promise<Payment> {
  return eventually(
    'the payment can be paid',
    () => readPayment(person, id),
    ({ clientAction, state }) => clientAction != null || state === 'FAILED',
  );
}

export async function readPayment({ client }: Person, id: string): Promise<Payment> {
  const { payment } = (await client.query(PaymentDocument, { id })).data;
  must(payment, 'Whoever paid, and an administrator, must see the payment.');
  return payment;
}
