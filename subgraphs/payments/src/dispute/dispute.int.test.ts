import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import { unitOfWork } from '@tessera/service-kit/messaging';
import { actAs, eventually } from '@tessera/service-kit/testing';
import Stripe from 'stripe';
import { buyerOf, CARDS, type CardsBed, openCards } from '../../test/cards-bed.ts';
import { type AnOrder, postingCompleted, postingRefused, refundRequested } from '../../test/payments-bed.ts';
import { lockPayment } from '../payment/lock-payment.ts';
import { readOwnBook } from '../reconciliation/read-books.ts';
import { actOfWorker } from '../services.ts';
import { applyDispute } from './apply-dispute.ts';

const DISPUTES = `query($id: ID!) { payment(id: $id) { disputed { minor } disputes {
  id amount { currency minor } state reason evidenceDueAt openedAt closedAt fee { minor } } } }`;

let bed: CardsBed;
beforeAll(async () => {
  bed = await openCards();
});
afterAll(() => bed.close());

const chargeOf = async (order: AnOrder) => ensure((await bed.attempts(order))[0]?.charge_id, 'the charge');
const openDispute = async (order: AnOrder, amount?: number) =>
  bed.simulator.control.openDispute(await chargeOf(order), amount === undefined ? {} : { amount });
const disputesOf = (order: AnOrder) => bed.sql('select * from disputes where payment_id = $1 order by opened_at, id', [order.paymentId]);
const inState = (order: AnOrder, state: string) =>
  eventually(`the dispute is ${state}`, async () => (await disputesOf(order)).find((row) => row.state === state));

interface Posted {
  readonly fact: string;
  readonly legs: readonly string[];
}
/** What the ledger was asked for about disputes, as `debit > credit amount code`. */
async function postings(order: AnOrder): Promise<Posted[]> {
  const commands = (await bed.commands(order)).filter(({ fact_key }) => fact_key.startsWith('stripe:dispute:'));
  return commands.map(({ fact_key, payload }) => ({
    fact: fact_key.split(':').slice(3).join(':'),
    legs: (payload.legs as Leg[]).map(({ debit, credit, amount, code }) => `${debit} > ${credit} ${amount.minor} ${code}`), // as the contract has it
  }));
}
interface Leg {
  readonly debit: string;
  readonly credit: string;
  readonly amount: { readonly minor: string };
  readonly code: string;
}
interface Part {
  readonly account: string;
  readonly minor: string;
}
const sumOf = (parts: readonly Part[]) => parts.reduce((sofar, { minor }) => sofar + BigInt(minor), 0n);
const TAKEN = (minor: number) => ({ fact: 'opened', legs: [`system:disputes:USD > system:clearing.stripe:USD ${minor} DISPUTE`] });
const FEE = { fact: 'fee', legs: ['system:expenses:USD > system:clearing.stripe:USD 1500 PROVIDER_FEE'] };
const inOrder = (posted: readonly Posted[]) => posted.toSorted((left, right) => (left.fact < right.fact ? -1 : 1));

describe('a dispute', () => {
  it('is booked when it is opened, with its fee, told, and seen by the customer and by whoever reads payments', async () => {
    const order = await bed.paidOrder();
    const { id } = await openDispute(order, 4_000);
    await inState(order, 'OPEN');
    expect(inOrder(await postings(order))).toEqual([FEE, TAKEN(4_000)]);
    expect(await bed.payment(order)).toMatchObject({ state: 'CAPTURED', disputed_minor: '4000', needs_attention: false });
    const [dispute] = await disputesOf(order);
    expect(dispute).toMatchObject({ provider_dispute_id: id, amount_minor: '4000', fee_minor: '1500', split: [], closed_at: null });
    expect(await bed.published('DisputeOpened', order)).toMatchObject([
      {
        disputeId: dispute?.id,
        disputed: { currency: 'USD', minor: '4000' },
        orderId: order.orderId,
        amount: order.request.amount,
        reason: 'FRAUDULENT',
      },
    ]);

    const { payment } = await bed.data<{ payment: { disputes: object[] } }>(buyerOf(order), DISPUTES, { id: order.paymentId });
    expect(payment).toEqual({
      disputed: { minor: '4000' },
      disputes: [
        {
          id: expect.stringMatching(/^dsp_/),
          amount: { currency: 'USD', minor: '4000' },
          state: 'OPEN',
          reason: 'FRAUDULENT',
          evidenceDueAt: expect.any(String),
          openedAt: expect.any(String),
          closedAt: null,
          fee: null,
        },
      ],
    });
    expect(await bed.data(actAs.admin(), DISPUTES, { id: order.paymentId })).toMatchObject({
      payment: { disputes: [{ fee: { minor: '1500' } }] },
    });
    expect(await bed.data(actAs.user(), DISPUTES, { id: order.paymentId })).toEqual({ payment: null });
  });

  it('gives everything back when it is won', async () => {
    const order = await bed.paidOrder();
    const { id } = await openDispute(order);
    await inState(order, 'OPEN');
    await bed.simulator.control.closeDispute(id, 'won');
    await inState(order, 'WON');
    const won = { fact: 'won', legs: ['system:clearing.stripe:USD > system:disputes:USD 10000 DISPUTE'] };
    expect(inOrder(await postings(order))).toEqual([FEE, TAKEN(10_000), won]);
    expect(await bed.payment(order)).toMatchObject({ disputed_minor: '0' });
    expect(await bed.published('DisputeClosed', order)).toMatchObject([{ outcome: 'WON', disputed: { minor: '10000' } }]);
  });

  it('is borne by vendors and platform when it is lost, in proportion to what refunds have left them, and leaves nothing behind', async () => {
    const [one, two] = [newId('user'), newId('user')];
    const shares = [
      { vendorId: one, amount: { currency: 'USD', minor: '9667' } },
      { vendorId: two, amount: { currency: 'USD', minor: '333' } },
    ];
    const order = await bed.paidOrder({ shares });
    const { walletId } = await bed.aWallet(order.customerId);
    const refund = refundRequested(order, '1');
    await bed.tell(refund, postingCompleted(`refund:${refund.payload.refundId}`));
    const { id } = await openDispute(order, 9_999);
    await inState(order, 'OPEN');
    await bed.simulator.control.closeDispute(id, 'lost');
    const lost = await inState(order, 'LOST');

    const parts = lost.split as readonly { readonly account: string; readonly minor: string }[]; // as it is stored
    const captured = { [`payable:${one}:USD`]: 9_184n, [`payable:${two}:USD`]: 316n, 'system:fees:USD': 500n };
    const [given] = await bed.sql<{ split: typeof parts }>('select split from refunds where payment_id = $1', [order.paymentId]);
    const back = [...parts, ...(given?.split ?? [])];
    for (const [account, minor] of Object.entries(captured)) {
      expect(back.filter((part) => part.account === account).reduce((sofar, part) => sofar + BigInt(part.minor), 0n)).toBe(minor);
    }
    const legs = parts.map(({ account, minor }) => `${account} > system:disputes:USD ${minor} DISPUTE`);
    expect((await postings(order)).find(({ fact }) => fact === 'lost')?.legs).toEqual(legs);
    expect(await bed.payment(order)).toMatchObject({ disputed_minor: '9999', refunded_minor: '1', needs_attention: false });
    expect(await bed.published('DisputeClosed', order)).toMatchObject([{ outcome: 'LOST' }]);
    expect(walletId).toBeTruthy();
    await bed.tell(refundRequested(order, '1'));
    expect(await bed.published('RefundFailed', order)).toHaveLength(1);
  });

  it('MUST be booked once, however often it is told', async () => {
    const order = await bed.paidOrder({}, CARDS.disputed);
    await inState(order, 'OPEN');
    const [dispute] = await disputesOf(order);
    const events = await bed.simulator.control.events();
    for (const { id, type } of events.filter((event) => event.type.startsWith('charge.dispute.'))) {
      expect(type).toMatch(/^charge\.dispute\./);
      await bed.simulator.control.resendTwice(id);
    }
    await bed.simulator.control.closeDispute(String(dispute?.provider_dispute_id), 'lost');
    await inState(order, 'LOST');
    expect(inOrder(await postings(order)).map(({ fact }) => fact)).toEqual(['fee', 'lost', 'opened']);
    expect([await bed.published('DisputeOpened', order), await bed.published('DisputeClosed', order)]).toMatchObject([[{}], [{}]]);
  });

  it.each(['won', 'lost'] as const)('brings all of its facts at once when it is first heard of as %s', async (outcome) => {
    const order = await bed.paidOrder();
    await bed.simulator.control.hold('ALL');
    const { id } = await openDispute(order);
    await bed.simulator.control.closeDispute(id, outcome);
    await bed.simulator.control.release('ALL');
    await inState(order, outcome.toUpperCase());
    expect(inOrder(await postings(order)).map(({ fact }) => fact)).toEqual(['fee', 'opened', outcome].toSorted());
    expect(await bed.published('DisputeOpened', order)).toHaveLength(1);
    expect(await bed.published('DisputeClosed', order)).toMatchObject([{ outcome: outcome.toUpperCase() }]);
    expect(await bed.payment(order)).toMatchObject({ disputed_minor: outcome === 'won' ? '0' : '10000' });
  });

  it('waits for the capture that it overtakes', async () => {
    await bed.simulator.control.hold('ALL');
    const order = await bed.cardOrder();
    await bed.pay(order, CARDS.disputed);
    await bed.simulator.control.release('ALL');
    await inState(order, 'OPEN');
    expect(await bed.payment(order)).toMatchObject({ state: 'CAPTURED', disputed_minor: '10000' });
  });

  it('is booked whole although the payment has less, counts as what it has, and calls a person', async () => {
    const order = await bed.paidOrder();
    await bed.aWallet(order.customerId);
    const refund = refundRequested(order, '6000');
    await bed.tell(refund, postingCompleted(`refund:${refund.payload.refundId}`));
    expect(await bed.payment(order)).toMatchObject({ refunded_minor: '6000' });
    const { id } = await openDispute(order);
    await inState(order, 'OPEN');
    expect(inOrder(await postings(order))).toEqual([FEE, TAKEN(10_000)]);
    expect(await bed.payment(order)).toMatchObject({ disputed_minor: '4000', attention_reason: 'DISPUTE_BEYOND_CAPTURED' });
    await bed.simulator.control.closeDispute(id, 'won');
    await inState(order, 'WON');
    expect((await postings(order)).find(({ fact }) => fact === 'won')?.legs).toEqual([
      'system:clearing.stripe:USD > system:disputes:USD 10000 DISPUTE',
    ]);
    expect(await bed.payment(order)).toMatchObject({ disputed_minor: '0' });
    expect(await disputesOf(order)).toMatchObject([{ state: 'WON', split: [] }]);
  });

  it('MUST leave ledger and provider alike when it is lost after a refund to a wallet: the platform bears what does not fit', async () => {
    const vendor = newId('user');
    const amount = { currency: 'USD', minor: '1699' } as const;
    const order = await bed.paidOrder({ amount, shares: [{ vendorId: vendor, amount }] });
    await bed.aWallet(order.customerId);
    const refund = refundRequested(order, '1000');
    await bed.tell(refund, postingCompleted(`refund:${refund.payload.refundId}`));
    const { id } = await openDispute(order);
    await inState(order, 'OPEN');
    await bed.simulator.control.closeDispute(id, 'lost');
    const lost = await inState(order, 'LOST');
    const posted = inOrder(await postings(order));
    expect(posted.map(({ fact }) => fact)).toEqual(['fee', 'lost', 'opened']);
    expect(posted[2]).toEqual(TAKEN(1_699));
    const [refunded] = await bed.sql<{ split: Part[] }>('select split from refunds where payment_id = $1', [order.paymentId]);
    const parts = lost.split as readonly Part[]; // as it is stored
    expect(posted[1]?.legs).toEqual(parts.map(({ account, minor }) => `${account} > system:disputes:USD ${minor} DISPUTE`));
    expect(parts.at(-1)).toEqual({ account: 'system:expenses:USD', minor: '1000' });
    for (const [account, minor] of [
      [`payable:${vendor}:USD`, 1_614n],
      ['system:fees:USD', 85n],
    ] as const)
      expect(sumOf([...parts, ...(refunded?.split ?? [])].filter((part) => part.account === account))).toBe(minor);
    expect(sumOf(parts)).toBe(1_699n);
    expect(await bed.payment(order)).toMatchObject({ disputed_minor: '699', attention_reason: 'DISPUTE_BEYOND_CAPTURED' });
    const { orm } = bed.subgraph.platform;
    const day = { from: new Date(Date.now() - 86_400_000), until: new Date(Date.now() + 86_400_000) };
    const objects = await readOwnBook(orm.em.fork(), 'STRIPE', day, []);
    expect(objects.find(({ kind, paymentId }) => kind === 'DISPUTE' && paymentId === order.paymentId)?.ledgerAmountMinor).toBe(-1_699n);
  });

  it('that was opened when only what fits was posted is ended by that', async () => {
    const order = await bed.paidOrder();
    const { id } = await openDispute(order);
    await inState(order, 'OPEN');
    await bed.sql(
      `update ledger_commands set payload = jsonb_set(payload, '{legs,0,amount,minor}', '"4000"') where fact_key = $1 returning fact_key`,
      [`stripe:dispute:${id}:opened`],
    );
    await bed.simulator.control.closeDispute(id, 'won');
    await inState(order, 'WON');
    expect((await postings(order)).find(({ fact }) => fact === 'won')?.legs).toEqual([
      'system:clearing.stripe:USD > system:disputes:USD 4000 DISPUTE',
    ]);
  });

  it('is borne by the platform alone when nothing is left', async () => {
    const order = await bed.paidOrder();
    await bed.aWallet(order.customerId);
    const refund = refundRequested(order, '10000');
    await bed.tell(refund, postingCompleted(`refund:${refund.payload.refundId}`));
    const { id } = await openDispute(order);
    await inState(order, 'OPEN');
    await bed.simulator.control.closeDispute(id, 'lost');
    await inState(order, 'LOST');
    const lost = { fact: 'lost', legs: ['system:expenses:USD > system:disputes:USD 10000 DISPUTE'] };
    expect(inOrder(await postings(order))).toEqual([FEE, lost, TAKEN(10_000)]);
    expect(await bed.payment(order)).toMatchObject({ disputed_minor: '0', attention_reason: 'DISPUTE_BEYOND_CAPTURED' });
  });

  it('calls a person when the ledger will not book it', async () => {
    const order = await bed.paidOrder();
    const { id } = await openDispute(order);
    await inState(order, 'OPEN');
    await bed.tell(postingRefused(`stripe:dispute:${id}:opened`, 'ACCOUNT_CLOSED'));
    expect(await bed.payment(order)).toMatchObject({
      attention_reason: `LEDGER_REFUSED: stripe:dispute:${id}:opened: ACCOUNT_CLOSED`,
    });
  });
});

describe('what is told of a dispute again', () => {
  /** As a call that has read it does. */
  async function tell(order: AnOrder, change: Partial<Parameters<typeof applyDispute>[1]['report']>): Promise<void> {
    const { services, platform } = bed.subgraph;
    const [known] = await disputesOf(order);
    const [attempt] = await bed.attempts(order);
    const report = {
      ...{ providerDisputeId: String(known?.provider_dispute_id), intentId: null, chargeId: await chargeOf(order), state: 'OPEN' as const },
      ...{
        amount: { currency: 'USD', minor: 10_000n } as const,
        fee: null,
        reason: 'FRAUDULENT',
        evidenceDueAt: null,
        openedAt: new Date(),
      },
      ...change,
    };
    const origin = { actor: 'service:payments', correlationId: newId('event'), causationId: null, traceparent: null, now: new Date() };
    await unitOfWork(platform.orm.em, origin, async (unit) => {
      const act = actOfWorker(unit, services);
      const subject = ensure(await lockPayment(act, { id: order.paymentId }), 'the payment');
      await applyDispute(subject, { provider: 'STRIPE', report, attemptId: ensure(attempt, 'the attempt').id }, act);
    });
  }
  const usd = (minor: bigint) => ({ currency: 'USD', minor }) as const;

  it('MUST bring the fee to what it comes to in all: charged once more, given back, and charged again', async () => {
    const order = await bed.paidOrder();
    await openDispute(order);
    await inState(order, 'OPEN');
    for (const total of [1_500n, 3_000n, 3_000n, 0n, 1_500n, 3_000n]) {
      await tell(order, { fee: usd(total) });
      expect((await disputesOf(order))[0]).toMatchObject({ fee_minor: total.toString() });
    }
    await tell(order, { fee: null });
    await tell(order, { fee: { currency: 'EUR', minor: 1n } });
    const fees = (await postings(order)).filter(({ fact }) => fact.startsWith('fee'));
    const [expenses, clearing] = ['system:expenses:USD', 'system:clearing.stripe:USD'];
    expect(inOrder(fees)).toEqual([
      FEE,
      { fact: 'fee:2:3000', legs: [`${expenses} > ${clearing} 1500 PROVIDER_FEE`] },
      { fact: 'fee:3:0', legs: [`${clearing} > ${expenses} 3000 PROVIDER_FEE`] },
      { fact: 'fee:4:1500', legs: [`${expenses} > ${clearing} 1500 PROVIDER_FEE`] },
      { fact: 'fee:5:3000', legs: [`${expenses} > ${clearing} 1500 PROVIDER_FEE`] },
    ]);
    const { orm } = bed.subgraph.platform;
    const day = { from: new Date(Date.now() - 86_400_000), until: new Date(Date.now() + 86_400_000) };
    const objects = await readOwnBook(orm.em.fork(), 'STRIPE', day, []);
    const dispute = objects.find(({ kind, paymentId }) => kind === 'DISPUTE' && paymentId === order.paymentId);
    expect(dispute?.ledgerFeeMinor).toBe(3_000n);
    expect(dispute?.factKeys.filter((key) => key.includes(':fee'))).toHaveLength(5);
  });

  it('counts only as much as fits when two take more than the payment has, and calls a person once', async () => {
    const order = await bed.paidOrder();
    await bed.aWallet(order.customerId);
    const refund = refundRequested(order, '8000');
    await bed.tell(refund, postingCompleted(`refund:${refund.payload.refundId}`));
    const { id } = await openDispute(order, 4_000);
    await inState(order, 'OPEN');
    const second = { providerDisputeId: `${id}2`, amount: usd(3_000n) };
    await tell(order, second);
    expect((await disputesOf(order)).map(({ split }) => split)).toEqual(
      ['2000', '3000'].map((minor) => [{ account: 'system:expenses:USD', minor }]),
    );
    await tell(order, { ...second, state: 'LOST' });
    await tell(order, { amount: usd(4_000n), state: 'LOST' });
    const opened = (await postings(order)).filter(({ fact }) => fact === 'opened');
    expect(opened.flatMap(({ legs }) => legs).toSorted()).toEqual([...TAKEN(3_000).legs, ...TAKEN(4_000).legs]);
    expect((await disputesOf(order)).map(({ state, split }) => [state, sumOf(split as Part[])])).toEqual([
      ['LOST', 4_000n],
      ['LOST', 3_000n],
    ]); // the split as it is stored
    expect(await bed.payment(order)).toMatchObject({ disputed_minor: '2000', refunded_minor: '8000' });
    const attention = `select reason from payment_events where payment_id = $1 and kind = 'ATTENTION'`;
    expect(await bed.sql(attention, [order.paymentId])).toEqual([{ reason: 'DISPUTE_BEYOND_CAPTURED' }]);
  });

  it('MUST call a person once per reason, whatever else called before', async () => {
    const order = await bed.paidOrder();
    const { id } = await openDispute(order);
    await inState(order, 'OPEN');
    await bed.simulator.control.closeDispute(id, 'won');
    await inState(order, 'WON');
    const other = { amount: { currency: 'EUR', minor: 1n } as const };
    for (const change of [other, { state: 'LOST' as const }, other, { state: 'LOST' as const }]) await tell(order, change);
    expect(
      await bed.sql(`select reason from payment_events where payment_id = $1 and kind = 'ATTENTION' order by sequence`, [order.paymentId]),
    ).toEqual([{ reason: 'DISPUTE_CURRENCY_MISMATCH' }, { reason: 'DISPUTE_CONTRADICTION' }]);
  });
});

describe('a dispute of a charge that nobody here made', () => {
  it('is asked about for a day, and then left', async () => {
    const { url, secretKey } = bed.simulator;
    const { hostname: host, port } = new URL(url);
    const stripe = new Stripe(secretKey, { host, port: Number(port), protocol: 'http' });
    const intent = { amount: 700, currency: 'usd', confirm: true, payment_method: 'pm_card_visa', return_url: 'https://shop.example' };
    const { latest_charge: chargeId } = await stripe.paymentIntents.create(intent);
    const { id } = await bed.simulator.control.openDispute(String(chargeId), {});
    const callOf = async (state: string) =>
      eventually(`the call is ${state}`, async () => {
        const [call] = await bed.sql('select *, due_at > created_at as is_later from provider_calls where id = $1', [`${id}:read-dispute`]);
        return call?.state === state && Number(call.sends) > 0 && call;
      });
    expect(await callOf('DUE')).toMatchObject({ payment_id: null, is_later: true });
    await bed.sql(`update provider_calls set created_at = now() - interval '1 day', due_at = now() where id = $1`, [`${id}:read-dispute`]);
    await callOf('DONE');
    expect(await bed.sql('select from disputes where provider_dispute_id = $1', [id])).toEqual([]);
  });
});
