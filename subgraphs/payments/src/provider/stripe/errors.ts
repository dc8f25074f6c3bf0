import Stripe from 'stripe';
import { ProviderError } from '../provider-error.ts';
import { isObject, textOf } from './json.ts';

const { errors } = Stripe;

/** Refused before a byte was sent. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const MAX_REASON_CHARACTERS = 64;

/** Stripe's word for it where ours differs. */
const REASONS: Readonly<Record<string, string>> = {
  charge_already_refunded: 'ALREADY_REFUNDED',
  invalid_charge_amount: 'AMOUNT_NOT_A_STEP',
};

/** Stripe asks not to tell a customer more about these. https://docs.stripe.com/declines/codes */
const PLAIN_DECLINES = new Set(['generic_decline', 'fraudulent', 'lost_card', 'stolen_card', 'merchant_blacklist', 'pickup_card']);

const DECLINES: Readonly<Record<string, string>> = {
  payment_intent_authentication_failure: 'AUTHENTICATION_FAILED',
  setup_intent_authentication_failure: 'AUTHENTICATION_FAILED',
};

/** One request. @throws ProviderError, never what the SDK throws: that holds the answer with headers and card */
export async function ask<T extends { readonly object: string }>(request: () => Promise<T>): Promise<T> {
  try {
    const answer = await request();
    // A gateway on the way may answer an error with JSON that is not Stripe's; the SDK takes it for an object.
    if (typeof answer.object !== 'string') throw new ProviderError('UNKNOWN', 'NO_USABLE_ANSWER');
    return answer;
  } catch (error) {
    throw toProviderError(error);
  }
}

/** A list over all its pages, as far as it is read. @throws ProviderError */
export async function* askEach<T>(request: () => AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* request();
  } catch (error) {
    throw toProviderError(error);
  }
}

/** Why a card did not do, as a stable word: CARD_DECLINED, INSUFFICIENT_FUNDS, AUTHENTICATION_REQUIRED, … */
export function declineReason({
  code,
  decline_code: decline,
}: {
  readonly code?: string | null;
  readonly decline_code?: string | null;
}): string {
  if (decline && PLAIN_DECLINES.has(decline)) return 'CARD_DECLINED';
  const word = decline || code || 'card_declined';
  return DECLINES[word] ?? toReason(word);
}

export function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const cause = new Error(describe(error));
  if (error instanceof errors.StripeConnectionError) return connectionError(error, cause);
  if (error instanceof errors.StripeRateLimitError) return new ProviderError('NOT_SENT', 'RATE_LIMITED', { cause });
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError) {
    return new ProviderError('NOT_SENT', 'PROVIDER_REFUSES_KEY', { cause });
  }
  if (error instanceof errors.StripeCardError) return new ProviderError('REJECTED', declineReason(error), { cause });
  // Something was done under this key, though not this: it has to be looked up.
  if (error instanceof errors.StripeIdempotencyError) return new ProviderError('UNKNOWN', 'KEY_USED_DIFFERENTLY', { cause });
  if (error instanceof errors.StripeInvalidRequestError) return requestError(error, cause);
  return new ProviderError('UNKNOWN', failureReason(error), { cause });
}

function failureReason(error: unknown): string {
  if (!(error instanceof errors.StripeError)) return 'PROVIDER_FAILED';
  if (error.code === 'idempotency_key_in_use') return 'KEY_IN_USE';
  // Kept for this key, whatever the request did: asking again is of no use while Stripe remembers, looking it up is.
  return error.headers?.['idempotent-replayed'] === 'true' ? 'FAILURE_KEPT' : 'PROVIDER_FAILED';
}

function connectionError({ detail }: Stripe.errors.StripeConnectionError, cause: Error): ProviderError {
  const code = errorCode(detail) ?? '';
  if (NEVER_CONNECTED.has(code)) return new ProviderError('NOT_SENT', 'PROVIDER_UNREACHABLE', { cause });
  return new ProviderError('UNKNOWN', code === 'ETIMEDOUT' ? 'TIMEOUT' : 'CONNECTION_LOST', { cause });
}

/** Of an error of Node: ECONNREFUSED, ETIMEDOUT, … */
export function errorCode(error: unknown): string | null {
  return isObject(error) ? textOf(error.code) : null;
}

function requestError({ code, param }: Stripe.errors.StripeInvalidRequestError, cause: Error): ProviderError {
  if (code === 'resource_missing') return new ProviderError('MISSING', `NO_SUCH_${toReason(param || 'object')}`, { cause });
  const reason = code ? (REASONS[code] ?? toReason(code)) : param ? `INVALID_${toReason(param)}` : 'INVALID_REQUEST';
  return new ProviderError('REJECTED', reason, { cause });
}

function toReason(word: string): string {
  return word
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
    .slice(0, MAX_REASON_CHARACTERS);
}

/** Enough to find the request in Stripe's log, and nothing of what was in it. */
function describe(error: unknown): string {
  if (!(error instanceof errors.StripeError)) return error instanceof Error ? error.name : 'Something that is no error was thrown';
  const { type, code, statusCode, requestId } = error;
  return [type, code, statusCode, requestId].filter((part) => part !== undefined).join(' ');
}
