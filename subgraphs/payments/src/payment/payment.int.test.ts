import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { eventually } from '@tessera/service-kit/testing';
import {
  captureRequested,
  holdFact,
  holdOf,
  holdRefused,
  openPayments,
  type PaymentsBed,
  postingCompleted,
  postingRefused,
  refundRequested,
  requested,
  settledAs,
  voidRequested,
  walletOpened,
} from '../../test/payments-bed.ts';
import { fold, type PaymentEventKind } from './totals.ts';

let bed: PaymentsBed;
beforeAll(async () => {
  bed = await openPayments();
});
afterAll(() => bed.close());

describe('paying from a wallet', () => {
  it('holds, tells, captures into the vendors’ shares and the fee, and tells', async () => {
    const [vendorA, vendorB] = [newId('user'), newId('user')];
    const shares = [
      { vendorId: vendorA, amount: { currency: 'USD', minor: '9667' } },
      { vendorId: vendorB, amount: { currency: 'USD', minor: '333' } },
    ];
    const order = await bed.aPayment('ASKED', { shares });
    const { factKey, holdId } = await holdOf(bed, order);
    const [hold] = await bed.published('HoldRequested', order);
    expect(hold).toMatchObject({
      factKey,
      walletId: order.walletId,
      ownerId: order.customerId,
      creditAccount: 'system:escrow:USD',
    });
    expect(hold).toMatchObject({ amount: order.request.amount, paymentId: order.paymentId, orderId: order.orderId });

    await bed.tell(holdFact('HoldPlaced', order, { factKey, holdId }));
    expect(await bed.published('PaymentAuthorised', order)).toEqual([
      {
        paymentId: order.paymentId,
        orderId: order.orderId,
        customerId: order.customerId,
        tender: 'WALLET',
        amount: order.request.amount,
        reason: null,
      },
    ]);

    await bed.tell(captureRequested(order));
    const [post] = await bed.published('HoldPostRequested', order);
    expect(post?.holdFactKey).toBe(factKey);
    expect(post?.legs.map(({ debit, credit, amount, code }) => [debit, credit, amount.minor, code])).toEqual([
      ['system:escrow:USD', `payable:${vendorA}:USD`, '9184', 'VENDOR_SHARE'],
      ['system:escrow:USD', 'system:fees:USD', '500', 'PLATFORM_FEE'],
      ['system:escrow:USD', `payable:${vendorB}:USD`, '316', 'VENDOR_SHARE'],
    ]);

    await bed.tell(holdFact('HoldPosted', order, { factKey: post?.factKey ?? '', holdId }));
    expect(await bed.payment(order)).toMatchObject({ state: 'CAPTURED', wish: 'NONE', captured_minor: '10000' });
    expect(await bed.published('PaymentCaptured', order)).toHaveLength(1);
    expect(
      await bed.sql('select from ledger_commands where payment_id = $1 and (due_at is not null or answered_at is null)', [order.paymentId]),
    ).toEqual([]);
  });

  it('MUST hold longer than the order waits for its money, so that one confirmed at the last moment is captured', async () => {
    const order = await bed.aPayment('ASKED', { deadline: new Date(Date.now() + 60_000).toISOString() });
    const [hold] = await bed.published('HoldRequested', order);
    expect(Date.parse(hold?.deadline ?? '')).toBeGreaterThan(Date.parse(order.request.deadline) + 3_600_000);
  });

  it('fails with the ledger’s reason', async () => {
    const order = await bed.aPayment('ASKED');
    await bed.tell(holdRefused(order, (await holdOf(bed, order)).factKey));
    expect(await bed.payment(order)).toMatchObject({ state: 'FAILED', failure_reason: 'INSUFFICIENT_FUNDS' });
    expect(await bed.published('PaymentFailed', order)).toMatchObject([{ reason: 'INSUFFICIENT_FUNDS' }]);
  });

  it('waits for a wallet that is not known yet', async () => {
    const wallet = { ownerId: newId('user'), walletId: newId('wallet') };
    const order = bed.anOrder(wallet);
    await bed.tell(requested(order));
    expect(await bed.published('HoldRequested', order)).toEqual([]);
    await bed.tell(walletOpened({ ...wallet, currency: 'USD' }));
    const hold = await eventually('the hold is asked for', async () => (await bed.published('HoldRequested', order))[0]);
    expect(hold).toMatchObject({ walletId: wallet.walletId });
  });

  it('fails for a wallet that stays unknown, and alike for somebody else’s', async () => {
    const unknown = bed.anOrder({ ownerId: newId('user'), walletId: newId('wallet') });
    const stranger = await bed.aWallet();
    const foreign = bed.anOrder({ ownerId: newId('user'), walletId: stranger.walletId });
    await bed.tell(requested(unknown), requested(foreign));
    expect([(await bed.payment(unknown)).state, (await bed.payment(foreign)).state]).toEqual(['PENDING', 'PENDING']);
    for (const order of [unknown, foreign])
      expect(await settledAs(bed, order, 'FAILED')).toMatchObject({ failure_reason: 'WALLET_NOT_FOUND' });
    expect(await bed.published('HoldRequested', foreign)).toEqual([]);
  });

  it('fails for a wallet of another currency, a closed one, none, and past the deadline', async () => {
    const euro = await bed.aWallet(newId('user'), 'EUR');
    const closed = await bed.aWallet();
    await bed.tell({ type: 'WalletClosed', aggregateId: closed.walletId, payload: { ...closed, currency: 'USD' } });
    const cases = [
      [bed.anOrder(euro), 'CURRENCY_MISMATCH'],
      [bed.anOrder(closed), 'WALLET_CLOSED'],
      [bed.anOrder(await bed.aWallet(), { walletId: null }), 'WALLET_NOT_FOUND'],
      [bed.anOrder(await bed.aWallet(), { deadline: new Date(Date.now() - 1).toISOString() }), 'DEADLINE_PASSED'],
    ] as const;
    await bed.tell(...cases.map(([order]) => requested(order)));
    for (const [order, reason] of cases) {
      expect(await bed.payment(order)).toMatchObject({ state: 'FAILED', failure_reason: reason });
      expect(await bed.published('PaymentFailed', order)).toMatchObject([{ reason }]);
      expect(await bed.published('HoldRequested', order)).toEqual([]);
    }
  });

  it('takes an order that costs nothing without asking the ledger', async () => {
    const order = await bed.aPayment('ASKED', { amount: { currency: 'USD', minor: '0' } });
    await bed.tell(captureRequested(order));
    expect(await bed.payment(order)).toMatchObject({ state: 'CAPTURED', captured_minor: '0' });
    expect([await bed.published('PaymentAuthorised', order), await bed.published('PaymentCaptured', order)]).toMatchObject([[{}], [{}]]);
    expect(await bed.published('HoldRequested', order)).toEqual([]);
  });
});

describe('commands and answers that come twice, late or in another order', () => {
  it('has one effect of each', async () => {
    const order = await bed.aPayment('ASKED');
    const hold = await holdOf(bed, order);
    await bed.tell(requested(order), holdFact('HoldPlaced', order, hold), holdFact('HoldPlaced', order, hold));
    await bed.tell(captureRequested(order), captureRequested(order));
    await bed.tell(holdFact('HoldPosted', order, hold), holdFact('HoldPosted', order, hold), holdFact('HoldPlaced', order, hold));
    const told = await bed.sql('select type from outbox where aggregate_id = $1 order by ordinal', [order.paymentId]);
    expect(told.map(({ type }) => type)).toEqual(['HoldRequested', 'PaymentAuthorised', 'HoldPostRequested', 'PaymentCaptured']);
    expect(await bed.payment(order)).toMatchObject({ state: 'CAPTURED', captured_minor: '10000', needs_attention: false });
  });

  it('gives a hold back that is placed after the void', async () => {
    const order = await bed.aPayment('ASKED');
    const hold = await holdOf(bed, order);
    await bed.tell(voidRequested(order));
    expect(await bed.published('HoldVoidRequested', order)).toEqual([]);
    await bed.tell(holdFact('HoldPlaced', order, hold));
    expect(await bed.published('HoldVoidRequested', order)).toMatchObject([{ holdFactKey: hold.factKey }]);
    await bed.tell(holdFact('HoldVoided', order, hold));
    expect(await bed.payment(order)).toMatchObject({ state: 'VOIDED' });
    expect(await bed.published('PaymentAuthorised', order)).toEqual([]);
    expect(await bed.published('PaymentVoided', order)).toMatchObject([{ reason: 'ORDER_CANCELLED' }]);
  });

  it('lets a capture that came before the void run its course', async () => {
    const order = await bed.aPayment('AUTHORISED');
    await bed.tell(captureRequested(order), voidRequested(order));
    expect(await bed.published('HoldVoidRequested', order)).toEqual([]);
    await bed.tell(holdFact('HoldPosted', order, await holdOf(bed, order)), voidRequested(order));
    expect(await bed.payment(order)).toMatchObject({ state: 'CAPTURED' });
    expect(await bed.published('PaymentVoided', order)).toEqual([]);
  });

  it('gives the hold of a cancelled order back once its capture is refused, whichever comes first', async () => {
    const [early, late] = [await bed.aPayment('AUTHORISED'), await bed.aPayment('AUTHORISED')];
    for (const order of [early, late]) await bed.tell(captureRequested(order));
    await bed.tell(voidRequested(early));
    for (const order of [early, late]) {
      const [post] = await bed.published('HoldPostRequested', order);
      await bed.tell(postingRefused(post?.factKey ?? ''));
    }
    expect(await bed.payment(late)).toMatchObject({ state: 'AUTHORISED', attention_reason: 'ACCOUNT_CLOSED' });
    await bed.tell(voidRequested(late), captureRequested(late));
    for (const order of [early, late]) {
      const hold = await holdOf(bed, order);
      expect(await bed.published('HoldVoidRequested', order)).toMatchObject([{ holdFactKey: hold.factKey }]);
      await bed.tell(holdFact('HoldVoided', order, hold));
      expect(await bed.published('PaymentVoided', order)).toMatchObject([{ reason: 'ORDER_CANCELLED' }]);
      expect(await bed.published('HoldPostRequested', order)).toHaveLength(1);
    }
    expect(await bed.payment(early)).toMatchObject({ state: 'VOIDED', needs_attention: false });
  });

  it('fails when the hold lapses, and captures nothing after', async () => {
    const order = await bed.aPayment('AUTHORISED');
    await bed.tell(holdFact('HoldExpired', order, await holdOf(bed, order)), captureRequested(order));
    expect(await bed.payment(order)).toMatchObject({ state: 'FAILED', failure_reason: 'HOLD_EXPIRED' });
    expect(await bed.published('HoldPostRequested', order)).toEqual([]);
    await bed.tell(voidRequested(order));
    expect(await bed.payment(order)).toMatchObject({ state: 'VOIDED' });
  });

  it('takes a refused capture of a lapsed hold as its end', async () => {
    const order = await bed.aPayment('AUTHORISED');
    await bed.tell(captureRequested(order));
    const [post] = await bed.published('HoldPostRequested', order);
    await bed.tell(postingRefused(post?.factKey ?? '', 'HOLD_EXPIRED'), holdFact('HoldExpired', order, await holdOf(bed, order)));
    expect(await bed.published('PaymentFailed', order)).toMatchObject([{ reason: 'HOLD_EXPIRED' }]);
    expect(await bed.payment(order)).toMatchObject({ state: 'FAILED', needs_attention: false });
  });

  it('is born voided when its void came first', async () => {
    const order = bed.anOrder(await bed.aWallet());
    await bed.tell(voidRequested(order), requested(order));
    expect(await bed.payment(order)).toMatchObject({ state: 'VOIDED', failure_reason: 'ORDER_CANCELLED' });
    expect(await bed.published('PaymentVoided', order)).toHaveLength(1);
    expect(await bed.published('HoldRequested', order)).toEqual([]);
  });

  it('captures an order once, although it has two payments', async () => {
    const first = await bed.aPayment('CAPTURED');
    const second = await bed.aPayment('AUTHORISED', { orderId: first.orderId });
    await bed.tell(captureRequested(second), captureRequested(second));
    expect(await bed.published('HoldPostRequested', second)).toEqual([]);
    expect(await bed.payment(second)).toMatchObject({ state: 'AUTHORISED', attention_reason: 'SECOND_CAPTURE' });
    const alarms = await bed.sql(`select from payment_events where payment_id = $1 and kind = 'ATTENTION'`, [second.paymentId]);
    expect(alarms).toHaveLength(1);
  });
});

describe('refunds that orders asks for', () => {
  it('go back from vendor and fee to the wallet, and are told once', async () => {
    const order = await bed.aPayment('CAPTURED');
    const refund = refundRequested(order, '1000');
    await bed.tell(refund, refundRequested(order, '1000', refund.payload.refundId));
    const [posting, ...more] = await bed.published('PostingRequested', order);
    expect(more).toEqual([]);
    expect(posting?.legs.map(({ credit, amount, code }) => [credit, amount.minor, code])).toEqual([
      [order.walletId, '950', 'REFUND'],
      [order.walletId, '50', 'REFUND'],
    ]);
    expect(await bed.payment(order)).toMatchObject({ refunding_minor: '1000', refunded_minor: '0' });
    const done = postingCompleted(posting?.factKey ?? '');
    await bed.tell(done, postingCompleted(posting?.factKey ?? ''));
    expect(await bed.payment(order)).toMatchObject({ refunding_minor: '0', refunded_minor: '1000' });
    expect(await bed.published('RefundSucceeded', order)).toMatchObject([
      { refundId: refund.payload.refundId, refunded: { currency: 'USD', minor: '1000' } },
    ]);
  });

  it('wait for a capture that is under way', async () => {
    const order = await bed.aPayment('AUTHORISED');
    await bed.tell(captureRequested(order), refundRequested(order, '10000'));
    expect(await bed.published('PostingRequested', order)).toEqual([]);
    await bed.tell(holdFact('HoldPosted', order, await holdOf(bed, order)));
    expect(await bed.published('PostingRequested', order)).toHaveLength(1);
    expect(await bed.payment(order)).toMatchObject({ state: 'CAPTURED', refunding_minor: '10000' });
  });

  it('fail when the capture they wait for fails', async () => {
    const order = await bed.aPayment('AUTHORISED');
    await bed.tell(captureRequested(order), refundRequested(order, '10000'), holdFact('HoldExpired', order, await holdOf(bed, order)));
    expect(await bed.published('RefundFailed', order)).toMatchObject([{ reason: 'PAYMENT_FAILED', refunded: { minor: '10000' } }]);
  });

  it('fail beyond what was captured, and leave room again when the ledger refuses', async () => {
    const order = await bed.aPayment('CAPTURED');
    await bed.tell(refundRequested(order, '6000'), refundRequested(order, '4001'));
    expect(await bed.published('RefundFailed', order)).toMatchObject([{ reason: 'EXCEEDS_CAPTURED' }]);
    const [posting] = await bed.published('PostingRequested', order);
    await bed.tell(postingRefused(posting?.factKey ?? ''), refundRequested(order, '10000'));
    expect(await bed.published('RefundFailed', order)).toMatchObject([{}, { reason: 'ACCOUNT_CLOSED' }]);
    expect(await bed.payment(order)).toMatchObject({ refunding_minor: '10000', refunded_minor: '0' });
  });
});

describe('what the database holds', () => {
  it('has totals that are the fold of its events', async () => {
    const payments = await bed.sql<{
      id: string;
      captured_minor: string;
      refunding_minor: string;
      refunded_minor: string;
      returned_minor: string;
      disputed_minor: string;
      event_count: number;
    }>('select * from payments');
    for (const payment of payments) {
      const rows = await bed.sql<{ kind: PaymentEventKind; amount_minor: string }>(
        'select kind, amount_minor from payment_events where payment_id = $1 order by sequence',
        [payment.id],
      );
      const totals = fold(rows.map(({ kind, amount_minor }) => ({ kind, amountMinor: BigInt(amount_minor) })));
      const { captured_minor, refunding_minor, refunded_minor, returned_minor, disputed_minor } = payment;
      const kept = [captured_minor, refunding_minor, refunded_minor, returned_minor, disputed_minor];
      expect(Object.values(totals).map(String)).toEqual(kept);
      expect(rows).toHaveLength(payment.event_count);
    }
    expect(payments.length).toBeGreaterThan(10);
  });

  it.each([
    [
      'more refunded than captured',
      'update payments set refunded_minor = captured_minor - refunding_minor + 1 where id = $1',
      'payments_refunds_within_captured',
    ],
    ['more captured than agreed', 'update payments set captured_minor = amount_minor + 1 where id = $1', 'payments_captured_within_amount'],
    [
      'a captured payment that is not captured any more',
      `update payments set state = 'VOIDED', captured_minor = 0 where id = $1`,
      'stays so',
    ],
    ['another amount', 'update payments set amount_minor = amount_minor + 1 where id = $1', 'does not change'],
    ['a changed past', `update payment_events set reason = 'x' where payment_id = $1`, 'never changed'],
    [
      'a second live attempt',
      `insert into payment_attempts (id, payment_id, number, tender, state, created_at, updated_at)
       select 'att_x', payment_id, 2, tender, 'INIT', created_at, updated_at from payment_attempts where payment_id = $1`,
      'payment_attempts_one_alive',
    ],
  ])('refuses %s', async (_what, change, constraint) => {
    const { paymentId } = await bed.aPayment('CAPTURED');
    await expect(bed.sql(change, [paymentId])).rejects.toThrow(new RegExp(constraint));
  });

  it('refuses a second captured payment of an order', async () => {
    const first = await bed.aPayment('CAPTURED');
    const second = await bed.aPayment('AUTHORISED', { orderId: first.orderId });
    const capture = `update payments set state = 'CAPTURED', captured_minor = amount_minor where id = $1`;
    await expect(bed.sql(capture, [second.paymentId])).rejects.toThrow(/payments_one_captured_per_order/);
  });
});
