import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { fraudStage, type PaymentIds } from '../../test/fraud-stage.ts';
import { openPayments, type PaymentsBed } from '../../test/payments-bed.ts';
import type { FraudPhase, FraudRule } from './fraud.ts';

let bed: PaymentsBed;
let stage: ReturnType<typeof fraudStage>;
beforeAll(async () => {
  bed = await openPayments();
  stage = fraudStage(bed);
});
afterAll(() => bed.close());

const rulesOf = async (payment: PaymentIds, phase: FraudPhase = 'AFTER'): Promise<FraudRule[]> =>
  (await stage.assessed(payment, phase)).reasons.map(({ rule }) => rule);

describe('an attempt is assessed by what is stored', () => {
  it('USER_VELOCITY: attempts with the provider within the hour, this one included', async () => {
    const customerId = newId('user');
    await stage.several(8, { customerId });
    await stage.several(1, { customerId, tender: 'WALLET' });
    await stage.several(1, { customerId, minutesAgo: 61 });
    expect(await rulesOf(await stage.aPayment({ customerId }))).toEqual([]);
    expect((await stage.assessed(await stage.aPayment({ customerId }), 'BEFORE')).reasons).toEqual([
      { rule: 'USER_VELOCITY', weight: 40, detail: '10 attempts by this customer within an hour; 10 are too many.' },
    ]);
  });

  it.each([
    ['ADDRESS_VELOCITY', 20, 'addressKey'],
    ['SHIPPING_VELOCITY', 10, 'shippingKey'],
  ] as const)('%s: from %d attempts on, whoever makes them', async (rule, threshold, property) => {
    const same = { [property]: newId('event') };
    await stage.several(threshold - 2, same);
    expect(await rulesOf(await stage.aPayment(same), 'BEFORE')).toEqual([]);
    expect(await rulesOf(await stage.aPayment(same), 'BEFORE')).toEqual([rule]);
  });

  it('CARD_VELOCITY: from 8 attempts on, once the card is known', async () => {
    const card = { fingerprint: newId('event') };
    await stage.several(7, card);
    const payment = await stage.aPayment(card);
    expect(await rulesOf(payment, 'BEFORE')).toEqual([]);
    expect(await rulesOf(payment, 'AFTER')).toEqual(['CARD_VELOCITY']);
  });

  it('CARD_VELOCITY: a saved card is known before, and its declined attempts count', async () => {
    const customerId = newId('user');
    const fingerprint = newId('event');
    const methodId = await stage.aSavedCard(customerId, fingerprint, 'DE');
    await stage.several(4, { customerId, methodId });
    await stage.several(3, { fingerprint });
    expect(await rulesOf(await stage.aPayment({ customerId, methodId }), 'BEFORE')).toEqual(['CARD_VELOCITY']);
  });

  it('AMOUNT_ABOVE_HISTORY: against the largest payment that stood', async () => {
    const customerId = newId('user');
    const paying = async () => rulesOf(await stage.aPayment({ customerId, minor: 50_000n, isCaptured: false }));
    expect(await paying()).toEqual(['AMOUNT_ABOVE_HISTORY']);
    await stage.aPayment({ customerId, minor: 9_999n });
    const { paymentId: refunded } = await stage.aPayment({ customerId, minor: 90_000n });
    const { paymentId: disputed } = await stage.aPayment({ customerId, minor: 90_000n });
    const doubtful = await stage.aReview({ customerId, minor: 90_000n });
    await bed.sql('update payments set refunded_minor = 80001 where id = $1', [refunded]);
    await bed.sql('update payments set disputed_minor = 1 where id = $1', [disputed]);
    expect(await paying()).toEqual(['AMOUNT_ABOVE_HISTORY']);
    await bed.sql(`update fraud_reviews set state = 'RELEASED', decided_at = now() where id = $1`, [doubtful.reviewId]);
    expect(await paying()).toEqual([]);
  });

  it('COUNTRY_MISMATCH: the card, or the saved card, against the delivery', async () => {
    const customerId = newId('user');
    const methodId = await stage.aSavedCard(customerId, newId('event'), 'NG');
    expect(await rulesOf(await stage.aPayment({ cardCountry: 'NG', shippingCountry: 'DE' }))).toEqual(['COUNTRY_MISMATCH']);
    expect(await rulesOf(await stage.aPayment({ customerId, methodId, shippingCountry: 'DE' }), 'BEFORE')).toEqual(['COUNTRY_MISMATCH']);
    expect(await rulesOf(await stage.aPayment({ cardCountry: 'NG' }))).toEqual([]);
    expect(await rulesOf(await stage.aPayment({ cardCountry: 'NG', shippingCountry: 'DE' }), 'BEFORE')).toEqual([]);
  });

  it('NEW_ACCOUNT: accounts of the last day that spend much; one that is not known is not new', async () => {
    const spending = async (customerId: string) => rulesOf(await stage.aPayment({ customerId, minor: 50_001n, isCaptured: false }));
    const customers = await Promise.all([stage.aCustomer(23), stage.aCustomer(25)]);
    for (const customerId of customers) await stage.aPayment({ customerId, minor: 50_000n });
    expect(await spending(customers[0])).toEqual(['NEW_ACCOUNT']);
    expect(await spending(customers[1])).toEqual([]);
    expect(await spending(newId('user'))).toEqual(['AMOUNT_ABOVE_HISTORY']);
  });

  it('once per phase: the stored answer is given again', async () => {
    const payment = await stage.aPayment({ cardCountry: 'NG', shippingCountry: 'DE' });
    const before = await stage.assessed(payment, 'BEFORE');
    const after = await stage.assessed(payment);
    await stage.several(10, { customerId: payment.customerId });
    expect([await stage.assessed(payment, 'BEFORE'), await stage.assessed(payment)]).toMatchObject([before, after]);
    const rows = await bed.sql('select phase, score, outcome from fraud_assessments where payment_id = $1 order by phase', [
      payment.paymentId,
    ]);
    expect(rows).toEqual([
      { phase: 'AFTER', score: 30, outcome: 'ALLOW' },
      { phase: 'BEFORE', score: 0, outcome: 'ALLOW' },
    ]);
  });
});

describe('Payment.fraudAssessments', () => {
  const QUERY = 'query($id: ID!) { payment(id: $id) { fraudAssessments { phase score outcome reasons { rule } assessedAt } } }';

  it('is for payments:review and payments:read, and not for the customer', async () => {
    const payment = await stage.aPayment({ cardCountry: 'NG', shippingCountry: 'DE' });
    await stage.assessed(payment, 'BEFORE');
    await stage.assessed(payment, 'AFTER');
    const seenBy = async (viewer: Viewer) =>
      (await bed.data<{ payment: { fraudAssessments: unknown } }>(viewer, QUERY, { id: payment.paymentId })).payment.fraudAssessments;
    const all = [
      { phase: 'BEFORE', score: 0, outcome: 'ALLOW', reasons: [] },
      { phase: 'AFTER', score: 30, outcome: 'ALLOW', reasons: [{ rule: 'COUNTRY_MISMATCH' }] },
    ];
    expect(await seenBy(actAs.user(payment.customerId))).toBeNull();
    expect(await seenBy(actAs.user(undefined, { scopes: ['payments:read'] }))).toMatchObject(all);
    expect(await seenBy(actAs.user(payment.customerId, { scopes: ['payments:review'] }))).toMatchObject(all);
  });
});
