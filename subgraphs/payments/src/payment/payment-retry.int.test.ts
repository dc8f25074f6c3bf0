import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import {
  type AnOrder,
  customerOf,
  holdFact,
  holdOf,
  holdRefused,
  openPayments,
  type PaymentsBed,
  requested,
  voidRequested,
} from '../../test/payments-bed.ts';

const RETRY = `mutation($input: PaymentRetryInput!) { paymentRetry(input: $input) {
  __typename ... on PaymentRetried { payment { id state failureReason attempts { number state failureReason wallet { id } } } }
  ... on PaymentNotRetryable { state code } ... on PaymentNotFound { code } ... on InvalidInput { issues { path code } } } }`;

let bed: PaymentsBed;
beforeAll(async () => {
  bed = await openPayments();
});
afterAll(() => bed.close());

async function aFailedPayment(): Promise<AnOrder> {
  const order = await bed.aPayment('ASKED');
  await bed.tell(holdRefused(order, (await holdOf(bed, order)).factKey));
  return order;
}

const retry = (viewer: Viewer, input: object, key: string = newId('event')) => bed.ask(viewer, RETRY, { input }, { key });

function typenameOf(data: Awaited<ReturnType<typeof retry>>['data']): string {
  return (data as { paymentRetry: { __typename: string } }).paymentRetry.__typename; // an answer without errors has it
}

describe('paymentRetry', () => {
  it('asks for a new hold on the other wallet, and the payment goes on', async () => {
    const order = await aFailedPayment();
    const first = await holdOf(bed, order);
    const { walletId } = await bed.aWallet(order.customerId);
    const { data } = await retry(customerOf(order), { paymentId: order.paymentId, walletId });
    expect(data?.paymentRetry).toEqual({
      __typename: 'PaymentRetried',
      payment: {
        id: order.paymentId,
        state: 'PENDING',
        failureReason: null,
        attempts: [
          { number: 1, state: 'FAILED', failureReason: 'INSUFFICIENT_FUNDS', wallet: { id: order.walletId } },
          { number: 2, state: 'PENDING', failureReason: null, wallet: { id: walletId } },
        ],
      },
    });
    const second = await holdOf(bed, order);
    expect((await bed.published('HoldRequested', order)).map(({ factKey }) => factKey)).toEqual([first.factKey, second.factKey]);

    await bed.tell(holdRefused(order, first.factKey), holdFact('HoldPlaced', order, second));
    expect(await bed.payment(order)).toMatchObject({ state: 'AUTHORISED' });
  });

  it('is not touched by what is told again of the hold of an earlier attempt', async () => {
    const order = await bed.aPayment('AUTHORISED');
    const first = await holdOf(bed, order);
    await bed.tell(holdFact('HoldExpired', order, first));
    await retry(customerOf(order), { paymentId: order.paymentId, walletId: order.walletId });
    await bed.tell(holdFact('HoldPlaced', order, first), holdFact('HoldExpired', order, first));
    expect(await bed.payment(order)).toMatchObject({ state: 'PENDING', needs_attention: false });
    expect(await bed.sql('select type, error from dead_letters')).toEqual([]);
    await bed.tell(holdFact('HoldPlaced', order, await holdOf(bed, order)));
    expect(await bed.payment(order)).toMatchObject({ state: 'AUTHORISED' });
  });

  it('has one effect for a key, and one for two keys at once', async () => {
    const order = await aFailedPayment();
    const input = { paymentId: order.paymentId, walletId: order.walletId };
    const [one, two, other] = await Promise.all([
      retry(customerOf(order), input, 'k1'),
      retry(customerOf(order), input, 'k1'),
      retry(customerOf(order), input, 'k2'),
    ]);
    const names = [one, two, other].map(({ data }) => typenameOf(data));
    expect(names[0]).toBe(names[1]);
    expect(names.filter((name) => name === 'PaymentNotRetryable').length).toBe(names[0] === 'PaymentRetried' ? 1 : 2);
    expect(await bed.published('HoldRequested', order)).toHaveLength(2);
  });

  it('refuses what has not failed, is voided, or is past its deadline', async () => {
    const pending = await bed.aPayment('ASKED');
    const voided = await aFailedPayment();
    const late = await aFailedPayment();
    await bed.tell(voidRequested(voided));
    await bed.sql(`update payments set deadline = now() where id = $1`, [late.paymentId]);
    for (const [order, state] of [
      [pending, 'PENDING'],
      [voided, 'VOIDED'],
      [late, 'FAILED'],
    ] as const) {
      const { data } = await retry(customerOf(order), { paymentId: order.paymentId, walletId: order.walletId });
      expect(data?.paymentRetry).toEqual({ __typename: 'PaymentNotRetryable', state, code: 'PAYMENT_NOT_RETRYABLE' });
    }
  });

  it('answers alike for somebody else’s payment and for none', async () => {
    const order = await aFailedPayment();
    for (const paymentId of [order.paymentId, newId('payment')]) {
      const { data } = await retry(actAs.admin(), { paymentId, walletId: order.walletId });
      expect(data?.paymentRetry).toEqual({ __typename: 'PaymentNotFound', code: 'PAYMENT_NOT_FOUND' });
    }
    expect(await bed.payment(order)).toMatchObject({ state: 'FAILED' });
  });

  it('fails again with a wallet that is somebody else’s', async () => {
    const order = await aFailedPayment();
    const { walletId } = await bed.aWallet();
    await retry(customerOf(order), { paymentId: order.paymentId, walletId });
    expect(await bed.published('HoldRequested', order)).toHaveLength(1);
  });

  it('is for signed-in users', async () => {
    const { data, errors } = await retry(actAs.visitor(), { paymentId: newId('payment'), walletId: newId('wallet') });
    expect([data, errors]).toMatchObject([null, [{ extensions: { code: 'UNAUTHENTICATED' } }]]);
  });

  it.each(['', 'x'.repeat(1_000_000), '\u202Epay_', newId('order'), 'pay_\u0000'])('refuses a malformed id (%#)', async (bad) => {
    const order = await aFailedPayment();
    for (const input of [
      { paymentId: bad, walletId: order.walletId },
      { paymentId: order.paymentId, walletId: bad },
    ])
      expect(typenameOf((await retry(customerOf(order), input)).data)).toBe('InvalidInput');
    expect(await bed.payment(order)).toMatchObject({ state: 'FAILED' });
  });

  it('is asked again only by a new payment of the order', async () => {
    const order = await aFailedPayment();
    await bed.tell(requested(order));
    expect(await bed.payment(order)).toMatchObject({ state: 'FAILED' });
  });
});
