import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CheckoutCompleteDocument, OrderTimelineDocument, PaymentMethodRemoveDocument, PaymentRetryDocument } from '@tessera/sdk';
import { beginTopUp, checkOutByCard, methodWhen, orderWhen, pageOf, paymentWhen, saveCard, topUpWhen } from './graph/card.ts';
import { eventually } from './graph/eventually.ts';
import { answerBank, lookAt, payAt } from './graph/hosted-page.ts';
import { BALANCES, type BalanceEvent, type Frame, ORDERS, type OrderEvent } from './graph/live-events.ts';
import { type LiveSocket, openSocket } from './graph/live-socket.ts';
import { must, mustBe } from './graph/must.ts';
import { availableOf, give, type Person, register, seeded, walletOf } from './graph/people.ts';
import { type Offer, offer, quoted } from './graph/shop.ts';
import { askSimulator } from './graph/simulator.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const PRICE = 2_000n;
const SHIPPED = 2_499n;
const WITHIN_MS = 90_000;

let vendor: Person;
let alice: Person;
let piece: Offer;
let sockets: LiveSocket[] = [];

beforeAll(async () => {
  const bank = await seeded('buyer', platform);
  vendor = await seeded('vendor', platform);
  alice = await register(platform);
  await give(bank, alice, 10_000n);
  piece = await offer(vendor, { minor: PRICE, count: 50 });
});

afterEach(() => {
  for (const socket of sockets) socket.close();
  sockets = [];
});

async function liveEvents<Event>(query: string, variables = {}) {
  const socket = await openSocket(platform.url, alice.accessToken);
  sockets.push(socket);
  return socket.subscribe<Frame<Event>>(query, variables);
}

async function historyOf(orderId: string) {
  return must((await alice.client.query(OrderTimelineDocument, { id: orderId })).data.order, 'the order');
}

describe('an order by card', () => {
  test(
    'is paid at the page and confirmed, live, with the end of the card number',
    async () => {
      const checkout = await checkOutByCard(alice, piece);
      const received = await liveEvents<OrderEvent>(ORDERS, { orderId: checkout.orderId });
      const page = await pageOf(alice, checkout.paymentId);
      const waiting = await paymentWhen(alice, checkout.paymentId, ({ state }) => state === 'REQUIRES_ACTION');
      expect(waiting).toMatchObject({ tender: 'CARD', provider: 'STRIPE', clientAction: { kind: 'HOSTED_PAGE', clientSecret: null } });
      expect(new URL(page).origin).toBe(platform.stripeSimulatorUrl);

      const paid = await payAt(page);
      expect(paid.text).toMatch(/Payment successful .*\$24\.99/);
      const back = new URL(must(paid.goesTo, 'a way back'));
      expect([back.origin, back.pathname]).toEqual([platform.url, '/pay/return']);
      expect(back.searchParams.get('orderId')).toBe(checkout.orderId);

      await eventually(
        async () => received.events.flatMap(({ data }) => data?.orderUpdated.kind ?? []),
        (kinds) => kinds.includes('CONFIRMED') && kinds.includes('PAYMENT_CHANGED'),
      );
      expect(received.events.flatMap(({ errors = [] }) => errors)).toEqual([]);
      const payment = await paymentWhen(alice, checkout.paymentId, ({ state }) => state === 'CAPTURED');
      expect(payment).toMatchObject({ captured: { minor: String(SHIPPED) }, clientAction: null, disputes: [] });
      expect(payment.attempts).toMatchObject([{ number: 1, state: 'SUCCEEDED', cardBrand: 'visa', cardLast4: '4242', lastDecline: null }]);
      const kinds = (await historyOf(checkout.orderId)).history.map(({ kind }) => kind);
      expect(kinds).toEqual(['PLACED', 'PAYMENT_REQUIRES_ACTION', 'PAYMENT_CAPTURED', 'CONFIRMED']);
    },
    WITHIN_MS,
  );

  test(
    'of a digital unit delivers it only after the money is there',
    async () => {
      const checkout = await checkOutByCard(alice, await offer(vendor, { kind: 'DIGITAL_UNITS', minor: 300n, count: 1 }));
      const page = await pageOf(alice, checkout.paymentId);
      expect((await orderWhen(alice, checkout, () => true)).units).toEqual([]);
      await payAt(page);
      await orderWhen(alice, checkout, ({ units }) => units.length > 0);
      // Asked again: orders answers before catalog is asked for the units, so one answer may hold the order of before.
      const order = await orderWhen(alice, checkout, () => true);
      expect([order.state, order.captured.minor]).toEqual(['CONFIRMED', '300']);
    },
    WITHIN_MS,
  );

  test(
    'is declined, says why, and can be paid at the same page with another card',
    async () => {
      const checkout = await checkOutByCard(alice, piece);
      const page = await pageOf(alice, checkout.paymentId);
      const declined = await payAt(page, 'PAY', { number: '4000 0000 0000 9995' });
      expect(declined.text).toContain('Your card has insufficient funds.');
      const told = await paymentWhen(alice, checkout.paymentId, ({ attempts }) => attempts[0]?.lastDecline !== null);
      expect([told.state, told.attempts[0]?.lastDecline, told.attempts.length]).toEqual(['REQUIRES_ACTION', 'INSUFFICIENT_FUNDS', 1]);

      await payAt(page);
      await orderWhen(alice, checkout, ({ state }) => state === 'CONFIRMED');
      expect((await lookAt(page)).text).toContain('This was paid already');
      expect(await chargesOf(checkout.paymentId)).toEqual([Number(SHIPPED)]);
    },
    WITHIN_MS,
  );

  test.each([
    ['COMPLETE', 'CONFIRMED', 'Authentication complete'],
    ['FAIL', 'PENDING_PAYMENT', 'Not authenticated'],
  ] as const)(
    'with 3-D Secure, when the bank says %s, is %s',
    async (answer, state, title) => {
      const checkout = await checkOutByCard(alice, piece);
      const bank = await payAt(await pageOf(alice, checkout.paymentId), 'THREE_D_SECURE');
      expect(bank.text).toMatch(/3-D Secure .*Your bank wants to know/);
      expect((await answerBank(bank, answer)).text).toContain(title);

      const isSettled = answer === 'COMPLETE' ? ['SUCCEEDED'] : ['REQUIRES_ACTION'];
      const payment = await paymentWhen(alice, checkout.paymentId, ({ attempts }) => {
        const [attempt] = attempts;
        return isSettled.includes(attempt?.state ?? '') && (answer === 'COMPLETE' || attempt?.lastDecline !== null);
      });
      const order = await orderWhen(alice, checkout, (seen) => seen.state === state);
      expect([order.state, payment.captured.minor]).toEqual([state, answer === 'COMPLETE' ? String(SHIPPED) : '0']);
    },
    WITHIN_MS,
  );

  test(
    'that was left at the page is paid from the wallet instead, and the page is closed',
    async () => {
      const checkout = await checkOutByCard(alice, piece);
      const page = await pageOf(alice, checkout.paymentId);
      const left = await payAt(page, 'LEAVE');
      expect(new URL(must(left.goesTo, 'a way back')).searchParams.get('outcome')).toBe('cancelled');
      const before = await availableOf(alice);
      const input = { paymentId: checkout.paymentId, tender: 'WALLET' as const, walletId: (await walletOf(alice)).id };
      mustBe((await alice.client.mutate(PaymentRetryDocument, { input })).data.paymentRetry, 'PaymentRetried');

      const order = await orderWhen(alice, checkout, ({ state, captured }) => state === 'CONFIRMED' && captured.minor !== '0');
      expect(order.captured.minor).toBe(String(SHIPPED));
      expect(before - (await availableOf(alice))).toBe(SHIPPED);
      const { attempts, tender } = await paymentWhen(alice, checkout.paymentId, ({ state }) => state === 'CAPTURED');
      expect(tender).toBe('WALLET');
      expect(attempts.map((each) => [each.tender, each.state, each.failureReason])).toEqual([
        ['CARD', 'FAILED', expect.any(String)],
        ['WALLET', 'SUCCEEDED', null],
      ]);
      expect((await lookAt(page)).text).toContain('This checkout has expired');
      expect(await chargesOf(checkout.paymentId)).toEqual([]);
    },
    WITHIN_MS,
  );

  test(
    'whose page ran out fails, and can be tried again at a new page',
    async () => {
      const checkout = await checkOutByCard(alice, piece);
      const page = await pageOf(alice, checkout.paymentId);
      await expire(page);
      const failed = await paymentWhen(alice, checkout.paymentId, ({ state }) => state === 'FAILED');
      expect(failed).toMatchObject({ failureReason: 'SESSION_EXPIRED', clientAction: null });
      expect((await payAt(page)).text).toContain('This checkout has expired');

      const input = { paymentId: checkout.paymentId, tender: 'CARD' as const };
      mustBe((await alice.client.mutate(PaymentRetryDocument, { input })).data.paymentRetry, 'PaymentRetried');
      await payAt(await pageOf(alice, checkout.paymentId, page));
      await orderWhen(alice, checkout, ({ state }) => state === 'CONFIRMED');
      expect(await chargesOf(checkout.paymentId)).toEqual([Number(SHIPPED)]);
    },
    WITHIN_MS,
  );

  test(
    'in the page of the client hands out its secret, and no address',
    async () => {
      const checkout = await checkOutByCard(alice, piece, { clientMode: 'CONFIRM_IN_PAGE' });
      const { clientAction } = await paymentWhen(alice, checkout.paymentId, (payment) => payment.clientAction !== null);
      expect(clientAction).toMatchObject({ kind: 'CONFIRM_IN_PAGE', url: null, publishableKey: 'pk_test_simulator' });
      const [intent] = /^pi_\w+?(?=_secret_)/.exec(clientAction?.clientSecret ?? '') ?? [];
      await simulator('confirmPaymentIntent', must(intent, 'an intent in the secret'));
      await orderWhen(alice, checkout, ({ state }) => state === 'CONFIRMED');
    },
    WITHIN_MS,
  );
});

describe('a top-up', () => {
  test(
    'brings the money into the wallet, live',
    async () => {
      const wallet = await walletOf(alice);
      const received = await liveEvents<BalanceEvent>(BALANCES, { walletId: wallet.id });
      const topUp = await beginTopUp(alice, { walletId: wallet.id, amount: { currency: 'USD', minor: '1500' } });
      await payAt(must(topUp.clientAction?.url, 'a page'));
      await topUpWhen(alice, topUp.id, ({ state }) => state === 'CAPTURED');
      const amounts = await eventually(
        async () => received.events.flatMap(({ data }) => data?.balanceUpdated ?? []),
        (events) => events.some(({ transfer }) => transfer?.amount.minor === '1500'),
      );
      expect(amounts.at(-1)).toMatchObject({ kind: 'TRANSFER_IN', balance: { minor: String(BigInt(wallet.balance.minor) + 1_500n) } });
    },
    WITHIN_MS,
  );
});

describe('a saved card', () => {
  test(
    'is saved at the page, pays without it, and once removed pays no more',
    async () => {
      const method = await saveCard(alice);
      expect(method).toMatchObject({
        provider: 'STRIPE',
        brand: 'visa',
        last4: '4242',
        expiresMonth: 12,
        expiresYear: 2034,
        clientAction: null,
      });

      const charged = await checkOutByCard(alice, piece, { paymentMethodId: method.id });
      await orderWhen(alice, charged, ({ state }) => state === 'CONFIRMED');
      const payment = await paymentWhen(alice, charged.paymentId, ({ state }) => state === 'CAPTURED');
      expect(payment.attempts).toMatchObject([{ state: 'SUCCEEDED', cardLast4: '4242' }]);

      const input = { paymentMethodId: method.id };
      mustBe((await alice.client.mutate(PaymentMethodRemoveDocument, { input })).data.paymentMethodRemove, 'PaymentMethodRemoved');
      await methodWhen(alice, method.id, (seen) => seen === undefined);
      const refused = await checkOutByCard(alice, piece, { paymentMethodId: method.id });
      const failed = await paymentWhen(alice, refused.paymentId, ({ state }) => state === 'FAILED');
      expect(failed.failureReason).toBe('PAYMENT_METHOD_NOT_FOUND');
    },
    WITHIN_MS,
  );
});

describe('one key', () => {
  test(
    'is one order and one page, however often the checkout is sent',
    async () => {
      const { checkout } = await quoted(alice, piece);
      const { walletId: _, ...rest } = checkout;
      const input = { ...rest, tender: 'CARD' as const };
      const idempotencyKey = crypto.randomUUID();
      const send = () => alice.client.mutate(CheckoutCompleteDocument, { input }, { idempotencyKey });
      const answers = await Promise.all([send(), send(), send(), send()]);
      const orders = answers.map(({ data }) => mustBe(data.checkoutComplete, 'CheckoutCompleted').order?.id);
      expect(new Set(orders).size).toBe(1);

      const paymentId = must(mustBe((await send()).data.checkoutComplete, 'CheckoutCompleted').order?.payments?.[0], 'a payment').id;
      const page = await pageOf(alice, paymentId);
      await Promise.all([payAt(page), payAt(page), payAt(page)]);
      await paymentWhen(alice, paymentId, ({ state }) => state === 'CAPTURED');
      expect(await chargesOf(paymentId)).toEqual([Number(SHIPPED)]);
    },
    WITHIN_MS,
  );
});

/** What the provider has really charged for a payment. */
async function chargesOf(paymentId: string): Promise<number[]> {
  const charges = await simulator<readonly { readonly amount: number }[]>('chargesFor', 'payment_id', paymentId);
  return charges.map(({ amount }) => amount);
}

/** As time does it. */
async function expire(page: string): Promise<void> {
  const [id] = /cs_test_\w+/.exec(page) ?? [];
  const url = `${platform.stripeSimulatorUrl}/v1/checkout/sessions/${id}/expire`;
  const { status } = await fetch(url, { method: 'POST', headers: { authorization: 'Bearer sk_test_simulator' } });
  expect(status).toBe(200);
}

async function simulator<Result>(method: string, ...given: readonly unknown[]): Promise<Result> {
  return askSimulator<Result>(platform, method, ...given);
}
