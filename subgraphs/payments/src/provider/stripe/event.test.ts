import { describe, expect, it } from '@jest/globals';
import { providerEvent } from './event.ts';
import { subjectOf } from './event-subject.ts';

const attempt = (sessionId: string | null, attemptId: string | null = 'att_1') => ({
  kind: 'ATTEMPT',
  attemptId,
  sessionId,
  intentId: 'pi_1',
});
const session = { id: 'cs_1', mode: 'payment', client_reference_id: 'att_1', payment_intent: 'pi_1', metadata: {} };
const intent = { id: 'pi_1', metadata: { attempt_id: 'att_1' } };
const charge = { id: 'ch_1', payment_intent: 'pi_1', metadata: { attempt_id: 'att_1' } };
const refund = { id: 're_1', payment_intent: 'pi_1', metadata: { refund_id: 'rfd_1' } };
const dispute = { id: 'du_1', payment_intent: 'pi_1', charge: 'ch_1' };
const refunded = { kind: 'REFUND', refundId: 'rfd_1', providerRefundId: 're_1', intentId: 'pi_1' };
const disputed = { kind: 'DISPUTE', providerDisputeId: 'du_1', intentId: 'pi_1', chargeId: 'ch_1' };

describe('the subject of an event', () => {
  it.each([
    ['checkout.session.completed', session, attempt('cs_1')],
    ['checkout.session.expired', { ...session, payment_intent: null }, { ...attempt('cs_1'), intentId: null }],
    ['checkout.session.async_payment_failed', { ...session, payment_intent: { id: 'pi_1' } }, attempt('cs_1')],
    ['checkout.session.completed', { ...session, mode: 'subscription' }, { kind: 'NONE' }],
    ['payment_intent.succeeded', intent, attempt(null)],
    ['payment_intent.payment_failed', { id: 'pi_1', metadata: {} }, attempt(null, null)],
    ['charge.succeeded', charge, attempt(null)],
    ['charge.updated', charge, attempt(null)],
    ['charge.refunded', charge, attempt(null)],
    ['refund.created', refund, refunded],
    ['refund.failed', refund, refunded],
    ['charge.refund.updated', refund, refunded],
    ['refund.updated', { ...refund, metadata: null }, { ...refunded, refundId: null }],
    ['charge.dispute.created', dispute, disputed],
    ['charge.dispute.funds_reinstated', dispute, disputed],
    ['setup_intent.succeeded', { id: 'seti_1', metadata: { method_id: 'mth_1' } }, { kind: 'METHOD', methodId: 'mth_1', sessionId: null }],
    [
      'checkout.session.completed',
      { ...session, mode: 'setup', client_reference_id: 'mth_1' },
      { kind: 'METHOD', methodId: 'mth_1', sessionId: 'cs_1' },
    ],
    ['payment_intent.succeeded', { id: 'pi_1', metadata: { attempt_id: 'att\0_1' } }, attempt(null, null)],
    ['customer.updated', { id: 'cus_1' }, { kind: 'NONE' }],
    ['payout.paid', { id: 'po_1' }, { kind: 'NONE' }],
    ['refund.created', {}, { kind: 'NONE' }],
  ])('of %s is what is to be read again', (type, object, subject) => {
    expect(subjectOf(type, object)).toEqual(subject);
  });
});

describe('an event that cannot be kept', () => {
  const event = { id: 'evt_1', object: 'event', type: 'customer.updated', created: 1, data: { object: { id: 'cus_1' } } };

  it.each([
    ['its id', { id: 'evt\0_1' }],
    ['its type', { type: 'customer\0.updated' }],
    ["its object's id", { data: { object: { id: 'cus_1\0' } } }],
  ])('MUST be none: a NUL is in %s', (_where, change) => {
    expect(providerEvent(event)).not.toBeNull();
    expect(providerEvent({ ...event, ...change })).toBeNull();
  });

  it('is not one whose NUL is in what nobody keeps, or that has no object id', () => {
    expect(providerEvent({ ...event, data: { object: { id: 'cus_1', description: 'a\0b' } } })).toMatchObject({ objectId: 'cus_1' });
    expect(providerEvent({ ...event, data: { object: {} } })).toMatchObject({ objectId: null });
  });
});

describe('the payload of an event', () => {
  it('MUST hold nothing but its id, type and time and the id of its object', () => {
    const card = { brand: 'visa', last4: '4242', fingerprint: 'fp_1', exp_month: 12, exp_year: 2034, country: 'DE' };
    const event = {
      id: 'evt_1',
      object: 'event',
      type: 'payment_intent.payment_failed',
      created: 1,
      api_version: '2026-10-28.endive',
      request: { id: 'req_1', idempotency_key: 'att_1:open-attempt' },
      data: {
        object: {
          ...intent,
          amount: 1_000,
          client_secret: 'pi_1_secret_2',
          receipt_url: 'https://pay.stripe.com/receipts/secret',
          url: 'https://checkout.stripe.com/c/pay/cs_1#secret',
          next_action: { redirect_to_url: { url: 'https://hooks.stripe.com/redirect/secret' } },
          receipt_email: 'ada@example.com',
          charges: [{ payment_method_details: { type: 'card', card }, shipping: { name: 'Ada' } }],
        },
        previous_attributes: { url: 'https://checkout.stripe.com/secret' },
      },
    };
    const kept = providerEvent(event);
    expect(kept?.payload).toEqual({ id: 'evt_1', type: 'payment_intent.payment_failed', created: 1, object: 'pi_1' });
    expect(kept?.subject).toEqual({ kind: 'ATTEMPT', attemptId: 'att_1', sessionId: null, intentId: 'pi_1' });
  });
});
