import { type Account, nowSeconds } from '../account/account.ts';
import { listPage, listParameters } from '../api/lists.ts';
import { changed, ignored, mergeMetadata, metadata, text } from '../api/parameters.ts';
import { endpoint } from '../api/routes.ts';
import type { Decline } from '../cards/test-cards.ts';
import { cardFee } from '../money/currencies.ts';
import { emit } from '../webhooks/events.ts';
import { moveBalance } from './balance.ts';
import type { Charge, PaymentIntent } from './money-types.ts';
import { behaviourOf } from './payment-methods.ts';
import { expectRecord, patch, previousAttributes } from './records.ts';
import type { PaymentMethod } from './types.ts';

const PATH = '/v1/charges';

const ALWAYS = {
  application: null,
  application_fee: null,
  application_fee_amount: null,
  calculated_statement_descriptor: 'SIMULATOR',
  failure_balance_transaction: null,
  fraud_details: {},
  livemode: false,
  on_behalf_of: null,
  receipt_email: null,
  receipt_number: null,
  review: null,
  shipping: null,
  source: null,
  source_transfer: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  transfer_data: null,
  transfer_group: null,
} as const;

interface ChargeOutcome {
  readonly status: 'succeeded' | 'failed';
  readonly decline?: Decline;
  readonly isAuthenticated: boolean;
}

/** A charge of the whole intent, not captured yet. */
export function createCharge(account: Account, intent: PaymentIntent, method: PaymentMethod, outcome: ChargeOutcome): Charge {
  const { decline, status, isAuthenticated } = outcome;
  const id = account.ids.next('ch');
  return account.store.put('charge', {
    ...ALWAYS,
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    balance_transaction: null,
    billing_details: method.billing_details,
    captured: false,
    created: nowSeconds(account),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    metadata: intent.metadata,
    outcome: decline ? declinedOutcome(decline) : PAID,
    paid: status === 'succeeded',
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: {
      type: 'card',
      card: { ...method.card, amount_authorized: intent.amount, three_d_secure: proof(isAuthenticated) },
    },
    receipt_url: status === 'succeeded' ? `${account.baseUrl}/payments/${intent.id}` : null,
    refunded: false,
    status,
  });
}

/** The money moves: the charge has its balance transaction from now on. @param amount at most what was authorized */
export function captureCharge(account: Account, charge: Charge, amount: number): Charge {
  const { isAvailableAtOnce } = behaviourOf(account, expectRecord(account, 'payment_method', charge.payment_method));
  const { id } = moveBalance(account, {
    amount,
    currency: charge.currency,
    fee: cardFee(amount, charge.currency),
    type: 'charge',
    category: 'charge',
    source: charge.id,
    description: charge.description,
    isAvailableAtOnce,
  });
  return patch(account, 'charge', charge, { captured: true, amount_captured: amount, balance_transaction: id });
}

const PAID = {
  advice_code: null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: 'approved_by_network',
  reason: null,
  risk_level: 'normal',
  risk_score: 12,
  seller_message: 'Payment complete.',
  type: 'authorized',
} as const;

function declinedOutcome({ declineCode, code }: Decline): Charge['outcome'] {
  const isBlocked = declineCode === 'fraudulent';
  return {
    ...PAID,
    network_decline_code: isBlocked ? null : '05',
    network_status: isBlocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: declineCode ?? code,
    risk_level: isBlocked ? 'highest' : 'normal',
    seller_message: isBlocked
      ? 'Stripe blocked this payment as too risky.'
      : 'The bank did not return any further details with this decline.',
    type: isBlocked ? 'blocked' : 'issuer_declined',
  };
}

function proof(isAuthenticated: boolean): object | null {
  if (!isAuthenticated) return null;
  return {
    authentication_flow: 'challenge',
    electronic_commerce_indicator: '05',
    result: 'authenticated',
    result_reason: null,
    version: '2.2.0',
  };
}

export const chargeEndpoints = [
  endpoint('GET', PATH, { ...listParameters, customer: text(), payment_intent: text(), transfer_group: ignored() }, (account, parameters) =>
    listPage(
      account,
      'charge',
      PATH,
      parameters,
      ({ customer, payment_intent }) =>
        [undefined, customer].includes(parameters.customer) && [undefined, payment_intent].includes(parameters.payment_intent),
    ),
  ),
  endpoint('GET', `${PATH}/:id`, {}, (account, _, id) => expectRecord(account, 'charge', id)),
  endpoint(
    'POST',
    `${PATH}/:id`,
    {
      description: text(),
      metadata: metadata(),
      receipt_email: ignored(),
      fraud_details: ignored(),
      shipping: ignored(),
      transfer_group: ignored(),
    },
    (account, parameters, id) => {
      const charge = expectRecord(account, 'charge', id);
      const updated = patch(account, 'charge', charge, {
        description: changed(parameters.description, charge.description),
        metadata: mergeMetadata(charge.metadata, parameters.metadata),
      });
      emit(account, 'charge.updated', updated, previousAttributes(charge, updated));
      return updated;
    },
  ),
];
