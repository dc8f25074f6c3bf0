import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { CARDS, type CardsBed, openCards } from '../../test/cards-bed.ts';
import { type AnOrder, postingCompleted, postingRefused } from '../../test/payments-bed.ts';

const REFUND =
  'mutation($input: RefundCreateInput!) { refundCreate(input: $input) { __typename ... on RefundCreated { refund { id state destination } } ... on RefundExceedsCaptured { refundable { minor } } ... on InvalidInput { issues { path } } } }';
const admin = actAs.user(undefined, { scopes: ['payments:read', 'payments:refund'] });

interface RefundRow extends Record<string, unknown> {
  readonly id: string;
  readonly state: string;
  readonly failure_reason: string | null;
  readonly provider_refund_id: string | null;
}

describe('giving money back to a card', () => {
  let bed: CardsBed;
  beforeAll(async () => {
    bed = await openCards();
  });
  afterAll(() => bed.close());

  const refunds = ({ paymentId }: AnOrder) =>
    bed.sql<RefundRow>('select * from refunds where payment_id = $1 order by created_at, id', [paymentId]);
  const refundIs = (order: AnOrder, state: string) =>
    eventually(`the refund is ${state}`, async () => {
      const last = (await refunds(order)).at(-1);
      return last?.state === state && last;
    });
  const ask = async (order: AnOrder, minor: string | null, destination: string | null = null) => {
    const amount = minor === null ? null : { currency: 'USD', minor };
    const input = { paymentId: order.paymentId, amount, destination, reason: 'Broken' };
    return (await bed.data<{ refundCreate: { __typename: string; refund?: { id: string } } }>(admin, REFUND, { input })).refundCreate;
  };
  /** The ledger sets the money aside, as it would. */
  const setAside = async (order: AnOrder) => {
    const [last] = (await refunds(order)).slice(-1);
    await bed.tell(postingCompleted(`refund-hold:${last?.id}`));
  };
  const providersRefunds = ({ paymentId }: AnOrder) => bed.simulator.control.refundsFor('payment_id', paymentId);

  it('asks the provider once the ledger has set the money aside, and posts it when it has gone back', async () => {
    const order = await bed.paidOrder();
    expect(await ask(order, '4000')).toMatchObject({ __typename: 'RefundCreated', refund: { state: 'PENDING', destination: 'ORIGINAL' } });
    expect(await providersRefunds(order)).toEqual([]);
    expect((await bed.published('PostingRequested', order)).at(-1)).toMatchObject({
      pendingUntil: expect.any(String),
      legs: [
        { debit: expect.stringMatching(/^payable:/), credit: 'system:clearing.stripe:USD', amount: { minor: '3800' }, code: 'REFUND' },
        { debit: 'system:fees:USD', credit: 'system:clearing.stripe:USD', amount: { minor: '200' }, code: 'REFUND' },
      ],
    });

    await setAside(order);
    const refund = await refundIs(order, 'SUCCEEDED');
    expect(await providersRefunds(order)).toMatchObject([{ id: refund.provider_refund_id, amount: 4_000 }]);
    expect(await bed.published('PostingResolutionRequested', order)).toMatchObject([
      { factKey: `stripe:refund:${refund.provider_refund_id}:succeeded`, pendingFactKey: `refund-hold:${refund.id}`, outcome: 'POST' },
    ]);
    expect(await bed.published('RefundSucceeded', order)).toMatchObject([{ refunded: { minor: '4000' } }]);
    expect(await bed.payment(order)).toMatchObject({ refunding_minor: '0', refunded_minor: '4000' });
  });

  it('never gives back more than was captured, however many ask at once', async () => {
    const order = await bed.paidOrder();
    const answers = await Promise.all(['6000', '6000', '6000'].map((minor) => ask(order, minor)));
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['RefundCreated', 'RefundExceedsCaptured', 'RefundExceedsCaptured']);
  });

  it('gives it back to a wallet without asking the provider', async () => {
    const order = await bed.paidOrder();
    const { walletId } = await bed.aWallet(order.customerId);
    const { refund } = await ask(order, '1000', 'WALLET');
    expect((await bed.published('PostingRequested', order)).at(-1)).toMatchObject({
      pendingUntil: null,
      legs: [{ credit: walletId }, { credit: walletId }],
    });
    await bed.tell(postingCompleted(`refund:${refund?.id}`));
    await refundIs(order, 'SUCCEEDED');
    expect(await providersRefunds(order)).toEqual([]);
  });

  it('fails without asking the provider when the ledger will not', async () => {
    const order = await bed.paidOrder();
    await ask(order, '1000');
    const [refund] = await refunds(order);
    await bed.tell(postingRefused(`refund-hold:${refund?.id}`, 'INSUFFICIENT_FUNDS'));
    expect(await refundIs(order, 'FAILED')).toMatchObject({ failure_reason: 'INSUFFICIENT_FUNDS' });
    expect(await providersRefunds(order)).toEqual([]);
    expect(await bed.published('RefundFailed', order)).toHaveLength(1);
  });

  it('waits for a bank that takes its time', async () => {
    const order = await bed.paidOrder({}, CARDS.refundWaits);
    await ask(order, '1000');
    await setAside(order);
    const { provider_refund_id } = await eventually('the provider knows it', async () => {
      const last = (await refunds(order)).at(-1);
      return last?.provider_refund_id ? last : false;
    });
    expect((await refunds(order)).at(-1)?.state).toBe('PENDING');
    await bed.simulator.control.succeedRefund(String(provider_refund_id));
    await refundIs(order, 'SUCCEEDED');
  });

  it('lets the money be asked for again when the bank sends it back', async () => {
    const order = await bed.paidOrder({}, CARDS.refundWaits);
    await ask(order, null);
    await setAside(order);
    const { provider_refund_id } = await eventually('the provider knows it', async () => {
      const last = (await refunds(order)).at(-1);
      return last?.provider_refund_id ? last : false;
    });
    await bed.simulator.control.failRefund(String(provider_refund_id));
    await refundIs(order, 'FAILED');
    expect((await bed.published('PostingResolutionRequested', order)).at(-1)).toMatchObject({ outcome: 'VOID' });
    expect(await bed.payment(order)).toMatchObject({ refunding_minor: '0', refunded_minor: '0' });
    expect(await ask(order, null)).toMatchObject({ __typename: 'RefundCreated' });
  });

  it('refunds once when answers get lost and events come twice', async () => {
    const order = await bed.paidOrder();
    await bed.simulator.control.setFaults({ lostResponse: 0.7, duplicateWebhook: 1, reorderWebhook: 0.5 });
    await ask(order, null);
    await setAside(order);
    await refundIs(order, 'SUCCEEDED').finally(() => bed.simulator.control.setFaults({}));
    expect(await providersRefunds(order)).toMatchObject([{ amount: 10_000 }]);
    expect(await bed.published('RefundSucceeded', order)).toHaveLength(1);
  });

  it('waits for whoever reviews the payment', async () => {
    const order = await bed.paidOrder();
    await bed.sql(
      `insert into fraud_reviews (id, payment_id, attempt_id, score, reasons, state, opened_at, review_until)
       select 'frv_1', id, current_attempt_id, 60, '[]', 'OPEN', now(), now() + interval '1 day' from payments where id = $1`,
      [order.paymentId],
    );
    expect(await ask(order, '100')).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: ['input', 'paymentId'] }] });
  });

  it('is about a payment that there is', async () => {
    expect(await ask({ paymentId: newId('payment') } as AnOrder, '1')).toMatchObject({ __typename: 'PaymentNotFound' });
  });
});
