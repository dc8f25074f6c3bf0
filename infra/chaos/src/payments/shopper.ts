import { createTesseraClient, type TesseraClient } from '@tessera/sdk';
import { eventually, lookUntil } from '../patience.ts';
import { type Account, type Buyer, type Currency, PASSWORD } from '../world/seed-world.ts';
import type { World } from '../world/world.ts';
import {
  CartClear,
  CartLineAdd,
  CheckoutComplete,
  CheckoutQuote,
  OrderCancel,
  OrderSeen,
  OrderState,
  PaymentAttentionSettle,
  PaymentMethodRemove,
  PaymentMethodSave,
  PaymentMethods,
  PaymentRetry,
  RefundCreate,
  RefundsSeen,
  type Refusal,
  type SeenMethod,
  type SeenOrder,
  type SeenPayment,
  type SeenRefund,
} from './documents.ts';

/** Many attempts: the platform may be down for as long as a service takes to start. */
const LIMITS = { attempts: 12, attemptTimeoutMs: 10_000, backoff: { firstMs: 100, maxMs: 2_000 } };
const METHOD_WITHIN_MS = 30_000;
const ADDRESS = { name: 'Cass Chaos', line1: '1 Fault Line', city: 'Springfield', postalCode: '62701', country: 'US' };

export interface Wish {
  readonly variantId: string;
  readonly quantity: number;
  readonly currency: Currency;
  /** Pays at once with this saved card. */
  readonly paymentMethodId?: string;
}

export interface PlacedOrder {
  readonly orderId: string;
  readonly totalMinor: bigint;
}

/** Somebody at the graph, by the client that other people use as well; it repeats what was not answered under the same key. */
export interface Shopper {
  /** From an empty cart to an order that was acknowledged. */
  buy(wish: Wish): Promise<PlacedOrder>;
  order(orderId: string): Promise<SeenOrder>;
  /** The order once this is so, or as it was last seen when time is up. */
  orderWhen(orderId: string, fits: (order: SeenOrder) => boolean, withinMs: number): Promise<SeenOrder | null>;
  /** As somebody who waits for the shop to say that all is well, or that it is over. */
  endOf(orderId: string, withinMs: number): Promise<SeenOrder['state'] | null>;
  cancel(orderId: string): Promise<Refusal>;
  payFromWallet(paymentId: string, currency: Currency): Promise<Refusal>;
  /** A card that can be charged, kept by this shopper; saved at the provider's page when there is none yet. */
  savedCard(): Promise<string>;
  /** Another one, entered at the provider's page. @returns its id, once it is kept */
  saveCard(): Promise<string>;
  removeCard(paymentMethodId: string): Promise<Refusal>;
  methods(): Promise<readonly SeenMethod[]>;
}

/** @param fetch the way to the gateway, which may lose answers */
export async function shopperOf(world: World, buyer: Buyer, fetch: typeof globalThis.fetch = globalThis.fetch): Promise<Shopper> {
  const client = await logIn(world, buyer, fetch);
  const order = async (id: string) => present((await client.query(OrderSeen, { id })).data.order, `order ${id}`);
  const methods = async () => (await client.query(PaymentMethods, {})).data.me?.paymentMethods ?? [];
  return {
    order,
    methods,
    buy: (wish) => buy(client, wish),
    orderWhen: (orderId, fits, withinMs) => lookUntil(() => order(orderId), fits, withinMs),
    endOf: (orderId, withinMs) =>
      lookUntil(
        async () => present((await client.query(OrderState, { id: orderId })).data.order, `order ${orderId}`).state,
        (state) => state !== 'PENDING_PAYMENT',
        withinMs,
      ),
    cancel: async (orderId) => (await client.mutate(OrderCancel, { input: { orderId } })).data.orderCancel,
    payFromWallet: async (paymentId, currency) => {
      const input = { paymentId, tender: 'WALLET', walletId: buyer.wallets[currency] };
      return (await client.mutate(PaymentRetry, { input })).data.paymentRetry;
    },
    saveCard: () => saveCard(world, client, methods),
    savedCard: async () => (await methods()).find(({ state }) => state === 'ACTIVE')?.id ?? saveCard(world, client, methods),
    removeCard: async (paymentMethodId) =>
      (await client.mutate(PaymentMethodRemove, { input: { paymentMethodId } })).data.paymentMethodRemove,
  };
}

export interface Refunder {
  /** @returns the id of the refund, or the refusal */
  refund(paymentId: string, amount: { currency: Currency; minor: bigint }, destination: 'ORIGINAL' | 'WALLET'): Promise<string | Refusal>;
  /** Its state once it is that, or as it was last seen when time is up. */
  refundWhen(paymentId: string, id: string, state: SeenRefund['state'], withinMs: number): Promise<string | null>;
  /** The queue of what a person has to look at is worked through. */
  settleAttention(paymentId: string, note: string): Promise<void>;
}

export async function refunderOf(world: World, fetch: typeof globalThis.fetch = globalThis.fetch): Promise<Refunder> {
  const client = await logIn(world, world.admin, fetch);
  return {
    refund: async (paymentId, { currency, minor }, destination) => {
      const input = { paymentId, amount: { currency, minor: minor.toString() }, destination, reason: 'Arrived broken.' };
      const { refund, ...refusal } = (await client.mutate(RefundCreate, { input })).data.refundCreate;
      return refund?.id ?? refusal;
    },
    refundWhen: (paymentId, id, state, withinMs) =>
      lookUntil(
        async () => (await client.query(RefundsSeen, { id: paymentId })).data.payment?.refunds.find((one) => one.id === id)?.state ?? null,
        (seen) => seen === state,
        withinMs,
      ),
    settleAttention: async (paymentId, note) => {
      await client.mutate(PaymentAttentionSettle, { input: { paymentId, note } });
    },
  };
}

/** The payment of an order; null while it is not there, or cannot be asked for. */
export function paymentOf(order: SeenOrder | null): SeenPayment | null {
  return order?.payments?.[0] ?? null;
}

/** The checkout session that a page is about. */
export function sessionOf(url: string | null | undefined): string | null {
  return /\/(cs_\w+)/.exec(url ?? '')?.[1] ?? null;
}

async function logIn({ url }: World, { email }: Account, fetch: typeof globalThis.fetch): Promise<TesseraClient> {
  const client = createTesseraClient({ url, clientName: 'chaos', limits: LIMITS, fetch });
  const { __typename } = await client.session.open({ email, password: PASSWORD });
  if (__typename !== 'SessionOpened') throw new Error(`${email} cannot log in: ${__typename}.`);
  return client;
}

async function buy(client: TesseraClient, { variantId, quantity, currency, paymentMethodId }: Wish): Promise<PlacedOrder> {
  await client.mutate(CartClear, { input: {} });
  const { cartLineAdd } = (await client.mutate(CartLineAdd, { input: { variantId, quantity, currency } })).data;
  const cartId = present(cartLineAdd.cart, 'a cart', cartLineAdd).id;
  const { checkoutQuote } = (await client.mutate(CheckoutQuote, { input: { cartId, currency, shippingAddress: ADDRESS } })).data;
  const quote = present(checkoutQuote.quote, 'a quote', checkoutQuote);
  const input = {
    ...{ cartId, quoteId: quote.id, shippingAddress: ADDRESS, tender: 'CARD' },
    ...(paymentMethodId ? { paymentMethodId } : {}),
  };
  const { checkoutComplete } = (await client.mutate(CheckoutComplete, { input })).data;
  const order = present(checkoutComplete.order, 'an order', checkoutComplete);
  return { orderId: order.id, totalMinor: BigInt(order.total.minor) };
}

async function saveCard(world: World, client: TesseraClient, methods: Shopper['methods']): Promise<string> {
  const { paymentMethodSave } = (await client.mutate(PaymentMethodSave, { input: {} })).data;
  const { id } = present(paymentMethodSave.paymentMethod, 'a place for the card', paymentMethodSave);
  const look = async () => (await methods()).find((method) => method.id === id) ?? null;
  const open = await eventually('a page for the card', look, (method) => sessionOf(method?.clientAction?.url) !== null, METHOD_WITHIN_MS);
  await world.simulator.payCheckoutSession(sessionOf(open?.clientAction?.url) ?? '');
  await eventually('the card is saved', look, (method) => method?.state === 'ACTIVE', METHOD_WITHIN_MS);
  return id;
}

function present<T>(value: T | null | undefined, what: string, refusal?: Refusal): T {
  if (value === null || value === undefined) throw new Error(`There must be ${what}${refusal ? `: ${JSON.stringify(refusal)}` : ''}.`);
  return value;
}
