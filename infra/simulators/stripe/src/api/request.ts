import type { IncomingMessage } from 'node:http';
import { parse } from 'qs';
import { ApiError } from './errors.ts';
import { isForm } from './parameters.ts';

const MAX_BODY_BYTES = 1_000_000;
const FORM_OPTIONS = { depth: 8, arrayLimit: 1000, parameterLimit: 5000 };

export type Form = Readonly<Record<string, unknown>>;

/** @throws ApiError 413 above MAX_BODY_BYTES */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new ApiError(413, { type: 'invalid_request_error', message: 'The request is too large.' }, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `a[b][]=1` and its like. */
export function parseForm(encoded: string): Form {
  const form: unknown = parse(encoded, FORM_OPTIONS);
  return isForm(form) ? form : {};
}

/** @throws ApiError 401 unless the secret key came as a bearer token or as the user of basic authentication */
export function authenticate(header: string | undefined, keys: { readonly secretKey: string; readonly publishableKey: string }): void {
  const [scheme = '', value = ''] = (header ?? '').split(' ');
  const given = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8').split(':')[0] : value;
  if (!given) {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  if (given === keys.publishableKey) {
    throw unauthorized('This API call cannot be made with a publishable API key. Please use a secret API key.', 'secret_key_required');
  }
  if (given !== keys.secretKey) throw unauthorized(`Invalid API Key provided: ${given.slice(0, 8)}${'*'.repeat(8)}${given.slice(-4)}`);
}

function unauthorized(message: string, code?: string): ApiError {
  return new ApiError(401, { type: 'invalid_request_error', message, ...(code && { code }) }, false);
}
