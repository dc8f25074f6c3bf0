import { createHash } from 'node:crypto';
import { type Account, nowSeconds } from '../account/account.ts';
import type { CardRecord } from '../account/tables.ts';
import { ApiError, invalidParameter, noSuch, refused } from '../api/errors.ts';
import { listPage, listParameters } from '../api/lists.ts';
import { choice, ignored, integer, mergeMetadata, metadata, nested, required, text } from '../api/parameters.ts';
import { endpoint } from '../api/routes.ts';
import { DECLINES, type Decline, findTestCard, hasValidChecksum, type TestCard } from '../cards/test-cards.ts';
import { numberOfToken } from '../cards/test-tokens.ts';
import { emit } from '../webhooks/events.ts';
import { expectRecord, patch, previousAttributes } from './records.ts';
import type { BillingDetails, CardDetails, Metadata, PaymentMethod } from './types.ts';

const PATH = '/v1/payment_methods';
const FINGERPRINT_CHARACTERS = 16;
const TOKEN_EXPIRY = { month: 12, yearsAhead: 8 };

export interface NewCard {
  /** Digits only. */
  readonly number: string;
  readonly expMonth: number;
  /** Four digits. */
  readonly expYear: number;
  readonly hasCvc: boolean;
  readonly name?: string | null;
  readonly email?: string | null;
  readonly country?: string | null;
  readonly metadata?: Metadata;
}

/** @throws ApiError 402 for a number, an expiry or a card that Stripe would not even look at */
export function createPaymentMethod(account: Account, card: NewCard): PaymentMethod {
  const testCard = checkCard(account, card);
  const method = account.store.put('payment_method', {
    ...{ allow_redisplay: 'unspecified', customer_account: null, livemode: false },
    id: account.ids.next('pm'),
    object: 'payment_method',
    billing_details: billingDetails(card),
    card: cardDetails(testCard, card),
    created: nowSeconds(account),
    customer: null,
    metadata: card.metadata ?? {},
    type: 'card',
  });
  account.store.put('card', { id: method.id, number: card.number, isSetUp: false, isSpent: false });
  return method;
}

/** A payment method by id, or a new one for a test token such as `pm_card_visa`. @throws ApiError 400 resource_missing */
export function resolvePaymentMethod(account: Account, idOrToken: string, parameter = 'payment_method'): PaymentMethod {
  const number = numberOfToken(idOrToken);
  if (number === undefined) return expectRecord(account, 'payment_method', idOrToken, parameter);
  const expYear = new Date(account.clock.nowMs()).getUTCFullYear() + TOKEN_EXPIRY.yearsAhead;
  return createPaymentMethod(account, { number, expMonth: TOKEN_EXPIRY.month, expYear, hasCvc: true });
}

/** @throws ApiError 402 when the card is one that declines */
export function attachPaymentMethod(account: Account, method: PaymentMethod, customer: string): PaymentMethod {
  if (method.customer === customer) return method;
  if (method.customer !== null) throw refused('The payment method you provided has already been attached to a customer.');
  if (cardOf(account, method).isSpent) throw spent();
  const { canBeSaved, decline } = behaviourOf(account, method);
  if (!canBeSaved && decline) throw cardRefused(decline);
  const attached = patch(account, 'payment_method', method, { customer });
  emit(account, 'payment_method.attached', attached);
  return attached;
}

export function detachPaymentMethod(account: Account, method: PaymentMethod): PaymentMethod {
  if (method.customer === null) throw refused('The payment method you provided is not attached to a customer so detachment is impossible.');
  const detached = patch(account, 'payment_method', method, { customer: null });
  patch(account, 'card', cardOf(account, method), { isSpent: true });
  emit(account, 'payment_method.detached', detached, previousAttributes(method, detached));
  return detached;
}

/**
 * Whether a payment for this customer, or for none, may use the method.
 * @throws ApiError 400 when it belongs to someone else, or was used once without being attached
 */
export function checkUsable(account: Account, method: PaymentMethod, customer: string | null): void {
  if (method.customer === null) {
    if (cardOf(account, method).isSpent) throw spent();
    return;
  }
  if (customer === null) {
    throw refused(
      `The PaymentMethod ${method.id} belongs to the Customer ${method.customer}. Please include the Customer in the \`customer\` parameter.`,
      { param: 'payment_method' },
    );
  }
  if (customer !== method.customer) {
    throw refused(
      `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
      { param: 'payment_method' },
    );
  }
}

export function cardOf({ store }: Account, method: PaymentMethod): CardRecord {
  return store.get('card', method.id) ?? { id: method.id, number: '', isSetUp: false, isSpent: false };
}

export function behaviourOf(account: Account, method: PaymentMethod): TestCard {
  const behaviour = findTestCard(cardOf(account, method).number);
  if (!behaviour) throw new Error(`The card of ${method.id} is unknown.`);
  return behaviour;
}

function cardRefused({ code, declineCode, message }: Decline, param?: string): ApiError {
  return new ApiError(402, {
    type: 'card_error',
    code,
    message,
    ...(declineCode && { decline_code: declineCode }),
    ...(param && { param }),
  });
}

function checkCard(account: Account, { number, expMonth, expYear }: NewCard): TestCard {
  if (!hasValidChecksum(number)) {
    throw cardRefused({ code: 'incorrect_number', declineCode: null, message: 'Your card number is incorrect.' }, 'number');
  }
  const now = new Date(account.clock.nowMs());
  if (expMonth < 1 || expMonth > 12) {
    throw cardRefused(
      { code: 'invalid_expiry_month', declineCode: null, message: "Your card's expiration month is invalid." },
      'exp_month',
    );
  }
  if (expYear < now.getUTCFullYear() || (expYear === now.getUTCFullYear() && expMonth < now.getUTCMonth() + 1)) {
    throw cardRefused({ code: 'invalid_expiry_year', declineCode: null, message: "Your card's expiration year is invalid." }, 'exp_year');
  }
  const testCard = findTestCard(number);
  if (!testCard) throw cardRefused(DECLINES.liveCard);
  return testCard;
}

function cardDetails({ brand, country, funding, number }: TestCard, { expMonth, expYear, hasCvc }: NewCard): CardDetails {
  return {
    ...{ display_brand: brand, generated_from: null, networks: { available: [brand], preferred: null }, regulated_status: 'unregulated' },
    ...{ three_d_secure_usage: { supported: true }, wallet: null },
    brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: hasCvc ? 'pass' : null },
    country,
    exp_month: expMonth,
    exp_year: expYear,
    // Of the number alone, so that the same card is recognised whoever shows it.
    fingerprint: createHash('sha256')
      .update(`fingerprint/${number}`)
      .digest('base64url')
      .replace(/[-_]/g, '')
      .slice(0, FINGERPRINT_CHARACTERS),
    funding,
    last4: number.slice(-4),
  };
}

function billingDetails({ name = null, email = null, country = null }: Partial<NewCard>): BillingDetails {
  const address = { city: null, country, line1: null, line2: null, postal_code: null, state: null };
  return { address, email, name, phone: null, tax_id: null };
}

function spent(): ApiError {
  return refused(
    'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, or was detached from a Customer, and may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
    { param: 'payment_method', code: 'payment_method_unactivated' },
  );
}

const billing = nested({ name: text(), email: text(), phone: ignored(), address: ignored(), tax_id: ignored() });
export const cardParameters = nested({
  number: text(),
  exp_month: integer(),
  exp_year: integer(),
  cvc: text(),
  token: text(),
  networks: ignored(),
});

const createParameters = {
  type: required(choice(['card'])),
  card: required(cardParameters),
  billing_details: billing,
  metadata: metadata(),
  allow_redisplay: ignored(),
};

export const paymentMethodEndpoints = [
  endpoint('POST', PATH, createParameters, (account, { card, billing_details: owner, metadata: change }) => {
    const number = card.token === undefined ? card.number?.replace(/\D/g, '') : numberOfToken(card.token);
    if (card.token !== undefined && number === undefined) throw noSuch('token', card.token, 'card[token]');
    if (number === undefined) throw invalidParameter('Missing required param: card[number].', 'card[number]', 'parameter_missing');
    return createPaymentMethod(account, {
      number,
      expMonth: card.exp_month ?? TOKEN_EXPIRY.month,
      expYear: fullYear(card.exp_year ?? new Date(account.clock.nowMs()).getUTCFullYear() + TOKEN_EXPIRY.yearsAhead),
      hasCvc: card.cvc !== undefined || card.token !== undefined,
      name: owner?.name ?? null,
      email: owner?.email ?? null,
      metadata: mergeMetadata({}, change),
    });
  }),
  endpoint('GET', PATH, { ...listParameters, customer: text(), type: text() }, (account, parameters) =>
    // Without a customer, Stripe lists none but those of Treasury.
    listPage(account, 'payment_method', PATH, parameters, ({ customer }) => customer !== null && customer === parameters.customer),
  ),
  endpoint('GET', `${PATH}/:id`, {}, (account, _, id) => resolvePaymentMethod(account, id, 'id')),
  endpoint(
    'POST',
    `${PATH}/:id`,
    { metadata: metadata(), billing_details: billing, card: ignored(), allow_redisplay: ignored() },
    (account, parameters, id) => {
      const method = expectRecord(account, 'payment_method', id);
      const { name, email } = parameters.billing_details ?? {};
      const updated = patch(account, 'payment_method', method, {
        metadata: mergeMetadata(method.metadata, parameters.metadata),
        billing_details: { ...method.billing_details, ...(name !== undefined && { name }), ...(email !== undefined && { email }) },
      });
      emit(account, 'payment_method.updated', updated, previousAttributes(method, updated));
      return updated;
    },
  ),
  endpoint('POST', `${PATH}/:id/attach`, { customer: required(text()) }, (account, { customer }, id) => {
    const found = expectRecord(account, 'customer', customer, 'customer');
    if (found.deleted) throw noSuch('customer', customer, 'customer');
    return attachPaymentMethod(account, resolvePaymentMethod(account, id, 'id'), customer);
  }),
  endpoint('POST', `${PATH}/:id/detach`, {}, (account, _, id) => detachPaymentMethod(account, expectRecord(account, 'payment_method', id))),
];

/** 34 means 2034. */
export function fullYear(year: number): number {
  return year < 100 ? 2000 + year : year;
}
