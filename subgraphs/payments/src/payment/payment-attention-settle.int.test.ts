import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { unitOfWork } from '@tessera/service-kit/messaging';
import { actAs } from '@tessera/service-kit/testing';
import { openPayments, type PaymentsBed } from '../../test/payments-bed.ts';
import { actOfWorker } from '../services.ts';
import { lockPayment } from './lock-payment.ts';
import { alarmOnce } from './record.ts';

const SETTLE =
  'mutation($input: PaymentAttentionSettleInput!) { paymentAttentionSettle(input: $input) { __typename ... on PaymentAttentionSettled { payment { needsAttention attentionReason } } ... on InvalidInput { issues { path } } } }';
const QUEUE = '{ payments(where: { needsAttention: true }, first: 10) { edges { node { id attentionReason } } } }';
const admin = actAs.user(undefined, { scopes: ['payments:read', 'payments:review'] });

describe('paymentAttentionSettle', () => {
  let bed: PaymentsBed;
  beforeAll(async () => {
    bed = await openPayments();
  });
  afterAll(() => bed.close());

  const alarm = async (paymentId: string, reason: string) => {
    const origin = { actor: 'service:payments', correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
    await unitOfWork(bed.subgraph.platform.orm.em, origin, async (unit) => {
      const act = actOfWorker(unit, bed.subgraph.services);
      const subject = await lockPayment(act, { id: paymentId });
      if (subject) await alarmOnce(subject.payment, reason, act);
    });
  };
  const settle = (paymentId: string, note = 'Called the bank', viewer = admin) =>
    bed.ask(viewer, SETTLE, { input: { paymentId, note } }, { key: randomUUID() });
  const queue = async () =>
    (await bed.data<{ payments: { edges: { node: object }[] } }>(admin, QUEUE)).payments.edges.map(({ node }) => node);

  it('takes a payment out of the queue, and keeps who did it and why', async () => {
    const { paymentId } = await bed.aPayment('CAPTURED');
    await alarm(paymentId, 'UNKNOWN_REFUND');
    expect(await queue()).toEqual([{ id: paymentId, attentionReason: 'UNKNOWN_REFUND' }]);
    expect((await settle(paymentId)).data).toEqual({
      paymentAttentionSettle: { __typename: 'PaymentAttentionSettled', payment: { needsAttention: false, attentionReason: null } },
    });
    expect(await queue()).toEqual([]);
    expect(
      await bed.sql(`select actor, reason from payment_events where payment_id = $1 and kind = 'ATTENTION_SETTLED'`, [paymentId]),
    ).toEqual([{ actor: admin.principal, reason: 'UNKNOWN_REFUND: Called the bank' }]);
  });

  it('is asked for once per reason, and again once that was dealt with', async () => {
    const { paymentId } = await bed.aPayment('CAPTURED');
    const alarms = async () =>
      (await bed.sql(`select from payment_events where payment_id = $1 and kind = 'ATTENTION'`, [paymentId])).length;
    await alarm(paymentId, 'AMOUNT_MISMATCH');
    await alarm(paymentId, 'AMOUNT_MISMATCH');
    expect(await alarms()).toBe(1);
    await settle(paymentId);
    await alarm(paymentId, 'AMOUNT_MISMATCH');
    expect(await alarms()).toBe(2);
    expect(await bed.payment({ paymentId })).toMatchObject({ needs_attention: true, attention_reason: 'AMOUNT_MISMATCH' });
  });

  it('refuses an empty note, an unknown payment, and whoever may not review', async () => {
    const { paymentId } = await bed.aPayment('CAPTURED');
    expect((await settle(paymentId, '  ')).data).toMatchObject({
      paymentAttentionSettle: { __typename: 'InvalidInput', issues: [{ path: ['input', 'note'] }] },
    });
    expect((await settle(newId('payment'))).data).toMatchObject({ paymentAttentionSettle: { __typename: 'PaymentNotFound' } });
    expect((await settle(paymentId, 'x', actAs.user())).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});
