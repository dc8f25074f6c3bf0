import { beforeAll, describe, expect, test } from '@jest/globals';
import { OrderCancelDocument, OrderDocument, OrderTimelineDocument, RefundCreateDocument, type RefundCreateInput } from '@tessera/sdk';
import { buyByCard, type CardCheckout, checkOutByCard, orderWhen, pageOf, paymentWhen } from './graph/card.ts';
import { eventually } from './graph/eventually.ts';
import { payAt } from './graph/hosted-page.ts';
import { must, mustBe } from './graph/must.ts';
import { availableOf, type Person, register, seeded, walletOf } from './graph/people.ts';
import { type Offer, offer } from './graph/shop.ts';
import { askSimulator } from './graph/simulator.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const PRICE = 2_000n;
const PAID = 2_499;
const WITHIN_MS = 90_000;

let admin: Person;
let alice: Person;
let piece: Offer;

beforeAll(async () => {
  const vendor = await seeded('vendor2', platform);
  admin = await seeded('admin', platform);
  alice = await register(platform);
  await walletOf(alice);
  piece = await offer(vendor, { minor: PRICE, count: 50 });
});

async function refund(paymentId: string, more: Partial<RefundCreateInput> = {}, by = admin) {
  const input = { paymentId, reason: 'Scratched', ...more };
  return (await by.client.mutate(RefundCreateDocument, { input })).data.refundCreate;
}

const usd = (minor: number) => ({ currency: 'USD', minor: String(minor) });

/** What the provider has really sent back for a payment. */
async function sentBack(paymentId: string): Promise<number[]> {
  const refunds = await askSimulator<readonly { readonly amount: number }[]>(platform, 'refundsFor', 'payment_id', paymentId);
  return refunds.map(({ amount }) => amount);
}

/** Posted amounts of the order by what they are, as an administrator sees them. */
async function ledgerOf({ orderId }: CardCheckout): Promise<Readonly<Record<string, number>>> {
  const order = must((await admin.client.query(OrderDocument, { id: orderId })).data.order, 'the order');
  const posted = (order.ledgerTransfers ?? []).filter(({ state }) => state === 'POSTED');
  const sums = new Map<string, number>();
  for (const { code, amount } of posted) sums.set(code, (sums.get(code) ?? 0) + Number(amount.minor));
  return Object.fromEntries(sums);
}

/** What the ledger has to have moved for each order in the end, and never more. */
const ENDS: (readonly [CardCheckout, Readonly<Record<string, number>>])[] = [];

/** The provider's word comes first, its posting a moment later: waited for until it is as much, and then it is exactly that. */
async function movedIn(checkout: CardCheckout, sums: Readonly<Record<string, number>>): Promise<Readonly<Record<string, number>>> {
  ENDS.push([checkout, sums]);
  const isThere = (seen: Readonly<Record<string, number>>) => Object.entries(sums).every(([code, sum]) => (seen[code] ?? 0) >= sum);
  const seen = await eventually(() => ledgerOf(checkout), isThere);
  expect(seen).toMatchObject(sums);
  return seen;
}

async function storyOf({ orderId }: CardCheckout) {
  const { history, timeline } = must((await alice.client.query(OrderTimelineDocument, { id: orderId })).data.order, 'the order');
  return { kinds: history.map(({ kind }) => kind), steps: timeline };
}

describe('a refund', () => {
  test(
    'goes back in parts to the card and to the wallet, and everybody tells the same of it',
    async () => {
      const bought = await buyByCard(alice, piece);
      const before = await availableOf(alice);
      expect((await refund(bought.paymentId, { amount: usd(700), destination: 'ORIGINAL' })).__typename).toBe('RefundCreated');
      expect((await refund(bought.paymentId, { amount: usd(300), destination: 'WALLET' })).__typename).toBe('RefundCreated');
      const { refunds, refunded, state } = await paymentWhen(
        alice,
        bought.paymentId,
        (payment) => payment.refunded.minor === '1000' && payment.refunds.every((each) => each.state === 'SUCCEEDED'),
      );
      const order = await orderWhen(alice, bought, (seen) => seen.refunded.minor === '1000');

      expect(refunds.map(({ destination, amount }) => [destination, amount.minor]).sort()).toEqual([
        ['ORIGINAL', '700'],
        ['WALLET', '300'],
      ]);
      expect([state, refunded.minor, order.state]).toEqual(['CAPTURED', '1000', 'CONFIRMED']);
      expect((await availableOf(alice)) - before).toBe(300n);
      expect(await sentBack(bought.paymentId)).toEqual([700]);
      const sums = await movedIn(bought, { ORDER_PAYMENT: PAID, REFUND: 1_000 });
      expect((sums.VENDOR_SHARE ?? 0) + (sums.PLATFORM_FEE ?? 0)).toBe(PAID);
      expect((await storyOf(bought)).kinds.filter((kind) => kind === 'REFUND_SUCCEEDED')).toHaveLength(2);
    },
    WITHIN_MS,
  );

  test(
    'of more than is left is refused with what is left, and the rest can still go back',
    async () => {
      const bought = await buyByCard(alice, piece);
      mustBe(await refund(bought.paymentId, { amount: usd(1_000), destination: 'ORIGINAL' }), 'RefundCreated');
      const refused = mustBe(await refund(bought.paymentId, { amount: usd(PAID - 1_000 + 1) }), 'RefundExceedsCaptured');
      expect([refused.code, refused.refundable.minor]).toEqual(['REFUND_EXCEEDS_CAPTURED', String(PAID - 1_000)]);
      mustBe(await refund(bought.paymentId, { destination: 'ORIGINAL' }), 'RefundCreated'); // no amount: all that is left
      await orderWhen(alice, bought, ({ refunded }) => refunded.minor === String(PAID));
      expect((await sentBack(bought.paymentId)).reduce((sum, amount) => sum + amount, 0)).toBe(PAID);
      expect((await refund(bought.paymentId, { amount: usd(1) })).__typename).toBe('PaymentNotRefundable');
    },
    WITHIN_MS,
  );

  test(
    'asked for ten times at once never sends back more than was paid',
    async () => {
      const bought = await buyByCard(alice, piece);
      const destinations = ['ORIGINAL', 'WALLET'] as const;
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          refund(bought.paymentId, { amount: usd(600), destination: destinations[index % 2] ?? 'ORIGINAL' }),
        ),
      );
      const created = answers.filter(({ __typename }) => __typename === 'RefundCreated');
      expect([created.length, new Set(answers.map(({ __typename }) => __typename))]).toEqual([
        4,
        new Set(['RefundCreated', 'RefundExceedsCaptured']),
      ]);
      await paymentWhen(
        alice,
        bought.paymentId,
        ({ refunds, refunded }) => refunded.minor === '2400' && refunds.every(({ state }) => state === 'SUCCEEDED'),
      );
      await movedIn(bought, { ORDER_PAYMENT: PAID, REFUND: 2_400 });
    },
    WITHIN_MS,
  );

  test(
    'is not for the customer, nor in another currency, nor of a payment that brought nothing',
    async () => {
      const bought = await buyByCard(alice, piece);
      const byCustomer = refund(bought.paymentId, { amount: usd(1) }, alice);
      await expect(byCustomer).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect((await refund(bought.paymentId, { amount: { currency: 'EUR', minor: '1' } })).__typename).toBe('CurrencyMismatch');
      const waiting = await checkOutByCard(alice, piece);
      await pageOf(alice, waiting.paymentId);
      expect(mustBe(await refund(waiting.paymentId, { amount: usd(1) }), 'PaymentNotRefundable').state).toBe('REQUIRES_ACTION');
      const { refunds } = await paymentWhen(alice, bought.paymentId, () => true);
      expect(refunds).toEqual([]);
    },
    WITHIN_MS,
  );
});

describe('an order that ends', () => {
  test(
    'while its customer is at the page closes the page, and nothing is charged',
    async () => {
      const left = await checkOutByCard(alice, piece);
      const page = await pageOf(alice, left.paymentId);
      await cancel(left);
      await paymentWhen(alice, left.paymentId, ({ state }) => state === 'VOIDED');
      expect((await payAt(page)).text).toContain('This checkout has expired');
      await eventually(
        () => storyOf(left),
        ({ kinds }) => kinds.includes('PAYMENT_VOIDED'),
      );
    },
    WITHIN_MS,
  );

  test(
    'while the bank is thinking gets its money back by itself, and the timeline tells so',
    async () => {
      const late = await checkOutByCard(alice, piece);
      const thinking = await payAt(await pageOf(alice, late.paymentId), 'SLOW');
      expect(thinking.text).toContain('Your bank is thinking');
      await cancel(late);

      const back = await paymentWhen(alice, late.paymentId, ({ refunds }) => refunds.some(({ state }) => state === 'SUCCEEDED'));
      expect(back.refunds).toMatchObject([{ destination: 'ORIGINAL', amount: { minor: String(PAID) } }]);
      expect(await sentBack(late.paymentId)).toEqual([PAID]);
      const { kinds, steps } = await eventually(
        () => storyOf(late),
        (story) => story.kinds.includes('REFUND_SUCCEEDED'),
      );
      expect(kinds).toEqual(expect.arrayContaining(['CANCELLED', 'PAYMENT_CAPTURED', 'REFUND_SUCCEEDED']));
      expect(steps).toContainEqual(
        expect.objectContaining({
          name: 'REFUND_PAYMENT',
          state: 'DONE',
          isCompensation: true,
          amount: expect.objectContaining({ minor: String(PAID) }),
        }),
      );
      const order = await orderWhen(alice, late, ({ refunded }) => refunded.minor === String(PAID));
      expect([order.state, order.captured.minor]).toEqual(['CANCELLED', String(PAID)]);
      await movedIn(late, { ORDER_PAYMENT: PAID, REFUND: PAID });
    },
    WITHIN_MS,
  );
});

test('of all this nothing has moved twice since', async () => {
  expect(ENDS).toHaveLength(3);
  for (const [checkout, sums] of ENDS) expect(await ledgerOf(checkout)).toMatchObject(sums);
});

async function cancel({ orderId }: CardCheckout): Promise<void> {
  const input = { orderId, reason: 'Changed my mind' };
  mustBe((await alice.client.mutate(OrderCancelDocument, { input })).data.orderCancel, 'OrderCancelled');
}
