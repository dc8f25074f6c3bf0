import { describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { reportOfIntent, reportOfSession } from './attempt-report.ts';

const charge = {
  id: 'ch_1',
  balance_transaction: { fee: 59, currency: 'usd' },
  payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242', fingerprint: 'fp', country: 'US' } },
};
const intent = (change: object) =>
  ({
    id: 'pi_1',
    client_secret: 'pi_1_secret',
    currency: 'usd',
    amount_received: 0,
    latest_charge: null,
    last_payment_error: null,
    metadata: {},
    ...change,
  }) as unknown as Stripe.PaymentIntent; // the fields that are read
const session = (change: object) =>
  ({
    id: 'cs_1',
    url: 'https://pay.example',
    payment_status: 'unpaid',
    payment_intent: null,
    ...change,
  }) as unknown as Stripe.Checkout.Session; // the fields that are read

const declined = { code: 'card_declined', decline_code: 'insufficient_funds' };
const paid = intent({ status: 'succeeded', amount_received: 1_000, latest_charge: charge });
const page = { kind: 'HOSTED_PAGE', url: 'https://pay.example', clientSecret: null };
const inPage = { kind: 'CONFIRM_IN_PAGE', url: null, clientSecret: 'pi_1_secret' };

describe('how a page stands', () => {
  it.each([
    ['open, untouched', session({ status: 'open' }), { kind: 'ACTION_REQUIRED', action: page, lastDecline: null, intentId: null }],
    [
      'open, after a decline',
      session({ status: 'open', payment_intent: intent({ status: 'requires_payment_method', last_payment_error: declined }) }),
      { kind: 'ACTION_REQUIRED', action: page, lastDecline: 'INSUFFICIENT_FUNDS', intentId: 'pi_1' },
    ],
    [
      'open, in 3-D Secure',
      session({ status: 'open', payment_intent: intent({ status: 'requires_action' }) }),
      { kind: 'ACTION_REQUIRED' },
    ],
    [
      'open, while the bank is asked',
      session({ status: 'open', payment_intent: intent({ status: 'processing' }) }),
      { kind: 'PROCESSING' },
    ],
    [
      'complete, paid',
      session({ status: 'complete', payment_status: 'paid', payment_intent: paid }),
      {
        kind: 'SUCCEEDED',
        sessionId: 'cs_1',
        intentId: 'pi_1',
        chargeId: 'ch_1',
        amount: { currency: 'USD', minor: 1_000n },
        fee: { currency: 'USD', minor: 59n },
        card: { brand: 'visa', last4: '4242', fingerprint: 'fp', country: 'US' },
      },
    ],
    ['complete, not paid yet', session({ status: 'complete', payment_intent: intent({ status: 'processing' }) }), { kind: 'PROCESSING' }],
    ['expired', session({ status: 'expired' }), { kind: 'CLOSED', reason: 'SESSION_EXPIRED' }],
    [
      'expired, after a decline',
      session({ status: 'expired', payment_intent: intent({ status: 'canceled', last_payment_error: declined }) }),
      { kind: 'CLOSED', reason: 'INSUFFICIENT_FUNDS' },
    ],
    ['expired, paid all the same', session({ status: 'expired', payment_intent: paid }), { kind: 'SUCCEEDED' }],
    [
      'expired, the bank still asked',
      session({ status: 'expired', payment_intent: intent({ status: 'processing' }) }),
      { kind: 'PROCESSING' },
    ],
  ])('%s', (_, given, report) => {
    expect(reportOfSession(given)).toMatchObject(report);
  });

  it.each(['requires_payment_method', 'requires_confirmation', 'requires_action'])(
    'MUST not be CLOSED while its intent could still take money: expired, %s',
    (status) => {
      expect(reportOfSession(session({ status: 'expired', payment_intent: intent({ status }) }))).toMatchObject({ kind: 'PROCESSING' });
      expect(reportOfSession(session({ status: 'expired', payment_intent: 'pi_1' }))).toMatchObject({ kind: 'PROCESSING' });
    },
  );
});

describe('how an intent without a page stands', () => {
  it.each([
    ['requires_payment_method', { kind: 'ACTION_REQUIRED', action: inPage, lastDecline: null, sessionId: null }],
    ['requires_confirmation', { kind: 'ACTION_REQUIRED', action: inPage }],
    ['requires_action', { kind: 'ACTION_REQUIRED', action: inPage }],
    ['processing', { kind: 'PROCESSING' }],
    ['requires_capture', { kind: 'PROCESSING' }],
    ['canceled', { kind: 'CLOSED', reason: 'CANCELLED' }],
  ])('%s', (status, report) => {
    expect(reportOfIntent(intent({ status }))).toMatchObject(report);
  });

  it('asks nobody to act on a saved card: its decline is closed by the call that charges it', () => {
    const saved = { status: 'requires_payment_method', last_payment_error: declined, metadata: { flow: 'saved_card' } };
    expect(reportOfIntent(intent(saved))).toMatchObject({ kind: 'PROCESSING' });
    expect(reportOfIntent(intent({ ...saved, status: 'canceled' }))).toMatchObject({ kind: 'CLOSED', reason: 'INSUFFICIENT_FUNDS' });
  });

  it('has no fee until the charge is booked, and one in another currency where the account is paid in it', () => {
    const paidWith = (booked: unknown) => intent({ status: 'succeeded', latest_charge: { ...charge, balance_transaction: booked } });
    expect(reportOfIntent(paidWith(null))).toMatchObject({ fee: null });
    expect(reportOfIntent(paidWith('txn_1'))).toMatchObject({ fee: null });
    expect(reportOfIntent(paidWith({ fee: 70, currency: 'eur' }))).toMatchObject({ fee: { currency: 'EUR', minor: 70n } });
    expect(reportOfIntent(paidWith({ fee: 70, currency: 'isk' }))).toMatchObject({ fee: null });
  });
});
