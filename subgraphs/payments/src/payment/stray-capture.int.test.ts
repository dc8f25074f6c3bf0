import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import { actAs, eventually } from '@tessera/service-kit/testing';
import Stripe from 'stripe';
import { buyerOf, CARDS, type CardsBed, openCards } from '../../test/cards-bed.ts';
import { type AnOrder, captureRequested, holdFact, holdOf, postingCompleted, voidRequested } from '../../test/payments-bed.ts';

const RETRY = 'mutation($input: PaymentRetryInput!) { paymentRetry(input: $input) { __typename } }';

interface RefundRow extends Record<string, unknown> {
  readonly id: string;
  readonly state: string;
  readonly stray_attempt_id: string;
  readonly provider_refund_id: string | null;
}

let bed: CardsBed;
beforeAll(async () => {
  bed = await openCards();
});
afterAll(() => bed.close());

const strays = ({ paymentId }: AnOrder) =>
  bed.sql<RefundRow>('select * from refunds where payment_id = $1 and stray_attempt_id is not null order by created_at', [paymentId]);
const postings = async (order: AnOrder) =>
  (await bed.published('PostingRequested', order)).flatMap(({ factKey, legs }) =>
    legs.filter(({ code }) => code.startsWith('STRAY') || code === 'PROVIDER_FEE').map((leg) => ({ factKey, ...leg })),
  );
const charges = ({ paymentId }: AnOrder) => bed.simulator.control.chargesFor('payment_id', paymentId);

/** The customer left the page and paid from a wallet; then the provider takes money at the page all the same. */
async function chargedTwice(flag?: string): Promise<{ readonly order: AnOrder; readonly refund: RefundRow }> {
  const waiting = await bed.cardOrder();
  const { walletId } = await bed.aWallet(waiting.customerId);
  const order = { ...waiting, walletId, request: { ...waiting.request, walletId } };
  const { session_id } = await bed.openPage(order);
  await bed.data(buyerOf(order), RETRY, { input: { paymentId: order.paymentId, walletId } });
  await eventually('the wallet is asked', async () => (await bed.published('HoldRequested', order)).length === 1);
  const hold = await holdOf(bed, order);
  await bed.tell(holdFact('HoldPlaced', order, hold), captureRequested(order), holdFact('HoldPosted', order, hold));
  if (flag) await bed.sql(flag, [order.paymentId]);
  await bed.simulator.control.payAfterAll(session_id, { card: CARDS.pays });
  const refund = await eventually('the stray is known', async () => (await strays(order))[0] ?? false);
  return { order, refund };
}

const goesBack = async (order: AnOrder, { id }: RefundRow) => {
  await bed.tell(postingCompleted(`refund-hold:${id}`));
  return eventually('it has gone back', async () => {
    const found = (await strays(order)).find((one) => one.id === id);
    return found?.state === 'SUCCEEDED' && found;
  });
};

describe('money for an attempt that was over', () => {
  it('is booked, goes back to the card by itself, and leaves what the payment captured as it was', async () => {
    const { order, refund } = await chargedTwice();
    const done = await goesBack(order, refund);
    const [stray] = await charges(order);
    expect(await bed.simulator.control.refundsFor('payment_id', order.paymentId)).toMatchObject([
      { id: done.provider_refund_id, amount: 10_000 },
    ]);
    const [clearing, escrow] = ['system:clearing.stripe:USD', 'system:escrow:USD'];
    await eventually('the fee is booked', async () => (await postings(order)).length === 3);
    expect(await postings(order)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ factKey: `stripe:payment_intent:${stray?.payment_intent}:succeeded`, debit: clearing, credit: escrow }),
        expect.objectContaining({ factKey: `stripe:charge:${stray?.id}:fee`, debit: 'system:expenses:USD', credit: clearing }),
        expect.objectContaining({ factKey: `refund-hold:${refund.id}`, debit: escrow, credit: clearing, code: 'STRAY_REFUND' }),
      ]),
    );
    expect(await bed.payment(order)).toMatchObject({
      ...{ state: 'CAPTURED', captured_minor: '10000', refunding_minor: '0', refunded_minor: '0' },
      ...{ needs_attention: false },
    });
    expect(await bed.published('StrayRefunded', order)).toMatchObject([{ refundId: refund.id, refunded: { minor: '10000' } }]);
    expect(await bed.published('RefundSucceeded', order)).toEqual([]);
    const seen = 'query($id: ID!) { payment(id: $id) { refunded { minor } refunds { isStray amount { minor } state reason } } }';
    expect(await bed.data(buyerOf(order), seen, { id: order.paymentId })).toEqual({
      payment: {
        refunded: { minor: '0' },
        refunds: [{ isStray: true, amount: { minor: '10000' }, state: 'SUCCEEDED', reason: 'STRAY_CAPTURE' }],
      },
    });
  });

  it('MUST go back once, however often it is told', async () => {
    const { order, refund } = await chargedTwice();
    const told = (await bed.simulator.control.events()).filter(({ data }) => JSON.stringify(data).includes(order.paymentId));
    for (const { id } of told) await bed.simulator.control.resendTwice(id);
    const call = `${refund.stray_attempt_id}:read-attempt`;
    for (let time = 0; time < 3; time += 1) {
      await bed.sql(`update provider_calls set state = 'DUE', due_at = now(), settled_at = null where id = $1`, [call]);
      await eventually('it has been looked at again', async () => {
        const [row] = await bed.sql<{ state: string }>('select state from provider_calls where id = $1', [call]);
        return row?.state === 'DONE';
      });
    }
    await goesBack(order, refund);
    expect(await strays(order)).toHaveLength(1);
    expect((await postings(order)).filter(({ code }) => code === 'STRAY_PAYMENT')).toHaveLength(1);
    expect(await bed.simulator.control.refundsFor('payment_id', order.paymentId)).toHaveLength(1);
  });

  it('is booked and goes back, too, where the charge was known and nothing was booked, and no fee without it', async () => {
    const known = `update payment_attempts set charge_id = 'ch_flagged' where payment_id = $1 and provider = 'STRIPE'`;
    const { order, refund } = await chargedTwice(known);
    await goesBack(order, refund);
    expect((await postings(order)).map(({ code }) => code)).toEqual(['STRAY_PAYMENT', 'PROVIDER_FEE', 'STRAY_REFUND']);
  });

  it('does not count against what an operator may give back of the order', async () => {
    const { order, refund } = await chargedTwice();
    await goesBack(order, refund);
    const give = 'mutation($input: RefundCreateInput!) { refundCreate(input: $input) { __typename } }';
    const input = { paymentId: order.paymentId, reason: 'Broken' };
    const operator = actAs.user(undefined, { scopes: ['payments:refund'] });
    expect(await bed.data(operator, give, { input })).toEqual({ refundCreate: { __typename: 'RefundCreated' } });
    expect(await bed.payment(order)).toMatchObject({ refunding_minor: '10000' });
  });

  it('goes back where the order had ended, too', async () => {
    const order = await bed.cardOrder();
    const { session_id } = await bed.openPage(order);
    await bed.tell(voidRequested(order));
    await bed.until(order, 'VOIDED');
    await bed.simulator.control.payAfterAll(session_id, { card: CARDS.pays });
    const refund = await eventually('the stray is known', async () => (await strays(order))[0] ?? false);
    await goesBack(order, refund);
    expect(await bed.payment(order)).toMatchObject({ state: 'VOIDED', captured_minor: '0', needs_attention: false });
    expect(await bed.published('PaymentCaptured', order)).toEqual([]);
  });

  it('calls a person when the bank sends it back, and what they give back at the provider is booked', async () => {
    const { order, refund } = await chargedTwice();
    const { provider_refund_id, stray_attempt_id } = await goesBack(order, refund);
    await bed.simulator.control.failRefund(String(provider_refund_id));
    await eventually('a person is asked', async () => (await bed.payment(order)).attention_reason === 'REFUND_FAILED_LATER');
    expect((await postings(order)).at(-1)).toMatchObject({
      ...{ factKey: `stripe:refund:${provider_refund_id}:returned`, code: 'STRAY_REFUND_RETURNED' },
      ...{ debit: 'system:clearing.stripe:USD', credit: 'system:escrow:USD' },
    });
    const [stray] = await charges(order);
    const { hostname: host, port } = new URL(bed.simulator.url);
    const dashboard = new Stripe(bed.simulator.secretKey, { host, port: Number(port), protocol: 'http', telemetry: false });
    const again = await dashboard.refunds.create({ payment_intent: ensure(stray, 'the charge').payment_intent });
    const adopted = await eventually('it is a refund of ours', async () => (await strays(order))[1] ?? false);
    expect(adopted).toMatchObject({ provider_refund_id: again.id, state: 'SUCCEEDED', stray_attempt_id });
    expect((await postings(order)).at(-1)).toMatchObject({ credit: 'system:clearing.stripe:USD', code: 'STRAY_REFUND' });
    expect(await bed.payment(order)).toMatchObject({ refunded_minor: '0', attention_reason: 'REFUND_FAILED_LATER' });
  });

  it('calls a person when the provider will not give it back', async () => {
    const { order, refund } = await chargedTwice();
    const [stray] = await charges(order);
    await bed.simulator.control.openDispute(ensure(stray, 'the charge').id);
    await bed.tell(postingCompleted(`refund-hold:${refund.id}`));
    const reasons = () => bed.sql(`select from payment_events where payment_id = $1 and reason = 'STRAY_REFUND_FAILED'`, [order.paymentId]);
    await eventually('a person is asked for the refund', async () => (await reasons()).length > 0);
    expect((await bed.payment(order)).attention_reason).not.toBeNull();
    expect(await reasons()).toHaveLength(1);
    expect(await bed.published('PostingResolutionRequested', order)).toMatchObject([{ outcome: 'VOID' }]);
  });
});
