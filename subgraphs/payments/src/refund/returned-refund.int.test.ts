import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { type CardsBed, openCards } from '../../test/cards-bed.ts';
import { type AnOrder, postingCompleted, postingRefused } from '../../test/payments-bed.ts';
import { createSubgraph } from '../subgraph.ts';

const REFUND =
  'mutation($input: RefundCreateInput!) { refundCreate(input: $input) { __typename ... on RefundCreated { refund { id state } } ... on RefundExceedsCaptured { refundable { minor } } } }';
const SETTLE = 'mutation($input: PaymentAttentionSettleInput!) { paymentAttentionSettle(input: $input) { __typename } }';
const SEEN =
  'query($id: ID!) { payment(id: $id) { refunded { minor } refunds { state failureReason settledAt returnedAt isStray } needsAttention } }';
const admin = actAs.user(undefined, { scopes: ['payments:read', 'payments:refund', 'payments:review'] });

interface RefundRow extends Record<string, unknown> {
  readonly id: string;
  readonly state: string;
  readonly provider_refund_id: string | null;
}

type Paid = Pick<AnOrder, 'paymentId'>;

let bed: CardsBed;
beforeAll(async () => {
  bed = await openCards();
});
afterAll(() => bed.close());

const refunds = ({ paymentId }: Paid) =>
  bed.sql<RefundRow>('select * from refunds where payment_id = $1 order by created_at, id', [paymentId]);
const ask = async ({ paymentId }: Paid, minor: string, destination = 'ORIGINAL') => {
  const input = { paymentId, amount: { currency: 'USD', minor }, destination, reason: 'Broken' };
  return (await bed.data<{ refundCreate: { __typename: string; refund?: { id: string } } }>(admin, REFUND, { input })).refundCreate;
};
/** Gives this back to the card, up to the provider's word that it has arrived. */
const arrived = async (paid: Paid, minor: string): Promise<{ readonly id: string; readonly providerId: string }> => {
  const id = ensure((await ask(paid, minor)).refund, 'a refund').id;
  await bed.tell(postingCompleted(`refund-hold:${id}`));
  const { provider_refund_id } = await eventually('it has arrived', async () => {
    const refund = (await refunds(paid)).find((one) => one.id === id);
    return refund?.state === 'SUCCEEDED' && refund;
  });
  return { id, providerId: String(provider_refund_id) };
};
const returned = (paid: Paid) =>
  eventually('it is known that it came back', async () => (await bed.payment(paid)).attention_reason === 'REFUND_FAILED_LATER');
const postingsOf = async (paid: Paid, part: string) =>
  (await bed.published('PostingRequested', paid)).filter(({ factKey }) => factKey.includes(part));

async function toppedUp(minor: string): Promise<{ readonly topUp: Paid; readonly walletId: string }> {
  const { ownerId, walletId } = await bed.aWallet(newId('user'));
  const begin = 'mutation($input: TopUpCreateInput!) { topUpCreate(input: $input) { ... on TopUpCreated { topUp { id } } } }';
  const input = { walletId, amount: { currency: 'USD', minor } };
  const { topUpCreate } = await bed.data<{ topUpCreate: { topUp: { id: string } } }>(actAs.user(ownerId), begin, { input });
  const topUp = { paymentId: topUpCreate.topUp.id };
  await bed.pay(topUp);
  await bed.until(topUp, 'CAPTURED');
  return { topUp, walletId };
}

describe('a refund that the bank sends back after it had arrived', () => {
  it('is taken back in the books by itself, is told, and a person is asked', async () => {
    const order = await bed.paidOrder();
    const { id, providerId } = await arrived(order, '4000');
    await bed.simulator.control.failRefund(providerId);
    await returned(order);

    expect(await postingsOf(order, ':returned')).toMatchObject([
      {
        factKey: `stripe:refund:${providerId}:returned`,
        pendingUntil: null,
        legs: [
          {
            debit: 'system:clearing.stripe:USD',
            credit: expect.stringMatching(/^payable:/),
            amount: { minor: '3800' },
            code: 'REFUND_RETURNED',
          },
          { debit: 'system:clearing.stripe:USD', credit: 'system:fees:USD', amount: { minor: '200' }, code: 'REFUND_RETURNED' },
        ],
      },
    ]);
    expect(await bed.published('RefundReturned', order)).toMatchObject([{ refundId: id, refunded: { minor: '4000' } }]);
    expect(await bed.published('RefundFailed', order)).toEqual([]);
    expect(await bed.payment(order)).toMatchObject({ refunding_minor: '0', refunded_minor: '0', returned_minor: '4000' });
    const { payment } = await bed.data<{ payment: object }>(admin, SEEN, { id: order.paymentId });
    const seen = { state: 'FAILED', failureReason: 'EXPIRED_OR_CANCELED_CARD', isStray: false };
    const times = { settledAt: expect.any(String), returnedAt: expect.any(String) };
    expect(payment).toEqual({ refunded: { minor: '0' }, refunds: [{ ...seen, ...times }], needsAttention: true });
  });

  it('can be given back whole by another way, and whoever did that settles it', async () => {
    const order = await bed.paidOrder();
    const { providerId } = await arrived(order, '10000');
    expect(await ask(order, '1', 'WALLET')).toMatchObject({ __typename: 'PaymentNotRefundable' });
    await bed.simulator.control.failRefund(providerId);
    await returned(order);
    await bed.aWallet(order.customerId);
    const { __typename, refund } = await ask(order, '10000', 'WALLET');
    expect(__typename).toBe('RefundCreated');
    await bed.tell(postingCompleted(`refund:${refund?.id}`));
    expect(await bed.payment(order)).toMatchObject({ refunded_minor: '10000', returned_minor: '10000', needs_attention: true });
    expect(await ask(order, '1', 'WALLET')).toMatchObject({ __typename: 'PaymentNotRefundable' });

    const input = { paymentId: order.paymentId, note: 'Paid to their wallet.' };
    await bed.data(admin, SETTLE, { input });
    expect(await bed.payment(order)).toMatchObject({ needs_attention: false });
  });

  it('MUST be taken back once, however often it is told, and by however many processes', async () => {
    const second = createSubgraph(bed.config as never); // one configuration for both
    await second.start();
    try {
      const order = await bed.paidOrder();
      const { providerId } = await arrived(order, '500');
      await bed.simulator.control.setFaults({ duplicateWebhook: 1, reorderWebhook: 0.5 });
      await bed.simulator.control.failRefund(providerId);
      await returned(order);
      const told = (await bed.simulator.control.events()).filter(({ data }) => data.object.id === providerId);
      for (const { id } of told) await bed.simulator.control.resendTwice(id);
      await eventually('all of it is worked on', async () => {
        const open = await bed.sql(`select from provider_calls where payment_id = $1 and state <> 'DONE' and kind = 'REFUND'`, [
          order.paymentId,
        ]);
        const events = await bed.sql(`select from webhook_inbox where state = 'RECEIVED'`);
        return open.length === 0 && events.length === 0;
      });
      expect(await postingsOf(order, ':returned')).toHaveLength(1);
      expect(await bed.published('RefundReturned', order)).toHaveLength(1);
      expect(await bed.payment(order)).toMatchObject({ refunded_minor: '0', returned_minor: '500' });
    } finally {
      await bed.simulator.control.setFaults({});
      await second.close();
    }
  });

  it('that was never known to have arrived leaves no trace in the ledger', async () => {
    const order = await bed.paidOrder();
    await bed.simulator.control.hold('ALL');
    await bed.simulator.control.setFaults({ lostResponse: 1 });
    const { refund } = await ask(order, '700');
    await bed.tell(postingCompleted(`refund-hold:${refund?.id}`));
    const [there] = await eventually('the provider has made it', async () => {
      const made = await bed.simulator.control.refundsFor('refund_id', String(refund?.id));
      return made.length > 0 && made;
    });
    await bed.simulator.control.failRefund(String(there?.id));
    await bed.simulator.control.setFaults({});
    await bed.simulator.control.release('ALL');
    await eventually('it has failed', async () => (await refunds(order)).at(-1)?.state === 'FAILED');
    expect(await bed.published('PostingResolutionRequested', order)).toMatchObject([{ outcome: 'VOID' }]);
    expect(await postingsOf(order, ':returned')).toEqual([]);
    expect(await bed.payment(order)).toMatchObject({ refunded_minor: '0', returned_minor: '0', needs_attention: false });
  });

  it('to a top-up whose wallet was closed since waits in escrow, from where it can go back again', async () => {
    const { topUp, walletId } = await toppedUp('2500');
    const { providerId } = await arrived(topUp, '1000');
    await bed.simulator.control.failRefund(providerId);
    await returned(topUp);
    const key = `stripe:refund:${providerId}:returned`;
    expect(await postingsOf(topUp, key)).toMatchObject([{ legs: [{ credit: walletId, amount: { minor: '1000' } }] }]);

    await bed.tell(postingRefused(key, 'ACCOUNT_CLOSED'));
    expect((await postingsOf(topUp, key)).at(-1)).toMatchObject({
      factKey: `${key}:escrow`,
      legs: [{ debit: 'system:clearing.stripe:USD', credit: 'system:escrow:USD', amount: { minor: '1000' } }],
    });
    const [row] = await bed.sql<{ split: unknown }>('select split from payments where id = $1', [topUp.paymentId]);
    expect(row?.split).toEqual([
      { account: walletId, minor: '1500' },
      { account: 'system:escrow:USD', minor: '1000' },
    ]);
    expect(await bed.payment(topUp)).toMatchObject({ attention_reason: 'REFUND_FAILED_LATER' });
  });

  it('MUST be refundable again after several came back to a wallet that was closed', async () => {
    const { topUp } = await toppedUp('1000');
    const gone = [await arrived(topUp, '300'), await arrived(topUp, '700')];
    for (const { providerId } of gone) {
      const key = `stripe:refund:${providerId}:returned`;
      await bed.simulator.control.failRefund(providerId);
      await eventually('it came back', async () => (await postingsOf(topUp, key)).length > 0);
      await bed.tell(postingRefused(key, 'ACCOUNT_CLOSED'));
    }
    const [row] = await bed.sql<{ split: unknown }>('select split from payments where id = $1', [topUp.paymentId]);
    expect(row?.split).toEqual([{ account: 'system:escrow:USD', minor: '1000' }]);
    for (const minor of ['500', '500']) await arrived(topUp, minor);
    expect(await bed.payment(topUp)).toMatchObject({ refunded_minor: '1000', returned_minor: '1000' });
    expect(await ask(topUp, '1')).toMatchObject({ __typename: 'PaymentNotRefundable' });
  });
});

describe('what the database holds of refunds', () => {
  it.each([
    ['less refunded than before', 'update payments set refunded_minor = 0 where id = $1', /only grow/],
    [
      'more returned than refunded less',
      'update payments set refunded_minor = 0, returned_minor = returned_minor + 1 where id = $1',
      /only grow/,
    ],
    ['a refund that came back and stands', 'update refunds set returned_at = now() where payment_id = $1', /refunds_returned_has_failed/],
  ])('refuses %s', async (_what, statement, refusal) => {
    const order = await bed.paidOrder();
    await arrived(order, '300');
    await expect(bed.sql(statement, [order.paymentId])).rejects.toThrow(refusal);
  });
});
