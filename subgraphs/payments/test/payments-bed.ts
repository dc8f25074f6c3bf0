import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { type EventPayload, type EventType, type ServiceName, senderOf } from '@tessera/schema/contract';
import { type CommonConfigShape, commonConfig } from '@tessera/service-kit/config';
import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import { createRelay, messagingMigration, type NewEvent, packsMigration, tellMigration, unitOfWork } from '@tessera/service-kit/messaging';
import { createOrm, type Row, rawSql, runMigrations } from '@tessera/service-kit/persistence';
import { actAs, createTestDatabase, eventually, PATIENCE_MS, startTestSubgraph, type TestSubgraph } from '@tessera/service-kit/testing';
import { type PaymentsConfig, paymentsConfig } from '../src/config.ts';
import type { PaymentsServices } from '../src/services.ts';
import { createSubgraph } from '../src/subgraph.ts';
import { WalletEntity } from '../src/wallet/wallet.entity.ts';

type PaymentsOwnConfig = Omit<PaymentsConfig, keyof CommonConfigShape>;

const PEERS = ['orders', 'ledger'] as const satisfies readonly ServiceName[];
const HOUR_MS = 3_600_000;
/** Everything at its default, but quick where a test would wait. */
export const TEST_CONFIG: PaymentsOwnConfig = {
  ...(Object.fromEntries(
    Object.entries(paymentsConfig)
      .filter(([key]) => !(key in commonConfig('PAYMENTS')))
      .map(([key, { schema }]) => [key, schema.parse(undefined)]),
  ) as PaymentsOwnConfig), // each value comes from the schema of its key
  walletWaitMs: 300,
  answerTimeoutMs: 60_000,
  maxSends: 3,
  providerRetryMs: 50,
  providerPollMs: 500,
};

export interface AnOrder {
  readonly paymentId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly walletId: string;
  readonly request: EventPayload<'PaymentRequested'>;
}

export interface PaymentRow extends Row {
  readonly state: string;
  readonly wish: string;
  readonly failure_reason: string | null;
  readonly captured_minor: string;
  readonly refunding_minor: string;
  readonly refunded_minor: string;
  readonly disputed_minor: string;
  readonly current_attempt_id: string;
  readonly needs_attention: boolean;
  readonly attention_reason: string | null;
}

/** Payments on real stores, with orders and ledger played by the test: it hears their events over their own streams. */
export interface PaymentsBed extends TestSubgraph<PaymentsServices> {
  /** Publishes what orders or ledger tell, in this order, and waits until payments has dealt with it. */
  tell(...events: readonly NewEvent[]): Promise<void>;
  aWallet(owner?: string, currency?: string): Promise<{ readonly ownerId: string; readonly walletId: string }>;
  /** The command that an order sends, not told yet. */
  anOrder(wallet: { readonly ownerId: string; readonly walletId: string }, change?: Partial<EventPayload<'PaymentRequested'>>): AnOrder;
  /** An order with a wallet that is known, up to the hold that was asked for; or further. */
  aPayment(until: 'ASKED' | 'AUTHORISED' | 'CAPTURED', change?: Partial<EventPayload<'PaymentRequested'>>): Promise<AnOrder>;
  payment(order: Pick<AnOrder, 'paymentId'>): Promise<PaymentRow>;
  /** What payments has published of a type about a payment, oldest first. */
  published<T extends EventType>(type: T, order: Pick<AnOrder, 'paymentId'>): Promise<EventPayload<T>[]>;
  sql<T extends Row = Row>(text: string, parameters?: readonly unknown[]): Promise<T[]>;
}

export async function openPayments(change: Partial<PaymentsOwnConfig> = {}): Promise<PaymentsBed> {
  const base = await startTestSubgraph('payments', createSubgraph, { ...TEST_CONFIG, ...change }, { version: schemaText() });
  const peers = new Map<ServiceName, Awaited<ReturnType<typeof openPeer>>>(
    await Promise.all(PEERS.map(async (name) => [name, await openPeer(name, base)] as const)),
  );
  const { subgraph } = base;
  const sql: PaymentsBed['sql'] = (text, parameters) => rawSql(subgraph.platform.orm.em.fork(), text, parameters);

  const tell: PaymentsBed['tell'] = async (...events) => {
    // In the order told: two services' streams are read side by side.
    for (const event of events) {
      const committed = await ensure(peers.get(senderOf(event.type)), 'the sender').publish([event]);
      if (!(await subgraph.waitFor(committed, PATIENCE_MS))) throw new Error(`payments has not dealt with ${event.type}`);
    }
  };

  const bed: PaymentsBed = {
    ...base,
    tell,
    sql,
    async aWallet(ownerId = newId('user'), currency = 'USD') {
      const walletId = newId('wallet');
      await tell(walletOpened({ walletId, ownerId, currency }));
      return { ownerId, walletId };
    },
    anOrder: ({ ownerId, walletId }, part = {}) => anOrder(ownerId, walletId, part),
    async aPayment(until, part = {}) {
      const order = anOrder(...(Object.values(await bed.aWallet()) as [string, string]), part);
      await tell(requested(order));
      if (until === 'ASKED') return order;
      await tell(holdFact('HoldPlaced', order, await holdOf(bed, order)));
      if (until === 'AUTHORISED') return order;
      await tell(captureRequested(order), holdFact('HoldPosted', order, await holdOf(bed, order)));
      return order;
    },
    payment: async ({ paymentId }) =>
      ensure((await sql<PaymentRow>('select * from payments where id = $1', [paymentId]))[0], 'the payment'),
    published: async <T extends EventType>(type: T, { paymentId }: Pick<AnOrder, 'paymentId'>) => {
      const rows = await sql<{ payload: EventPayload<T> }>(
        'select payload from outbox where type = $1 and aggregate_id = $2 order by ordinal',
        [type, paymentId],
      );
      return rows.map(({ payload }) => payload);
    },
    close: async () => {
      await base.close();
      for (const peer of peers.values()) await peer.close();
    },
  };
  return bed;
}

/** Another service, with an outbox, a relay and streams of its own. */
async function openPeer(service: ServiceName, { config }: TestSubgraph<PaymentsServices>) {
  const options = { entities: [WalletEntity], migrations: [messagingMigration, packsMigration, tellMigration] };
  const migrate = async (databaseUrl: string) => {
    const orm = createOrm({ ...options, databaseUrl });
    await runMigrations(orm);
    await orm.close();
  };
  const database = await createTestDatabase({ name: 'payments_peer', version: schemaText(), migrate });
  const orm = createOrm({ ...options, databaseUrl: database.url });
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const relay = createRelay({
    databaseUrl: database.url,
    redisUrl: config.redisUrl,
    eventsSecret: config.eventsSecret,
    prefix: config.redisKeyPrefix ?? '',
    service,
    log,
  });
  await relay.start();
  return {
    publish: async (events: readonly NewEvent[]) => {
      const origin = { actor: `service:${service}`, correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
      const { committed } = await unitOfWork(orm.em, origin, async ({ publish }) => {
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

function anOrder(customerId: string, walletId: string, change: Partial<EventPayload<'PaymentRequested'>>): AnOrder {
  const amount = change.amount ?? { currency: 'USD', minor: '10000' };
  const request: EventPayload<'PaymentRequested'> = {
    paymentId: newId('payment'),
    orderId: newId('order'),
    customerId,
    tender: 'WALLET',
    amount,
    walletId,
    paymentMethodId: null,
    clientMode: 'HOSTED_PAGE',
    description: 'Order 1',
    risk: { addressKey: null, shippingKey: null, shippingCountry: null },
    deadline: new Date(Date.now() + HOUR_MS).toISOString(),
    shares: [{ vendorId: newId('user'), amount }],
    ...change,
  };
  return { paymentId: request.paymentId, orderId: request.orderId, customerId, walletId, request };
}

export const walletOpened = (payload: EventPayload<'WalletOpened'>): NewEvent<'WalletOpened'> => ({
  type: 'WalletOpened',
  aggregateId: payload.walletId,
  payload,
});

export const requested = ({ request }: AnOrder): NewEvent<'PaymentRequested'> => ({
  type: 'PaymentRequested',
  aggregateId: request.paymentId,
  payload: request,
});

export const captureRequested = ({ paymentId, orderId }: AnOrder): NewEvent<'CaptureRequested'> => ({
  type: 'CaptureRequested',
  aggregateId: paymentId,
  payload: { paymentId, orderId },
});

export const voidRequested = ({ paymentId, orderId }: AnOrder): NewEvent<'VoidRequested'> => ({
  type: 'VoidRequested',
  aggregateId: paymentId,
  payload: { paymentId, orderId, reason: 'ORDER_CANCELLED' },
});

export const refundRequested = (
  { paymentId, orderId }: AnOrder,
  minor: string,
  refundId: string = newId('refund'),
): NewEvent<'RefundRequested'> => ({
  type: 'RefundRequested',
  aggregateId: paymentId,
  payload: { paymentId, orderId, refundId, amount: { currency: 'USD', minor }, destination: 'WALLET', reason: 'ORDER_CANCELLED' },
});

/** The hold of the current attempt; the same for the same attempt. */
export async function holdOf(bed: PaymentsBed, order: AnOrder): Promise<{ readonly factKey: string; readonly holdId: string }> {
  const { current_attempt_id: attemptId } = await bed.payment(order);
  return { factKey: `hold:${attemptId}`, holdId: `hld_${attemptId.slice(4)}` };
}

type HoldFactType = 'HoldPlaced' | 'HoldPosted' | 'HoldVoided' | 'HoldExpired';

/** What the ledger tells of a hold; amounts are those of the request. */
export function holdFact(
  type: HoldFactType,
  order: AnOrder,
  { factKey, holdId }: { readonly factKey: string; readonly holdId: string },
): NewEvent {
  const { amount, paymentId, orderId, customerId, walletId } = order.request as EventPayload<'PaymentRequested'> & {
    readonly walletId: string;
  }; // the orders here have one
  const left = { currency: amount.currency, minor: '0' };
  const movement = {
    transferId: newId('transfer'),
    factKey,
    code: 'ORDER_PAYMENT',
    amount,
    debit: { accountId: walletId, ownerId: customerId, sequence: 1, balance: left, available: left },
    credit: { accountId: newId('account'), ownerId: null, sequence: 1, balance: left, available: left },
    orderId,
    paymentId,
    holdId,
  };
  if (type === 'HoldPlaced') return { type, aggregateId: holdId, payload: { ...movement, expiresAt: order.request.deadline } };
  return { type, aggregateId: holdId, payload: movement };
}

export const holdRefused = (order: AnOrder, factKey: string, reason = 'INSUFFICIENT_FUNDS'): NewEvent<'HoldRefused'> => ({
  type: 'HoldRefused',
  aggregateId: factKey,
  payload: { factKey, amount: order.request.amount, reason, orderId: order.orderId, paymentId: order.paymentId },
});

export const postingCompleted = (factKey: string): NewEvent<'PostingCompleted'> => ({
  type: 'PostingCompleted',
  aggregateId: factKey,
  payload: { factKey, transferIds: [newId('transfer')], orderId: null, paymentId: null },
});

export const postingRefused = (factKey: string, reason = 'ACCOUNT_CLOSED'): NewEvent<'PostingRefused'> => ({
  type: 'PostingRefused',
  aggregateId: factKey,
  payload: { factKey, reason, orderId: null, paymentId: null },
});

/** Waits for a state that a worker brings about. */
export async function settledAs(bed: PaymentsBed, order: AnOrder, state: string): Promise<PaymentRow> {
  return eventually(`the payment is ${state}`, async () => {
    const row = await bed.payment(order);
    return row.state === state && row;
  });
}

export const customerOf = ({ customerId }: AnOrder) => actAs.user(customerId);

function schemaText(): string {
  const folder = new URL('../src/migrations/', import.meta.url);
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
}
