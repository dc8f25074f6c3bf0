import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs, eventually } from '@tessera/service-kit/testing';
import {
  captureRequested,
  holdFact,
  holdOf,
  openPayments,
  type PaymentsBed,
  postingCompleted,
  refundRequested,
} from '../../test/payments-bed.ts';

const MAX_SENDS = 3;
let bed: PaymentsBed;
beforeAll(async () => {
  bed = await openPayments({ answerTimeoutMs: 60, maxSends: MAX_SENDS });
});
afterAll(() => bed.close());

const sent = (type: string, paymentId: string) =>
  bed.sql<{ id: string; fact_key: string }>(
    `select id, payload ->> 'factKey' as fact_key from outbox where type = $1 and aggregate_id = $2`,
    [type, paymentId],
  );

describe('a ledger that does not answer', () => {
  it('is asked again under the same fact key, a bounded number of times, and then a person is; a late answer still counts', async () => {
    const order = await bed.aPayment('ASKED');
    await eventually('the payment needs attention', async () => (await bed.payment(order)).needs_attention);
    const sendings = await sent('HoldRequested', order.paymentId);
    expect(sendings).toHaveLength(MAX_SENDS);
    expect(new Set(sendings.map(({ id }) => id)).size).toBe(MAX_SENDS);
    expect(new Set(sendings.map(({ fact_key }) => fact_key)).size).toBe(1);
    expect(await bed.payment(order)).toMatchObject({ state: 'PENDING', attention_reason: 'LEDGER_SILENT' });

    const query = '{ payments(where: { needsAttention: true }) { edges { node { id needsAttention attempts { state } } } } }';
    expect(await bed.data(actAs.admin(), query)).toEqual({
      payments: { edges: [{ node: { id: order.paymentId, needsAttention: true, attempts: [{ state: 'UNKNOWN' }] } }] },
    });

    await bed.tell(holdFact('HoldPlaced', order, await holdOf(bed, order)));
    expect(await bed.payment(order)).toMatchObject({ state: 'AUTHORISED', needs_attention: false, attention_reason: null });
  });

  it('keeps a person asked until everything that was asked in vain has its answer', async () => {
    const order = await bed.aPayment('CAPTURED');
    await bed.tell(refundRequested(order, '100'), refundRequested(order, '200'));
    const silent = () =>
      bed.sql<{ fact_key: string }>(
        'select fact_key from ledger_commands where payment_id = $1 and answered_at is null and due_at is null',
        [order.paymentId],
      );
    await eventually('both refunds were asked in vain', async () => (await silent()).length === 2);
    const [first, second] = await silent();
    await bed.tell(postingCompleted(first?.fact_key ?? ''));
    expect(await bed.payment(order)).toMatchObject({ needs_attention: true, attention_reason: 'LEDGER_SILENT' });
    await bed.tell(postingCompleted(second?.fact_key ?? ''));
    expect(await bed.payment(order)).toMatchObject({ needs_attention: false, attention_reason: null, refunded_minor: '300' });
  });

  it('is left alone once it has answered', async () => {
    const order = await bed.aPayment('AUTHORISED');
    await bed.tell(captureRequested(order), holdFact('HoldPosted', order, await holdOf(bed, order)));
    const before = await sent('HoldPostRequested', order.paymentId);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await sent('HoldPostRequested', order.paymentId)).toEqual(before);
    expect(await bed.payment(order)).toMatchObject({ state: 'CAPTURED', needs_attention: false });
  });
});
