import type { EventPayload } from '@tessera/schema/contract';
import { newId } from '@tessera/service-kit/ids';
import type { NewEvent } from '@tessera/service-kit/messaging';
import type { Row } from '@tessera/service-kit/persistence';
import { createHttpService } from '@tessera/service-kit/service';
import { actAs, eventually } from '@tessera/service-kit/testing';
import type { PaymentsConfig } from '../src/config.ts';
import { type AnOrder, openPayments, type PaymentRow, type PaymentsBed, requested } from './payments-bed.ts';
import { type SimulatorProcess, startSimulatorProcess } from './simulator.ts';

export const CARDS = {
  pays: '4242424242424242',
  declined: '4000000000000002',
  noFunds: '4000000000009995',
  wantsProof: '4000002760003184',
  disputed: '4000000000000259',
  german: '4000002760000016',
  refundFails: '4000000000005126',
  refundWaits: '4000000000007726',
} as const;

const WEBHOOK_SECRET = 'whsec_0123456789abcdef0123456789abcdef';

export interface AttemptRow extends Row {
  readonly id: string;
  readonly number: number;
  readonly state: string;
  readonly tender: string;
  readonly session_id: string | null;
  readonly intent_id: string | null;
  readonly charge_id: string | null;
  readonly client_url: string | null;
  readonly failure_reason: string | null;
  readonly last_decline: string | null;
  readonly card_last4: string | null;
  readonly fee_minor: string | null;
  readonly fee_currency: string | null;
}

/** Payments with a provider that behaves like the real one, in a process of its own; orders and ledger are played by the test. */
export interface CardsBed extends PaymentsBed {
  readonly simulator: SimulatorProcess;
  /** An order that is to be paid by card, told to payments. */
  cardOrder(change?: Partial<EventPayload<'PaymentRequested'>>): Promise<AnOrder>;
  /** The current attempt, once its page is open. */
  openPage(order: Pick<AnOrder, 'paymentId'>): Promise<AttemptRow & { readonly session_id: string }>;
  attempts(order: Pick<AnOrder, 'paymentId'>): Promise<AttemptRow[]>;
  /** As a person does it at the hosted page. */
  pay(order: Pick<AnOrder, 'paymentId'>, card?: string): Promise<void>;
  /** A card order up to the capture. */
  paidOrder(change?: Partial<EventPayload<'PaymentRequested'>>, card?: string): Promise<AnOrder>;
  until(order: Pick<AnOrder, 'paymentId'>, state: string): Promise<PaymentRow>;
  /** What the ledger was asked under a fact key that starts so, oldest first. */
  commands(order: Pick<AnOrder, 'paymentId'>): Promise<{ fact_key: string; type: string; payload: Record<string, unknown> }[]>;
}

export async function openCards(change: Partial<PaymentsConfig> = {}): Promise<CardsBed> {
  const simulator = await startSimulatorProcess({ seed: 7 });
  const own = { stripeSecretKey: simulator.secretKey, stripeWebhookSecrets: [WEBHOOK_SECRET], stripePublishableKey: 'pk_test_simulator' };
  const base = await openPayments({ ...own, stripeApiBase: simulator.url, ...change }).catch(async (error: unknown) => {
    await simulator.close();
    throw error;
  });
  const { log, metrics } = base.subgraph.platform;
  const http = createHttpService({
    ...{ name: 'payments', host: '127.0.0.1', port: 0, log, metrics, health: { required: {} } },
    routes: base.subgraph.routes,
  });
  const { url } = await http.listen();
  const { control } = simulator;
  await control.setWebhook({ url: `${url}/webhooks/stripe`, secret: WEBHOOK_SECRET });

  const bed: CardsBed = {
    ...base,
    simulator,
    async cardOrder(part = {}) {
      const order = base.anOrder({ ownerId: newId('user'), walletId: '' }, { tender: 'CARD', walletId: null, ...part });
      await base.tell(requested(order));
      return order;
    },
    attempts: ({ paymentId }) => base.sql<AttemptRow>('select * from payment_attempts where payment_id = $1 order by number', [paymentId]),
    openPage: (order) =>
      eventually('the page is open', async () => {
        const last = (await bed.attempts(order)).at(-1);
        return last?.state === 'REQUIRES_ACTION' && last.session_id ? { ...last, session_id: last.session_id } : false;
      }),
    async pay(order, card = CARDS.pays) {
      const { session_id } = await bed.openPage(order);
      await control.payCheckoutSession(session_id, { card, threeDSecure: 'COMPLETE' });
    },
    async paidOrder(part = {}, card = CARDS.pays) {
      const order = await bed.cardOrder(part);
      await bed.pay(order, card);
      await bed.until(order, 'CAPTURED');
      return order;
    },
    until: (order, state) =>
      eventually(`the payment is ${state}`, async () => {
        const row = await base.payment(order);
        return row.state === state && row;
      }),
    commands: ({ paymentId }) =>
      base.sql('select fact_key, type, payload from ledger_commands where payment_id = $1 order by created_at, fact_key', [paymentId]),
    close: async () => {
      await http.drain();
      await base.close();
      await simulator.close();
    },
  };
  return bed;
}

export const postingDone = (factKey: string): NewEvent<'PostingCompleted'> => ({
  type: 'PostingCompleted',
  aggregateId: factKey,
  payload: { factKey, transferIds: [newId('transfer')], orderId: null, paymentId: null },
});

export const buyerOf = ({ customerId }: Pick<AnOrder, 'customerId'>) => actAs.user(customerId);
