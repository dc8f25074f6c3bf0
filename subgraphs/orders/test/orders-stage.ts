import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EventPayload, type EventType, senderOf } from '@tessera/schema/contract';
import { ensure } from '@tessera/service-kit/errors';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { createRelay, messagingMigration, type NewEvent, packsMigration, tellMigration, unitOfWork } from '@tessera/service-kit/messaging';
import { createOrm, type Row, rawSql, runMigrations } from '@tessera/service-kit/persistence';
import type { SubgraphConfig } from '@tessera/service-kit/subgraph';
import { actAs, createTestDatabase, eventually, startTestSubgraph, type TestSubgraph } from '@tessera/service-kit/testing';
import type { OrdersSettings } from '../src/config.ts';
import type { OrdersServices } from '../src/services.ts';
import { createSubgraph } from '../src/subgraph.ts';
import { ProductEntity } from '../src/variant/variant.entity.ts';

type Price = { readonly currency: string; readonly minor: string };

export interface VariantOnStage {
  readonly variantId: string;
  readonly productId: string;
  readonly vendorId: string;
  readonly kind: 'PHYSICAL' | 'DIGITAL_UNITS';
  readonly prices: Price[];
}

/** Orders alone on real stores; catalog and payments are played by publishing their events on streams of theirs. */
export interface OrdersStage extends TestSubgraph<OrdersServices> {
  /** Publishes events of another service, in one commit, and waits until they have had their effect. */
  play<T extends EventType>(...events: { type: T; aggregateId: string; payload: EventPayload<T> }[]): Promise<void>;
  sql<T extends Row>(text: string, parameters?: readonly unknown[]): Promise<T[]>;
  aVariant(facts?: {
    kind?: VariantOnStage['kind'];
    vendorId?: string;
    prices?: Price[];
    stock?: number;
    secrets?: string[];
  }): Promise<VariantOnStage>;
  /** What has been published of this type about this aggregate, or about all, oldest first. */
  published<T extends EventType>(type: T, aggregateId?: string): Promise<EventPayload<T>[]>;
}

export const testKeys = { keys: { k1: randomBytes(32).toString('base64') }, current: 'k1' };

export const stageConfig: OrdersSettings = {
  encryptionKeys: testKeys,
  paymentDeadlineMs: 900_000,
  quoteTtlMs: 900_000,
  flatShipping: { USD: 499n },
  answerDeadlineMs: 30_000,
};

const folder = join(import.meta.dirname, '../src/migrations');
export const migrationsText = readdirSync(folder)
  .sort()
  .map((file) => readFileSync(join(folder, file), 'utf8'))
  .join('\n');

const PEERS = ['catalog', 'payments'] as const;
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const silent = { info: () => {}, warn: () => {}, error: () => {} };

export async function startOrders(overrides: Partial<OrdersSettings> = {}): Promise<OrdersStage> {
  const under = await startTestSubgraph<OrdersServices, SubgraphConfig & OrdersSettings>(
    'orders',
    createSubgraph,
    { ...stageConfig, ...overrides },
    { version: migrationsText },
  );
  const { config, subgraph } = under;
  const { orm } = subgraph.platform;
  const peers = new Map(await Promise.all(PEERS.map(async (service) => [service, await openPeer(service, config)] as const)));

  const sql: OrdersStage['sql'] = (text, parameters) => rawSql(orm.em.fork(), text, parameters);
  const play: OrdersStage['play'] = async (...events) => {
    const sender = ensure(peers.get(senderOf(ensure(events[0], 'an event').type) as (typeof PEERS)[number]), 'the sender');
    const committed = await sender.publish(events);
    if (!(await subgraph.waitFor(committed, 10_000))) throw new Error(`not consumed: ${events.map(({ type }) => type).join(', ')}`);
  };

  return {
    ...under,
    play,
    sql,
    aVariant: async ({
      kind = 'PHYSICAL',
      vendorId = newId('user'),
      prices = [{ currency: 'USD', minor: '1000' }],
      stock = 0,
      secrets,
    } = {}) => {
      const variant = { variantId: newId('variant'), productId: newId('product'), vendorId, kind, prices };
      await play<'VariantAdded' | 'ProductPublished'>(
        {
          type: 'VariantAdded',
          aggregateId: variant.productId,
          payload: { ...variant, sku: 'SKU-1', title: 'Blue', productTitle: 'Thing' },
        },
        { type: 'ProductPublished', aggregateId: variant.productId, payload: { ...variant, title: 'Thing', slug: 'thing' } },
      );
      if (stock > 0) await subgraph.services.operator.setStock({ variantId: variant.variantId, onHand: stock, reason: 'test' });
      if (secrets) await subgraph.services.operator.depositUnits({ variantId: variant.variantId, secrets, factKey: variant.variantId });
      return variant;
    },
    published: async <T extends EventType>(type: T, aggregateId?: string) => {
      const rows = await sql<{ payload: EventPayload<T> }>(
        'select payload from outbox where type = $1 and ($2::text is null or aggregate_id = $2) order by ordinal',
        [type, aggregateId ?? null],
      );
      return rows.map(({ payload }) => payload);
    },
    close: async () => {
      await Promise.all([...peers.values()].map((peer) => peer.close()));
      await under.close();
    },
  };
}

/** Another service, as far as it tells things: an outbox on a database of its own, and its relay. */
async function openPeer(service: (typeof PEERS)[number], { redisUrl, eventsSecret, redisKeyPrefix = '' }: SubgraphConfig) {
  const ormOn = (databaseUrl: string) =>
    createOrm({ databaseUrl, entities: [ProductEntity], migrations: [messagingMigration, packsMigration, tellMigration] });
  const migrate = async (databaseUrl: string) => {
    const orm = ormOn(databaseUrl);
    await runMigrations(orm);
    await orm.close();
  };
  const database = await createTestDatabase({ name: 'outbox', version: '1', migrate });
  const orm = ormOn(database.url);
  const relay = createRelay({ databaseUrl: database.url, service, redisUrl, eventsSecret, prefix: redisKeyPrefix, log: silent });
  await relay.start();
  const origin = { actor: `service:${service}`, correlationId: randomUUID(), causationId: null, traceparent: TRACE };
  return {
    publish: async (events: readonly NewEvent[]) => {
      const { committed } = await unitOfWork(orm.em.fork(), { ...origin, now: new Date() }, async ({ publish }) => {
        for (const event of events) publish(event);
      });
      return committed;
    },
    close: async () => {
      await relay.close();
      await orm.close();
      await database.drop();
    },
  };
}

export const anAddress = { name: 'Ada', line1: '1 Main Street', city: 'Berlin', country: 'DE' };

export const COMPLETE = `mutation ($input: CheckoutCompleteInput!) { checkoutComplete(input: $input) { __typename
  ... on CheckoutCompleted { order { id number state lines { title quantity variant { id } } total { minor } } }
  ... on OutOfStock { lines { requested available variant { id } } } ... on PriceChanged { quote { id total { minor } } } ... on InvalidInput { issues { path } } ... on Problem { code message } } }`;

/** Puts a variant into a cart and has it quoted. */
export async function quoted(
  stage: OrdersStage,
  buyer: Viewer,
  variantId: string,
  quantity = 1,
  currency?: string,
): Promise<{ cartId: string; quoteId: string }> {
  const added = await stage.data<{ cartLineAdd: { cart: { id: string } } }>(
    buyer,
    'mutation ($input: CartLineAddInput!) { cartLineAdd(input: $input) { __typename ... on CartChanged { cart { id } } ... on Problem { message } } }',
    { input: { variantId, quantity, ...(currency && { currency }) } },
  );
  const cartId = added.cartLineAdd.cart?.id;
  if (!cartId) throw new Error(JSON.stringify(added));
  const { checkoutQuote } = await stage.data<{ checkoutQuote: { quote?: { id: string } } }>(
    buyer,
    'mutation ($input: CheckoutQuoteInput!) { checkoutQuote(input: $input) { __typename ... on CheckoutQuoted { quote { id } } ... on Problem { message } } }',
    { input: { cartId } },
  );
  if (!checkoutQuote.quote) throw new Error(JSON.stringify(checkoutQuote));
  return { cartId, quoteId: checkoutQuote.quote.id };
}

export function purchase(ready: { cartId: string; quoteId: string }): Record<string, unknown> {
  return { ...ready, tender: 'WALLET', walletId: newId('wallet'), shippingAddress: anAddress };
}

export interface PlacedOrder {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: { readonly currency: string; readonly minor: string };
}

/** What turns a purchase from a wallet into one by card. */
export const BY_CARD = { tender: 'CARD', walletId: null } as const;

/** A whole purchase, up to the payment that is asked for. */
export async function anOrder(
  stage: OrdersStage,
  buyer: Viewer,
  variantId: string,
  quantity = 1,
  changes: Record<string, unknown> = {},
): Promise<PlacedOrder> {
  const input = { ...purchase(await quoted(stage, buyer, variantId, quantity)), ...changes };
  const { checkoutComplete } = await stage.data<{ checkoutComplete: { order?: { id: string } } }>(buyer, COMPLETE, { input });
  const id = checkoutComplete.order?.id;
  if (!id) throw new Error(JSON.stringify(checkoutComplete));
  const [order] = await stage.sql<{ payment_id: string; currency: string; total_minor: string }>(
    'select payment_id, currency, total_minor from orders where id = $1',
    [id],
  );
  if (!order) throw new Error('no such order');
  return { id, paymentId: order.payment_id, amount: { currency: order.currency, minor: order.total_minor } };
}

export type PaymentEvent =
  | 'PaymentRequiresAction'
  | 'PaymentAuthorised'
  | 'PaymentCaptured'
  | 'PaymentRejected'
  | 'PaymentFailed'
  | 'PaymentVoided';

/** Payments tells what became of the money of an order. */
export async function tell(
  stage: OrdersStage,
  type: PaymentEvent,
  { id, paymentId, amount }: PlacedOrder,
  reason: string | null = null,
  tender = 'WALLET',
): Promise<void> {
  const payload = { paymentId, orderId: id, customerId: newId('user'), tender, amount, reason };
  await stage.play({ type, aggregateId: paymentId, payload });
}

/** The same about an order that was paid by card. */
export async function tellCard(
  stage: OrdersStage,
  type: PaymentEvent | 'PaymentUnderReview',
  order: PlacedOrder,
  { reviewUntil = new Date(Date.now() + 86_400_000), reason = null }: { reviewUntil?: Date; reason?: string | null } = {},
): Promise<void> {
  if (type !== 'PaymentUnderReview') return tell(stage, type, order, reason, 'CARD');
  const { id: orderId, paymentId, amount } = order;
  const payload = { paymentId, orderId, customerId: newId('user'), tender: 'CARD', amount, reason, reviewUntil: reviewUntil.toISOString() };
  await stage.play({ type, aggregateId: paymentId, payload });
}

/** Payments tells what became of a refund of this order, ours or an operator's. */
export async function tellRefund(
  stage: OrdersStage,
  type: 'RefundSucceeded' | 'RefundFailed' | 'RefundReturned' | 'StrayRefunded',
  { id, paymentId, amount }: PlacedOrder,
  { refundId = newId('refund'), minor, reason = null }: { refundId?: string | undefined; minor: string; reason?: string | null },
): Promise<void> {
  const refunded = { currency: amount.currency, minor };
  const payload = { paymentId, orderId: id, customerId: newId('user'), tender: 'WALLET' as const, amount, reason, refundId, refunded };
  await stage.play({ type, aggregateId: paymentId, payload });
}

export async function stateOf(stage: OrdersStage, orderId: string): Promise<string | undefined> {
  const [row] = await stage.sql<{ state: string }>('select state from orders where id = $1', [orderId]);
  return row?.state;
}

/** Lets the deadline of an order pass. */
export async function makeDue(stage: OrdersStage, { id }: PlacedOrder): Promise<void> {
  await stage.sql(`update orders set expires_at = clock_timestamp() - interval '1 second' where id = $1`, [id]);
}

export async function historyOf(stage: OrdersStage, orderId: string): Promise<string[]> {
  const rows = await stage.sql<{ kind: string }>('select kind from order_history where order_id = $1 order by id', [orderId]);
  return rows.map(({ kind }) => kind);
}

export async function stepsOf(stage: OrdersStage, orderId: string): Promise<Record<string, string>> {
  const rows = await stage.sql<{ name: string; state: string }>('select name, state from saga_steps where order_id = $1', [orderId]);
  return Object.fromEntries(rows.map(({ name, state }) => [name, state]));
}

export { actAs, eventually };
