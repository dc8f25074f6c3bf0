import {
  CheckoutCompleteDocument,
  type CheckoutCompleteInput,
  OrderDocument,
  PaymentDocument,
  PaymentMethodSaveDocument,
  PaymentMethodsDocument,
  type PaymentMethodsQuery,
  type PaymentQuery,
  TopUpCreateDocument,
  type TopUpCreateInput,
  TopUpsDocument,
  type TopUpsQuery,
} from '@tessera/sdk';
import { eventually } from './eventually.ts';
import { lookAt, payAt } from './hosted-page.ts';
import { must, mustBe } from './must.ts';
import type { Person } from './people.ts';
import { type Offer, type Order, quoted } from './shop.ts';

export type Payment = NonNullable<PaymentQuery['payment']>;
export type TopUp = NonNullable<NonNullable<TopUpsQuery['me']>['topUps']>['edges'][number]['node'];
export type PaymentMethod = NonNullable<NonNullable<PaymentMethodsQuery['me']>['paymentMethods']>[number];

/** A purchase that waits for its customer. */
export interface CardCheckout {
  readonly orderId: string;
  readonly paymentId: string;
}

/** Orders one of these, to be paid by card; what else the input has. */
export async function checkOutByCard(person: Person, what: Offer, more: Partial<CheckoutCompleteInput> = {}): Promise<CardCheckout> {
  const { checkout } = await quoted(person, what);
  const { walletId: _, ...rest } = checkout;
  const input = { ...rest, tender: 'CARD' as const, ...more };
  const completed = (await person.client.mutate(CheckoutCompleteDocument, { input })).data.checkoutComplete;
  const order = must(mustBe(completed, 'CheckoutCompleted').order, 'an order');
  return { orderId: order.id, paymentId: must(order.payments?.[0], 'a payment').id };
}

/** Orders one of these and pays it at the page; answers once everything about it has arrived. */
export async function buyByCard(person: Person, what: Offer): Promise<CardCheckout> {
  const checkout = await checkOutByCard(person, what);
  await payAt(await pageOf(person, checkout.paymentId));
  await orderWhen(person, checkout, ({ state, captured, total }) => state === 'CONFIRMED' && captured.minor === total.minor);
  return checkout;
}

/** Where a payment can be paid; the provider is asked for it after the checkout was answered. */
export async function pageOf(person: Person, paymentId: string, notThis?: string): Promise<string> {
  const isThere = ({ clientAction }: Payment) => Boolean(clientAction?.url) && clientAction?.url !== notThis;
  return must((await paymentWhen(person, paymentId, isThere)).clientAction?.url, 'a page to pay at');
}

export async function paymentWhen({ client }: Person, id: string, fits: (payment: Payment) => boolean): Promise<Payment> {
  const look = async () => must((await client.query(PaymentDocument, { id })).data.payment, 'the payment');
  return eventually(look, fits);
}

export async function orderWhen({ client }: Person, { orderId: id }: CardCheckout, fits: (order: Order) => boolean): Promise<Order> {
  const look = async () => must((await client.query(OrderDocument, { id })).data.order, 'the order');
  return eventually(look, fits);
}

/** Begins to put money into a wallet; answers once there is something to do about it. */
export async function beginTopUp(person: Person, input: TopUpCreateInput): Promise<TopUp> {
  const { topUp } = mustBe((await person.client.mutate(TopUpCreateDocument, { input })).data.topUpCreate, 'TopUpCreated');
  return topUpWhen(person, must(topUp, 'a top-up').id, ({ clientAction, state }) => Boolean(clientAction?.url) || state !== 'PENDING');
}

export async function topUpWhen({ client }: Person, id: string, fits: (topUp: TopUp) => boolean): Promise<TopUp> {
  const look = async () => {
    const edges = (await client.query(TopUpsDocument, { first: 20 })).data.me?.topUps?.edges ?? [];
    return must(edges.find(({ node }) => node.id === id)?.node, 'the top-up');
  };
  return eventually(look, fits);
}

/** A card of this person, kept for later. */
export async function saveCard(person: Person): Promise<PaymentMethod> {
  const saved = mustBe(
    (await person.client.mutate(PaymentMethodSaveDocument, { input: {} })).data.paymentMethodSave,
    'PaymentMethodSaveStarted',
  );
  const id = must(saved.paymentMethod, 'a payment method').id;
  const open = await methodWhen(person, id, (method) => Boolean(method?.clientAction?.url));
  const page = must(open?.clientAction?.url, 'a page to save the card at');
  await lookAt(page);
  await payAt(page);
  return must(await methodWhen(person, id, (method) => method?.state === 'ACTIVE'), 'a saved card');
}

export async function methodWhen(
  { client }: Person,
  id: string,
  fits: (method: PaymentMethod | undefined) => boolean,
): Promise<PaymentMethod | undefined> {
  const look = async () => (await client.query(PaymentMethodsDocument, {})).data.me?.paymentMethods?.find((method) => method.id === id);
  return eventually(look, fits);
}
