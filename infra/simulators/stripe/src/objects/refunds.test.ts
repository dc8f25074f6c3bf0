import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { failureOf, pay, startTestbed, type Testbed } from '../../test/testbed.ts';

const LATER_MS = 60_000;

describe('a refund', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  beforeEach(() => bed.control.reset());
  afterAll(() => bed.close());

  it('of a part and of the rest gives everything back but the fee, and then there is nothing left', async () => {
    const intent = await pay(bed.stripe);
    const part = await bed.stripe.refunds.create({ payment_intent: intent.id, amount: 1000, reason: 'requested_by_customer' });
    expect(part).toMatchObject({ object: 'refund', amount: 1000, status: 'succeeded', charge: intent.latest_charge });
    const excess = await failureOf(bed.stripe.refunds.create({ payment_intent: intent.id, amount: 1501 }));
    expect(excess).toMatchObject({ statusCode: 400, param: 'amount' });
    expect(excess.message).toContain('greater than unrefunded amount on charge (€15.00)');
    const rest = await bed.stripe.refunds.create({ charge: String(intent.latest_charge) });
    expect(rest.amount).toBe(1500);
    expect(await failureOf(bed.stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({ code: 'charge_already_refunded' });
    expect(await bed.stripe.charges.retrieve(String(intent.latest_charge))).toMatchObject({ refunded: true, amount_refunded: 2500 });
    expect((await bed.control.books()).currencies.eur).toEqual({ charged: 2500, refunded: 2500, disputed: 0, fees: 103, net: -103 });
  });

  it('tells what happened by events', async () => {
    const intent = await pay(bed.stripe);
    const refund = await bed.stripe.refunds.create({ payment_intent: intent.id, metadata: { refundRow: 'r-1' } });
    await bed.stripe.refunds.update(refund.id, { metadata: { seen: 'yes' } });
    await bed.deliver();
    const types = (await bed.control.events()).map(({ type }) => type).filter((type) => type.includes('refund'));
    expect(types).toEqual(['refund.created', 'charge.refunded', 'refund.updated', 'charge.refund.updated']);
    expect(await bed.control.refundsFor('refundRow', 'r-1')).toMatchObject([{ id: refund.id, amount: 2500, payment_intent: intent.id }]);
  });

  it('can fail later, and the money is back', async () => {
    const intent = await pay(bed.stripe, 'pm_card_refundFail');
    const refund = await bed.stripe.refunds.create({ payment_intent: intent.id });
    expect(refund.status).toBe('succeeded');
    await bed.control.advanceClock(LATER_MS);
    const failed = await bed.stripe.refunds.retrieve(refund.id, { expand: ['failure_balance_transaction'] });
    expect(failed).toMatchObject({ status: 'failed', failure_balance_transaction: { amount: 2500, type: 'refund_failure' } });
    expect(await bed.stripe.charges.retrieve(String(intent.latest_charge))).toMatchObject({ refunded: false, amount_refunded: 0 });
    expect(bed.receiver.types()).toEqual(expect.arrayContaining(['refund.failed', 'charge.refund.updated']));
    expect((await bed.control.books()).currencies.eur).toMatchObject({ refunded: 0, net: 2397 });
  });

  it('can be pending and arrive later', async () => {
    const intent = await pay(bed.stripe, 'pm_card_pendingRefund');
    const refund = await bed.stripe.refunds.create({ payment_intent: intent.id });
    expect(refund.status).toBe('pending');
    await bed.control.advanceClock(LATER_MS);
    expect((await bed.stripe.refunds.retrieve(refund.id)).status).toBe('succeeded');
  });

  it('is canceled only while it is pending', async () => {
    const intent = await pay(bed.stripe, 'pm_card_pendingRefund');
    const refund = await bed.stripe.refunds.create({ payment_intent: intent.id });
    expect((await bed.stripe.refunds.cancel(refund.id)).status).toBe('canceled');
    expect((await failureOf(bed.stripe.refunds.cancel(refund.id))).statusCode).toBe(400);
    await expect(bed.control.succeedRefund(refund.id)).rejects.toThrow('cannot become succeeded');
    expect((await bed.control.books()).currencies.eur?.net).toBe(2397);
  });

  it('needs a charge that succeeded', async () => {
    const authorized = await pay(bed.stripe, 'pm_card_visa', { capture_method: 'manual' });
    expect(await failureOf(bed.stripe.refunds.create({ payment_intent: authorized.id }))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    expect(await failureOf(bed.stripe.refunds.create({ payment_intent: 'pi_none' }))).toMatchObject({
      code: 'resource_missing',
      param: 'payment_intent',
    });
    expect(await failureOf(bed.stripe.refunds.create({}))).toMatchObject({ code: 'parameter_missing' });
  });
});

describe('a dispute', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  beforeEach(() => bed.control.reset());
  afterAll(() => bed.close());

  it('opens right after a payment with its test card, takes amount and fee, and forbids refunds', async () => {
    const intent = await pay(bed.stripe, 'pm_card_createDispute');
    const { data } = await bed.stripe.disputes.list({ payment_intent: intent.id });
    expect(data).toMatchObject([{ amount: 2500, status: 'needs_response', reason: 'fraudulent', balance_transactions: [{ net: -4000 }] }]);
    expect(await failureOf(bed.stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({ code: 'charge_disputed' });
    expect((await bed.control.books()).currencies.eur).toEqual({ charged: 2500, refunded: 0, disputed: 2500, fees: 1603, net: -1603 });
    await bed.deliver();
    expect(bed.receiver.types()).toEqual(expect.arrayContaining(['charge.dispute.created', 'charge.dispute.funds_withdrawn']));
  });

  it('that is won gives the amount back and keeps the fee', async () => {
    const intent = await pay(bed.stripe);
    const { id } = await bed.control.openDispute(String(intent.latest_charge), { amount: 1000, reason: 'duplicate' });
    const submitted = await bed.stripe.disputes.update(id, { evidence: { product_description: 'A mug' }, submit: true });
    expect(submitted).toMatchObject({ status: 'under_review', evidence_details: { has_evidence: true, submission_count: 1 } });
    expect(await bed.control.closeDispute(id, 'won')).toMatchObject({ status: 'won' });
    expect((await bed.control.books()).currencies.eur).toEqual({ charged: 2500, refunded: 0, disputed: 0, fees: 1603, net: 897 });
    expect((await bed.stripe.refunds.create({ payment_intent: intent.id })).status).toBe('succeeded');
    await expect(bed.control.closeDispute(id, 'lost')).rejects.toThrow('already closed');
  });

  it.each([
    ['winning_evidence', 'won'],
    ['losing_evidence', 'lost'],
  ])('is decided at once by %s', async (text, status) => {
    const intent = await pay(bed.stripe);
    const { id } = await bed.control.openDispute(String(intent.latest_charge));
    const { object } = await bed.stripe.disputes.update(id, { evidence: { uncategorized_text: text } });
    expect(object).toBe('dispute');
    expect((await bed.stripe.disputes.retrieve(id)).status).toBe(status);
  });

  it('that the shop accepts is lost', async () => {
    const intent = await pay(bed.stripe);
    const { id } = await bed.control.openDispute(String(intent.latest_charge));
    expect((await bed.stripe.disputes.close(id)).status).toBe('lost');
    expect((await bed.control.books()).disputes).toMatchObject([{ id, status: 'lost' }]);
  });

  it('cannot be about more than was paid, nor about nothing', async () => {
    const intent = await pay(bed.stripe);
    await expect(bed.control.openDispute(String(intent.latest_charge), { amount: 2501 })).rejects.toThrow('Dispute amount');
    await expect(bed.control.openDispute('ch_none')).rejects.toMatchObject({ code: 'resource_missing' });
  });
});

describe('the balance', () => {
  it('is the sum of its transactions, pending for two days', async () => {
    const bed = await startTestbed();
    const intent = await pay(bed.stripe);
    await bed.stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    const sums = async (): Promise<[number | undefined, number | undefined]> => {
      const { available, pending } = (await bed.stripe.balance.retrieve()) as Stripe.Balance; // without the response's extras
      return [available[0]?.amount, pending[0]?.amount];
    };
    expect(await sums()).toEqual([0, 1897]);
    await bed.control.advanceClock(2 * 86_400_000);
    expect(await sums()).toEqual([1897, 0]);
    const { data } = await bed.stripe.balanceTransactions.list({ type: 'refund', expand: ['data.source'] });
    expect(data).toMatchObject([{ amount: -500, fee: 0, net: -500, source: { object: 'refund', amount: 500 } }]);
    await bed.close();
  });
});
