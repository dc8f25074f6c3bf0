import { describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { ProviderError } from '../provider-error.ts';
import { ask, askEach, declineReason, toProviderError } from './errors.ts';

const NUMBER = '4242424242424242';

/** As the SDK makes it of an answer. */
function answered(
  statusCode: number,
  body: { readonly type: string; readonly code?: string; readonly param?: string; readonly decline_code?: string },
): Error {
  const raw = { ...body, statusCode, message: `Something about ${NUMBER}`, requestId: 'req_1', headers: { authorization: 'secret' } };
  return Stripe.errors.StripeError.generate(raw as Parameters<typeof Stripe.errors.StripeError.generate>[0]); // as it comes over the wire
}

function disconnected(code: string | undefined): Error {
  const detail = Object.assign(new Error('socket'), code !== undefined && { code });
  return new Stripe.errors.StripeConnectionError({ message: 'An error occurred with our connection to Stripe.', detail });
}

describe('what Stripe answers', () => {
  it.each([
    ['a refused connection', disconnected('ECONNREFUSED'), 'NOT_SENT', 'PROVIDER_UNREACHABLE'],
    ['a name that does not resolve', disconnected('ENOTFOUND'), 'NOT_SENT', 'PROVIDER_UNREACHABLE'],
    ['a connection that breaks', disconnected('ECONNRESET'), 'UNKNOWN', 'CONNECTION_LOST'],
    ['a connection that breaks without a code', disconnected(undefined), 'UNKNOWN', 'CONNECTION_LOST'],
    ['an answer that does not come', disconnected('ETIMEDOUT'), 'UNKNOWN', 'TIMEOUT'],
    ['500', answered(500, { type: 'api_error' }), 'UNKNOWN', 'PROVIDER_FAILED'],
    ['503', answered(503, { type: 'api_error' }), 'UNKNOWN', 'PROVIDER_FAILED'],
    ['a key in use', answered(409, { type: 'idempotency_error', code: 'idempotency_key_in_use' }), 'UNKNOWN', 'KEY_IN_USE'],
    ['a key used for something else', answered(400, { type: 'idempotency_error' }), 'UNKNOWN', 'KEY_USED_DIFFERENTLY'],
    ['429', answered(429, { type: 'invalid_request_error', code: 'rate_limit' }), 'NOT_SENT', 'RATE_LIMITED'],
    ['401', answered(401, { type: 'invalid_request_error' }), 'NOT_SENT', 'PROVIDER_REFUSES_KEY'],
    ['403', answered(403, { type: 'invalid_request_error' }), 'NOT_SENT', 'PROVIDER_REFUSES_KEY'],
    ['404', answered(404, { type: 'invalid_request_error', code: 'resource_missing', param: 'intent' }), 'MISSING', 'NO_SUCH_INTENT'],
    [
      'a missing part',
      answered(400, { type: 'invalid_request_error', code: 'resource_missing', param: 'customer' }),
      'MISSING',
      'NO_SUCH_CUSTOMER',
    ],
    ['too little', answered(400, { type: 'invalid_request_error', code: 'amount_too_small' }), 'REJECTED', 'AMOUNT_TOO_SMALL'],
    ['a second refund', answered(400, { type: 'invalid_request_error', code: 'charge_already_refunded' }), 'REJECTED', 'ALREADY_REFUNDED'],
    [
      'a bad parameter',
      answered(400, { type: 'invalid_request_error', param: 'line_items[0][amount]' }),
      'REJECTED',
      'INVALID_LINE_ITEMS_0_AMOUNT',
    ],
    ['a bad request', answered(400, { type: 'invalid_request_error' }), 'REJECTED', 'INVALID_REQUEST'],
    [
      'a decline',
      answered(402, { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' }),
      'REJECTED',
      'INSUFFICIENT_FUNDS',
    ],
    ['a bug of the SDK', new TypeError(`no ${NUMBER}`), 'UNKNOWN', 'PROVIDER_FAILED'],
  ] as const)('%s is told as one of four kinds', (_, error, code, reason) => {
    expect(toProviderError(error)).toMatchObject({ code, reason });
  });

  it('MUST not be handed on: messages, headers and objects may hold a card', () => {
    for (const error of [answered(402, { type: 'card_error', code: 'card_declined' }), new TypeError(`no ${NUMBER}`)]) {
      const { cause, message, stack } = toProviderError(error);
      expect(cause).not.toBe(error);
      const told = [message, stack, String(cause), cause instanceof Error && cause.stack, JSON.stringify(cause)].join();
      expect(told).not.toContain(NUMBER);
      expect(told).not.toContain('secret');
    }
  });

  it('names the request, so that it can be found at Stripe', () => {
    expect(toProviderError(answered(400, { type: 'invalid_request_error', code: 'amount_too_small' })).cause).toMatchObject({
      message: 'StripeInvalidRequestError amount_too_small 400 req_1',
    });
  });

  it('is handed on when it is an object, and only then', async () => {
    await expect(ask(async () => ({ object: 'refund' }))).resolves.toEqual({ object: 'refund' });
    const odd = { error_description: 'of a gateway on the way' } as unknown as { object: string }; // what the SDK takes for an object
    await expect(ask(async () => odd)).rejects.toMatchObject({ code: 'UNKNOWN', reason: 'NO_USABLE_ANSWER' });
  });

  it('is told in the same way in the middle of a list', async () => {
    async function* pages() {
      yield 1;
      throw answered(500, { type: 'api_error' });
    }
    const read: number[] = [];
    const reading = (async () => {
      for await (const item of askEach(pages)) read.push(item);
    })();
    await expect(reading).rejects.toBeInstanceOf(ProviderError);
    expect(read).toEqual([1]);
  });
});

describe('why a card did not do', () => {
  it.each([
    [{ code: 'card_declined', decline_code: 'generic_decline' }, 'CARD_DECLINED'],
    [{ code: 'card_declined' }, 'CARD_DECLINED'],
    [{ code: 'card_declined', decline_code: 'insufficient_funds' }, 'INSUFFICIENT_FUNDS'],
    [{ code: 'authentication_required', decline_code: 'authentication_required' }, 'AUTHENTICATION_REQUIRED'],
    [{ code: 'expired_card', decline_code: '' }, 'EXPIRED_CARD'],
    [{ code: 'payment_intent_authentication_failure' }, 'AUTHENTICATION_FAILED'],
    [{ code: null, decline_code: null }, 'CARD_DECLINED'],
  ])('%j is %s', (error, reason) => {
    expect(declineReason(error)).toBe(reason);
  });

  it.each(['fraudulent', 'lost_card', 'stolen_card', 'pickup_card', 'merchant_blacklist'])(
    'does not tell the customer of %s',
    (declined) => {
      expect(declineReason({ code: 'card_declined', decline_code: declined })).toBe('CARD_DECLINED');
    },
  );
});
