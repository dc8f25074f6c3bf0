import type { PaymentIntent } from '../objects/money-types.ts';
import type { PaymentMethod, SetupIntent } from '../objects/types.ts';

/** The `error` of an answer, as https://docs.stripe.com/api/errors has it. */
export interface ErrorBody {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly charge?: string;
  readonly doc_url?: string;
  readonly payment_intent?: PaymentIntent;
  readonly payment_method?: PaymentMethod;
  readonly setup_intent?: SetupIntent;
  readonly advice_code?: string;
}

/** A refusal with its HTTP status. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  /** False for what was refused before execution began: such an answer is not kept for the idempotency key. */
  readonly isSaved: boolean;

  constructor(status: number, body: ErrorBody, isSaved = true) {
    super(body.message);
    this.name = 'ApiError';
    this.status = status;
    this.body = body.code === undefined ? body : { ...body, doc_url: documentationOf(body.code) };
    this.isSaved = isSaved;
  }
}

/** A declined attempt keeps what it did (a failed charge, the state of the intent); any other refusal leaves no trace. */
export function keepsEffects({ body }: ApiError): boolean {
  return body.type === 'card_error' && (body.payment_intent !== undefined || body.setup_intent !== undefined);
}

/** The parameters are wrong in themselves: refused before execution. */
export function invalidParameter(message: string, param?: string, code?: string): ApiError {
  return new ApiError(400, { type: 'invalid_request_error', message, ...(code && { code }), ...(param && { param }) }, false);
}

/** The parameters are well formed, but the state of things does not allow it. */
export function refused(
  message: string,
  extra: { readonly code?: string; readonly param?: string; readonly payment_intent?: PaymentIntent } = {},
): ApiError {
  return new ApiError(400, { type: 'invalid_request_error', message, ...extra });
}

/** @param noun as Stripe writes it in its message: `payment_intent`, `checkout.session` */
export function noSuch(noun: string, id: string, param = 'id'): ApiError {
  const status = param === 'id' ? 404 : 400;
  const shown = param === 'id' ? idParameter(noun) : param;
  return new ApiError(status, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${noun}: '${id}'`,
    param: shown,
  });
}

export function documentationOf(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

/** Older endpoints name the missing object by its kind. */
function idParameter(noun: string): string {
  if (noun === 'payment_intent') return 'intent';
  return noun === 'checkout.session' ? 'session' : 'id';
}
