import type { StripeEvent } from '@tessera/stripe-simulator';
import { eventually } from '../patience.ts';
import { paymentOf, type Refunder, type Shopper, sessionOf } from '../payments/shopper.ts';
import type { Buyer } from '../world/seed-world.ts';
import type { World } from '../world/world.ts';

const WITHIN_MS = 30_000;
const CURRENCY = 'USD';
const REFUND_MINOR = 321n;

export interface Stage {
  readonly world: World;
  readonly buyer: Buyer;
  readonly shopper: Shopper;
  readonly refunder: Refunder;
}

/** What a customer or an operator does while payments may die, and what must have become of it, once each. */
export interface Flow {
  /** For titles: what is there exactly once after the crash. */
  readonly promise: string;
  /** What has to be there before, without a crash. */
  prepare?(stage: Stage): Promise<Prepared>;
  /** Goes on through the crash: whoever asks asks again. @returns what the proof has to look at */
  play(stage: Stage, prepared: Prepared): Promise<Facts>;
}

/** Ids, as each flow needs them. */
export type Prepared = Readonly<Record<string, string>>;

/** Counted by provider, payments, ledger and orders; each flow says what it has to be. */
export type Facts = Readonly<Record<'seen' | 'expected', Readonly<Record<string, unknown>>>>;

interface Paid {
  readonly orderId: string;
  readonly paymentId: string;
  readonly totalMinor: bigint;
  readonly chargeId: string;
}

export const FLOWS = {
  PAY: {
    promise: 'one charge, one posting, one confirmed order',
    play: async (stage) => {
      const paid = await pay(stage);
      const { orderId, paymentId, totalMinor } = paid;
      const amount = totalMinor.toString();
      return {
        seen: {
          order: await stateOfOrder(stage, orderId, 'CONFIRMED'),
          charges: await chargesOf(stage, paymentId),
          postings: await postingsOf(stage, paymentId, 'ORDER_PAYMENT'),
        },
        expected: { order: 'CONFIRMED', charges: [amount], postings: [amount] },
      };
    },
  },
  CANCEL: {
    promise: 'nothing charged, nothing posted, one cancelled order',
    play: async (stage) => {
      const { orderId, paymentId, session } = await open(stage);
      await stage.shopper.cancel(orderId);
      await statePayment(stage, paymentId, 'VOIDED');
      return {
        seen: {
          order: await stateOfOrder(stage, orderId, 'CANCELLED'),
          charges: await chargesOf(stage, paymentId),
          postings: await postingsOf(stage, paymentId, 'ORDER_PAYMENT'),
          page: await stage.world.simulator.payCheckoutSession(session).then(
            () => 'open',
            () => 'closed',
          ),
        },
        expected: { order: 'CANCELLED', charges: [], postings: [], page: 'closed' },
      };
    },
  },
  REFUND: {
    promise: 'one refund at the provider and one in the ledger',
    play: async (stage) => {
      const { orderId, paymentId } = await pay(stage);
      await stateOfOrder(stage, orderId, 'CONFIRMED');
      const id = await stage.refunder.refund(paymentId, { currency: CURRENCY, minor: REFUND_MINOR }, 'ORIGINAL');
      const state = async () => (await one(stage, 'payments', 'select state from refunds where id = $1', [id]))?.state;
      const amount = REFUND_MINOR.toString();
      return {
        seen: {
          refund: await eventually('the refund has succeeded', state, (seen) => seen === 'SUCCEEDED', WITHIN_MS),
          provider: (await stage.world.simulator.refundsFor('payment_id', paymentId)).map((refund) => String(refund.amount)),
          ledger: await refundedInLedger(stage, paymentId, amount),
        },
        expected: { refund: 'SUCCEEDED', provider: [amount], ledger: amount },
      };
    },
  },
  SENT_BACK: {
    promise: 'one refund that the bank sent back, given and taken back once in the ledger, and one person asked',
    prepare: async (stage) => {
      const { orderId, paymentId } = await pay(stage);
      await stateOfOrder(stage, orderId, 'CONFIRMED');
      const id = String(await stage.refunder.refund(paymentId, { currency: CURRENCY, minor: REFUND_MINOR }, 'ORIGINAL'));
      const refunded = async () =>
        (await one(stage, 'orders', 'select refunded_minor::text from orders where id = $1', [orderId]))?.refunded_minor;
      await eventually('the order knows of the refund', refunded, (minor) => minor === REFUND_MINOR.toString(), WITHIN_MS);
      const [refund] = await stage.world.simulator.refundsFor('refund_id', id);
      return { orderId, paymentId, id, providerId: refund?.id ?? '' };
    },
    play: async (stage, { orderId = '', paymentId = '', id = '', providerId = '' }) => {
      await stage.world.simulator.failRefund(providerId);
      const state = async () => (await one(stage, 'payments', 'select state from refunds where id = $1', [id]))?.state;
      const orders = async () =>
        (await one(stage, 'orders', 'select refunded_minor::text from orders where id = $1', [orderId]))?.refunded_minor;
      const seen = {
        refund: await eventually('the refund has come back', state, (now) => now === 'FAILED', WITHIN_MS),
        order: await eventually('the order knows that it came back', orders, (minor) => minor === '0', WITHIN_MS),
        given: sumOf(await postingsOf(stage, paymentId, 'REFUND')),
        takenBack: sumOf(await postingsOf(stage, paymentId, 'REFUND_RETURNED')),
        asked: (await stage.world.databases.ask('payments', ASKED, [paymentId])).map(({ reason }) => reason),
      };
      await stage.refunder.settleAttention(paymentId, 'Given back in cash.');
      const amount = REFUND_MINOR.toString();
      return { seen, expected: { refund: 'FAILED', order: '0', given: amount, takenBack: amount, asked: ['REFUND_FAILED_LATER'] } };
    },
  },
  CHARGED_TWICE: {
    promise: 'one second charge, booked once and given back once',
    prepare: async (stage) => {
      const { orderId, paymentId, session } = await open(stage);
      await stage.shopper.payFromWallet(paymentId, CURRENCY);
      await stateOfOrder(stage, orderId, 'CONFIRMED');
      return { paymentId, session };
    },
    play: async (stage, { paymentId = '', session = '' }) => {
      await stage.world.simulator.payAfterAll(session);
      const state = async () =>
        (await one(stage, 'payments', 'select state from refunds where payment_id = $1 and stray_attempt_id is not null', [paymentId]))
          ?.state;
      const refund = await eventually('the second charge has gone back', state, (now) => now === 'SUCCEEDED', WITHIN_MS);
      const charges = await chargesOf(stage, paymentId);
      return {
        seen: {
          ...{ refund, charges: charges.length },
          back: (await stage.world.simulator.refundsFor('payment_id', paymentId)).map(({ amount }) => String(amount)),
          booked: await postingsOf(stage, paymentId, 'STRAY_PAYMENT'),
          booksBack: await postingsOf(stage, paymentId, 'STRAY_REFUND'),
        },
        expected: { refund: 'SUCCEEDED', charges: 1, back: charges, booked: charges, booksBack: charges },
      };
    },
  },
  SAVE_CARD: {
    promise: 'one customer at the provider and one saved card',
    play: async (stage) => {
      const id = await stage.shopper.saveCard();
      const method = await methodOf(stage, id);
      return {
        seen: {
          state: method.state,
          customers: await eventsOf(stage, 'customer.created', ({ metadata }) => metadata?.user_id === stage.buyer.id),
          attached: await eventsOf(stage, 'payment_method.attached', (object) => object.id === method.card),
        },
        expected: { state: 'ACTIVE', customers: 1, attached: 1 },
      };
    },
  },
  REMOVE_CARD: {
    promise: 'one saved card forgotten, here and at the provider',
    play: async (stage) => {
      const id = await stage.shopper.savedCard();
      await stage.shopper.removeCard(id);
      const look = () => methodOf(stage, id);
      const { state, card } = await eventually('the card is removed', look, (method) => method.state === 'REMOVED', WITHIN_MS);
      const detached = await eventsOf(stage, 'payment_method.detached', (object) => object.id === card);
      return { seen: { state, detached }, expected: { state: 'REMOVED', detached: 1 } };
    },
  },
  DISPUTE: {
    promise: 'one dispute, posted once',
    play: async (stage) => {
      const { paymentId, totalMinor, chargeId, orderId } = await pay(stage);
      await stateOfOrder(stage, orderId, 'CONFIRMED');
      await stage.world.simulator.openDispute(chargeId);
      const look = () => postingsOf(stage, paymentId, 'DISPUTE');
      const amount = totalMinor.toString();
      return {
        seen: {
          postings: await eventually('the dispute is posted', look, (postings) => postings.length > 0, WITHIN_MS),
          disputes: (
            await stage.world.databases.ask('payments', 'select state, amount_minor::text as minor from disputes where payment_id = $1', [
              paymentId,
            ])
          ).map((row) => `${row.state} ${row.minor}`),
        },
        expected: { postings: [amount], disputes: [`OPEN ${amount}`] },
      };
    },
  },
} as const satisfies Record<string, Flow>;

const ASKED = `select reason from payment_events where payment_id = $1 and kind = 'ATTENTION'`;

interface Opened {
  readonly orderId: string;
  readonly paymentId: string;
  readonly totalMinor: bigint;
  readonly session: string;
}

async function open({ world, shopper }: Stage): Promise<Opened> {
  const [variantId = ''] = world.variantIds;
  const { orderId, totalMinor } = await shopper.buy({ variantId, quantity: 1, currency: CURRENCY });
  const seen = await eventually(
    'a page to pay at',
    async () => paymentOf(await shopper.order(orderId)),
    (payment) => sessionOf(payment?.clientAction?.url) !== null,
    WITHIN_MS,
  );
  return { orderId, totalMinor, paymentId: seen?.id ?? '', session: sessionOf(seen?.clientAction?.url) ?? '' };
}

async function pay(stage: Stage): Promise<Paid> {
  const { session, ...opened } = await open(stage);
  const { charge } = await stage.world.simulator.payCheckoutSession(session);
  await statePayment(stage, opened.paymentId, 'CAPTURED');
  return { ...opened, chargeId: charge ?? '' };
}

async function statePayment(stage: Stage, paymentId: string, wanted: string): Promise<void> {
  const look = async () => (await one(stage, 'payments', 'select state from payments where id = $1', [paymentId]))?.state;
  await eventually(`the payment is ${wanted}`, look, (state) => state === wanted, WITHIN_MS);
}

async function stateOfOrder(stage: Stage, orderId: string, wanted: string): Promise<unknown> {
  const look = async () => (await one(stage, 'orders', 'select state from orders where id = $1', [orderId]))?.state;
  return eventually(`the order is ${wanted}`, look, (state) => state === wanted, WITHIN_MS);
}

async function chargesOf({ world }: Stage, paymentId: string): Promise<string[]> {
  return (await world.simulator.chargesFor('payment_id', paymentId)).map(({ amount }) => String(amount));
}

/** What moved over the provider's clearing account. The ledger follows payments by a moment. */
async function postingsOf({ world }: Stage, paymentId: string, code: string): Promise<string[]> {
  await eventually(
    'the ledger has answered',
    () => world.databases.ask('payments', 'select 1 from ledger_commands where payment_id = $1 and answered_at is null', [paymentId]),
    (open) => open.length === 0,
    WITHIN_MS,
  );
  const rows = await world.databases.ask<{ minor: string }>(
    'ledger',
    `select t.amount_minor::text as minor from transfers t join accounts d on d.id = t.debit_account_id join accounts c on c.id = t.credit_account_id
     where t.payment_id = $1 and t.code = $2 and t.state = 'POSTED' and 'CLEARING' in (d.kind, c.kind)`,
    [paymentId, code],
  );
  return rows.map(({ minor }) => minor);
}

/** A refund takes from several accounts: its parts come to this. */
async function refundedInLedger(stage: Stage, paymentId: string, amount: string): Promise<string> {
  const sum = async () => sumOf(await postingsOf(stage, paymentId, 'REFUND'));
  return eventually('the refund is posted', sum, (minor) => minor === amount, WITHIN_MS);
}

function sumOf(minors: readonly string[]): string {
  return minors.reduce((all, minor) => all + BigInt(minor), 0n).toString();
}

async function methodOf(stage: Stage, id: string): Promise<{ readonly state: unknown; readonly card: unknown }> {
  const row = await one(stage, 'payments', 'select state, provider_method_id as card from payment_methods where id = $1', [id]);
  return { state: row?.state, card: row?.card };
}

interface EventObject {
  readonly id?: unknown;
  readonly metadata?: Readonly<Record<string, string>>;
}

async function eventsOf({ world }: Stage, type: string, fits: (object: EventObject) => boolean): Promise<number> {
  const isIt = (event: StripeEvent) => event.type === type && fits(event.data.object as EventObject); // any object of the provider
  return (await world.simulator.events()).filter(isIt).length;
}

async function one({ world }: Stage, service: 'orders' | 'payments', sql: string, values: readonly unknown[]) {
  const [row] = await world.databases.ask<Record<string, unknown>>(service, sql, values);
  return row;
}
