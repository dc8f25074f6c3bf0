import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { buyerOf, CARDS, type CardsBed, openCards } from '../../test/cards-bed.ts';
import { voidRequested } from '../../test/payments-bed.ts';

const PAYMENT =
  'query($id: ID!) { payment(id: $id) { state failureReason clientAction { kind url clientSecret publishableKey } attempts { state lastDecline failureReason cardLast4 } } }';
const RETRY =
  'mutation($input: PaymentRetryInput!) { paymentRetry(input: $input) { __typename ... on InvalidInput { issues { path message } } ... on PaymentNotRetryable { state } } }';

describe('paying by card', () => {
  let bed: CardsBed;
  beforeAll(async () => {
    bed = await openCards();
  });
  afterAll(() => bed.close());

  const charges = (paymentId: string) => bed.simulator.control.chargesFor('payment_id', paymentId);

  it('opens a page for the customer, is captured when it is paid, and posts the money, the shares and the fee', async () => {
    const vendorId = newId('user');
    const amount = { currency: 'USD', minor: '10000' };
    const order = await bed.cardOrder({ amount, shares: [{ vendorId, amount }] });
    const { payment } = await bed.data<{ payment: { state: string; clientAction: { kind: string; url: string } } }>(
      buyerOf(order),
      PAYMENT,
      { id: order.paymentId },
    );
    expect(payment).toMatchObject({
      state: expect.stringMatching(/PENDING|REQUIRES_ACTION/),
      clientAction: { kind: 'HOSTED_PAGE', url: expect.stringContaining(bed.simulator.url) },
    });
    expect(await bed.published('PaymentRequiresAction', order)).toHaveLength(1);

    await bed.pay(order);
    await bed.until(order, 'CAPTURED');
    expect(await bed.published('PaymentCaptured', order)).toMatchObject([{ tender: 'CARD', amount, orderId: order.orderId }]);
    const [attempt] = await bed.attempts(order);
    expect(attempt).toMatchObject({ state: 'SUCCEEDED', card_last4: '4242', fee_minor: '320' });
    expect(await charges(order.paymentId)).toMatchObject([{ amount: 10_000 }]);
    const [capture, fee] = (await bed.commands(order)).sort((a, b) => b.fact_key.localeCompare(a.fact_key));
    expect(capture).toMatchObject({
      fact_key: `stripe:payment_intent:${attempt?.intent_id}:succeeded`,
      payload: {
        legs: [
          { debit: 'system:clearing.stripe:USD', credit: 'system:escrow:USD', amount, code: 'ORDER_PAYMENT' },
          { debit: 'system:escrow:USD', credit: `payable:${vendorId}:USD`, amount: { minor: '9500' }, code: 'VENDOR_SHARE' },
          { debit: 'system:escrow:USD', credit: 'system:fees:USD', amount: { minor: '500' }, code: 'PLATFORM_FEE' },
        ],
      },
    });
    expect(fee).toMatchObject({
      fact_key: `stripe:charge:${attempt?.charge_id}:fee`,
      payload: { legs: [{ debit: 'system:expenses:USD', credit: 'system:clearing.stripe:USD', amount: { minor: '320' } }] },
    });
  });

  it('stays open after a decline, tells why, and takes another card', async () => {
    const order = await bed.cardOrder();
    await bed.pay(order, CARDS.noFunds);
    await eventually('the decline is known', async () => (await bed.attempts(order))[0]?.last_decline === 'INSUFFICIENT_FUNDS');
    expect((await bed.payment(order)).state).toBe('REQUIRES_ACTION');
    await bed.pay(order);
    await bed.until(order, 'CAPTURED');
    expect(await charges(order.paymentId)).toHaveLength(1);
  });

  it('shows the way to pay to the customer alone', async () => {
    const order = await bed.cardOrder();
    await bed.openPage(order);
    const { payment } = await bed.data<{ payment: { clientAction: unknown } }>(
      actAs.user(undefined, { scopes: ['payments:read'] }),
      PAYMENT,
      { id: order.paymentId },
    );
    expect(payment.clientAction).toBeNull();
  });

  it('closes the page when the order ends, so that nobody can pay any more', async () => {
    const order = await bed.cardOrder();
    const { session_id } = await bed.openPage(order);
    await bed.tell(voidRequested(order));
    await bed.until(order, 'VOIDED');
    await expect(bed.simulator.control.payCheckoutSession(session_id, { card: CARDS.pays })).rejects.toThrow();
    expect(await bed.published('PaymentVoided', order)).toMatchObject([{ reason: 'ORDER_CANCELLED' }]);
  });

  it('never opens a page for an order that ended before', async () => {
    const order = await bed.cardOrder();
    await bed.tell(voidRequested(order));
    await bed.until(order, 'VOIDED');
    expect(await charges(order.paymentId)).toEqual([]);
  });

  it('tells of money that came in the moment in which the order ended: it goes back by refund', async () => {
    const order = await bed.cardOrder();
    const { session_id } = await bed.openPage(order);
    await Promise.all([bed.simulator.control.payCheckoutSession(session_id, { card: CARDS.pays }), bed.tell(voidRequested(order))]);
    const { state } = await eventually('the payment has ended', async () => {
      const row = await bed.payment(order);
      return ['CAPTURED', 'VOIDED'].includes(row.state) && row;
    });
    expect(await charges(order.paymentId)).toHaveLength(state === 'CAPTURED' ? 1 : 0);
    expect(await bed.published('PaymentCaptured', order)).toHaveLength(state === 'CAPTURED' ? 1 : 0);
  });

  it('can be paid from a wallet instead, once the page is closed', async () => {
    const order = await bed.cardOrder();
    const { session_id } = await bed.openPage(order);
    const { walletId } = await bed.aWallet(order.customerId);
    const input = { paymentId: order.paymentId, walletId };
    expect(await bed.data(buyerOf(order), RETRY, { input })).toEqual({ paymentRetry: { __typename: 'PaymentRetried' } });
    await eventually('the wallet is asked', async () => (await bed.published('HoldRequested', order)).length === 1);
    await expect(bed.simulator.control.payCheckoutSession(session_id, { card: CARDS.pays })).rejects.toThrow();
    expect(await bed.attempts(order)).toMatchObject([
      { state: 'FAILED', failure_reason: 'REPLACED', tender: 'CARD' },
      { state: 'PENDING', tender: 'WALLET' },
    ]);
  });

  it('goes on with the money when the page was paid while another way was asked for', async () => {
    const order = await bed.cardOrder();
    const { session_id } = await bed.openPage(order);
    await bed.simulator.control.hold('ALL');
    await bed.simulator.control.payCheckoutSession(session_id, { card: CARDS.pays });
    const { walletId } = await bed.aWallet(order.customerId);
    await bed.data(buyerOf(order), RETRY, { input: { paymentId: order.paymentId, walletId } });
    await bed.simulator.control.release('ALL');
    await bed.until(order, 'CAPTURED');
    expect(await bed.attempts(order)).toHaveLength(1);
    expect(await bed.published('HoldRequested', order)).toEqual([]);
  });

  it('is not tried otherwise any more once its order has ended, however often the provider tells that the page is closed', async () => {
    const order = await bed.cardOrder();
    const { id } = await bed.openPage(order);
    const { walletId } = await bed.aWallet(order.customerId);
    await bed.simulator.control.setFaults({ serverError: 1 });
    await bed.data(buyerOf(order), RETRY, { input: { paymentId: order.paymentId, walletId } });
    await bed.tell(voidRequested(order));
    await bed.simulator.control.setFaults({});
    await bed.until(order, 'VOIDED');
    await bed.sql(`update provider_calls set state = 'DUE', due_at = now(), settled_at = null where id = $1`, [`${id}:close-attempt`]);
    await eventually('it was told again', async () => {
      const [call] = await bed.sql<{ state: string }>('select state from provider_calls where id = $1', [`${id}:close-attempt`]);
      return call?.state === 'DONE';
    });
    expect(await bed.payment(order)).toMatchObject({ state: 'VOIDED', needs_attention: false });
    expect(await bed.attempts(order)).toHaveLength(1);
  });

  it.each([
    ['a wallet for CARD', { tender: 'CARD', walletId: newId('wallet') }, 'walletId'],
    ['no wallet for WALLET', { tender: 'WALLET' }, 'walletId'],
    ['PAYPAL', { tender: 'PAYPAL' }, 'tender'],
    ['a saved card for WALLET', { tender: 'WALLET', walletId: newId('wallet'), paymentMethodId: newId('paymentMethod') }, 'walletId'],
  ])('refuses to be tried again with %s', async (_what, input, path) => {
    const order = await bed.cardOrder();
    const { paymentRetry } = await bed.data<{ paymentRetry: unknown }>(buyerOf(order), RETRY, {
      input: { paymentId: order.paymentId, ...input },
    });
    expect(paymentRetry).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: ['input', path] }] });
  });

  it.each([
    ['too little', { currency: 'USD', minor: '49' }, 'AMOUNT_TOO_SMALL'],
    ['too much', { currency: 'USD', minor: '100000000' }, 'AMOUNT_TOO_LARGE'],
    ['dinars that are no step', { currency: 'KWD', minor: '12345' }, 'AMOUNT_NOT_A_STEP'],
  ])('fails at once for %s', async (_what, amount, reason) => {
    const order = await bed.cardOrder({ amount, shares: [{ vendorId: newId('user'), amount }] });
    expect(await bed.payment(order)).toMatchObject({ state: 'FAILED', failure_reason: reason });
  });

  it('charges yen as they are', async () => {
    const amount = { currency: 'JPY', minor: '1500' };
    const order = await bed.paidOrder({ amount, shares: [{ vendorId: newId('user'), amount }] });
    expect(await charges(order.paymentId)).toMatchObject([{ amount: 1_500, currency: 'jpy' }]);
  });

  it('fails for a saved card that is not there', async () => {
    const order = await bed.cardOrder({ paymentMethodId: newId('paymentMethod') });
    expect(await bed.payment(order)).toMatchObject({ state: 'FAILED', failure_reason: 'PAYMENT_METHOD_NOT_FOUND' });
  });

  it("gives the customer's own page a secret to confirm with", async () => {
    const order = await bed.cardOrder({ clientMode: 'CONFIRM_IN_PAGE' });
    const { payment } = await bed.data<{ payment: { clientAction: { clientSecret: string } } }>(buyerOf(order), PAYMENT, {
      id: order.paymentId,
    });
    expect(payment.clientAction).toEqual({
      kind: 'CONFIRM_IN_PAGE',
      url: null,
      clientSecret: expect.stringMatching(/^pi_\w+_secret_\w+/),
      publishableKey: 'pk_test_simulator',
    });
    await bed.simulator.control.confirmPaymentIntent(payment.clientAction.clientSecret.replace(/_secret_.*/, ''), { card: CARDS.pays });
    await bed.until(order, 'CAPTURED');
  });

  it('fails when its page has expired, and can be tried again', async () => {
    const order = await bed.cardOrder();
    await bed.openPage(order);
    await bed.simulator.control.advanceClock(2 * 3_600_000);
    await bed.until(order, 'FAILED');
    expect(await bed.payment(order)).toMatchObject({ failure_reason: 'SESSION_EXPIRED' });
    const { walletId } = await bed.aWallet(order.customerId);
    await bed.data(buyerOf(order), RETRY, { input: { paymentId: order.paymentId, walletId } });
    expect(await bed.attempts(order)).toMatchObject([
      { failure_reason: 'SESSION_EXPIRED' },
      { number: 2, tender: 'WALLET', state: 'PENDING' },
    ]);
  });
});
