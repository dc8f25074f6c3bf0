import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { customerOf, openPayments, type PaymentsBed, postingCompleted, postingRefused } from '../../test/payments-bed.ts';

const CREATE = `mutation($input: RefundCreateInput!) { refundCreate(input: $input) {
  __typename ... on RefundCreated { refund { id state reason destination amount { currency minor } wallet { id } payment { id } } }
  ... on RefundExceedsCaptured { refundable { minor currency decimal } } ... on PaymentNotRefundable { state }
  ... on InvalidInput { issues { path } } } }`;
const agent = actAs.user(undefined, { scopes: ['payments:refund', 'payments:read'] });

let bed: PaymentsBed;
beforeAll(async () => {
  bed = await openPayments();
});
afterAll(() => bed.close());

async function create(
  input: object,
  key: string = newId('event'),
  viewer: Viewer = agent,
): Promise<Record<string, never> & { __typename: string }> {
  const { data, errors } = await bed.ask(viewer, CREATE, { input: { reason: 'broken', ...input } }, { key });
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.refundCreate as never;
}
const usd = (minor: string) => ({ currency: 'USD', minor });

describe('refundCreate', () => {
  it('gives back a part, then all that is left, each exactly once', async () => {
    const order = await bed.aPayment('CAPTURED');
    const first = await create({ paymentId: order.paymentId, amount: usd('3333') }, 'first');
    expect(first).toMatchObject({
      __typename: 'RefundCreated',
      refund: {
        state: 'PENDING',
        reason: 'broken',
        destination: 'WALLET',
        amount: usd('3333'),
        wallet: { id: order.walletId },
        payment: { id: order.paymentId },
      },
    });
    expect(await create({ paymentId: order.paymentId, amount: usd('3333') }, 'first')).toEqual(first);
    expect(await create({ paymentId: order.paymentId })).toMatchObject({ refund: { amount: usd('6667') } });

    const postings = await bed.published('PostingRequested', order);
    expect(postings).toHaveLength(2);
    await bed.tell(...postings.map(({ factKey }) => postingCompleted(factKey)));
    const query = 'query($id: ID!) { payment(id: $id) { refunded { minor } refunds { state reason settledAt } } }';
    const { payment } = await bed.data<{ payment: object }>(customerOf(order), query, { id: order.paymentId });
    expect(payment).toMatchObject({ refunded: { minor: '10000' }, refunds: [{ state: 'SUCCEEDED' }, { state: 'SUCCEEDED' }] });

    const perAccount = new Map<string, bigint>();
    for (const leg of postings.flatMap(({ legs }) => legs))
      perAccount.set(leg.debit, (perAccount.get(leg.debit) ?? 0n) + BigInt(leg.amount.minor));
    expect([...perAccount.values()]).toEqual([9_500n, 500n]);
    expect(await create({ paymentId: order.paymentId })).toEqual({ __typename: 'PaymentNotRefundable', state: 'CAPTURED' });
  });

  it('never gives back more than was captured, however many ask at once', async () => {
    const order = await bed.aPayment('CAPTURED');
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => create({ paymentId: order.paymentId, amount: usd('3000') })));
    expect(outcomes.filter(({ __typename }) => __typename === 'RefundCreated')).toHaveLength(3);
    expect(outcomes.find(({ __typename }) => __typename !== 'RefundCreated')).toEqual({
      __typename: 'RefundExceedsCaptured',
      refundable: { ...usd('1000'), decimal: '10.00' },
    });
    expect(await bed.payment(order)).toMatchObject({ refunding_minor: '9000' });
  });

  it('answers a refusal again that was true then', async () => {
    const order = await bed.aPayment('CAPTURED');
    await create({ paymentId: order.paymentId });
    const refused = await create({ paymentId: order.paymentId, amount: usd('10000') }, 'later');
    expect(refused.__typename).toBe('PaymentNotRefundable');
    const [posting] = await bed.published('PostingRequested', order);
    await bed.tell(postingRefused(posting?.factKey ?? ''));
    expect(await create({ paymentId: order.paymentId, amount: usd('10000') }, 'later')).toEqual(refused);
    expect(await create({ paymentId: order.paymentId, amount: usd('10000') })).toMatchObject({ __typename: 'RefundCreated' });
  });

  it('goes to another wallet of the customer when the one that paid is closed, and fails without any', async () => {
    const order = await bed.aPayment('CAPTURED');
    const closing = { ownerId: order.customerId, walletId: order.walletId, currency: 'USD' };
    await bed.tell({ type: 'WalletClosed', aggregateId: order.walletId, payload: closing });
    expect(await create({ paymentId: order.paymentId, amount: usd('1') })).toMatchObject({ refund: { state: 'FAILED' } });
    const { walletId } = await bed.aWallet(order.customerId);
    expect(await create({ paymentId: order.paymentId, amount: usd('1') })).toMatchObject({
      refund: { state: 'PENDING', wallet: { id: walletId } },
    });
    expect(await bed.published('RefundFailed', order)).toMatchObject([{ reason: 'WALLET_NOT_FOUND' }]);
  });

  it('refuses another currency, what was not captured, and what is not there', async () => {
    const order = await bed.aPayment('CAPTURED');
    const authorised = await bed.aPayment('AUTHORISED');
    expect(await create({ paymentId: order.paymentId, amount: { currency: 'EUR', minor: '1' } })).toEqual({
      __typename: 'CurrencyMismatch',
    });
    expect(await create({ paymentId: authorised.paymentId })).toEqual({ __typename: 'PaymentNotRefundable', state: 'AUTHORISED' });
    expect(await create({ paymentId: newId('payment') })).toEqual({ __typename: 'PaymentNotFound' });
  });

  it.each([
    ['a negative amount', { amount: usd('-1') }],
    ['nothing', { amount: usd('0') }],
    ['a blank reason', { reason: ' \n' }],
    ['a reason of 1 MB', { reason: 'x'.repeat(1_000_000) }],
    ['a foreign id', { paymentId: newId('order') }],
  ])('refuses %s, and the key stays free', async (_what, input) => {
    const { paymentId } = await bed.aPayment('CAPTURED');
    const key = newId('event');
    expect(await create({ paymentId, ...input }, key)).toMatchObject({ __typename: 'InvalidInput' });
    expect(await create({ paymentId, amount: usd('1') }, key)).toMatchObject({ __typename: 'RefundCreated' });
  });

  it('refuses the largest amount like any that is too large', async () => {
    const { paymentId } = await bed.aPayment('CAPTURED');
    expect(await create({ paymentId, amount: usd('9223372036854775807') })).toMatchObject({ __typename: 'RefundExceedsCaptured' });
  });

  it('needs the scope, also from the customer', async () => {
    const order = await bed.aPayment('CAPTURED');
    const { errors } = await bed.ask(customerOf(order), CREATE, { input: { paymentId: order.paymentId, reason: 'mine' } }, { key: 'x' });
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(await bed.published('PostingRequested', order)).toEqual([]);
  });
});
