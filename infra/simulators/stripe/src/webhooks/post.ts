import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

const DELIVERY_TIMEOUT_MS = 10_000;

export interface PostResult {
  /** Null when no answer came. */
  readonly status: number | null;
  readonly error: string | null;
}

/** Sends a webhook and never throws: whatever goes wrong is in the result. Redirects are not followed, as at Stripe. */
export function post(url: string, body: string, signature: string, signal: AbortSignal): Promise<PostResult> {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'stripe-signature': signature,
      connection: 'close',
    };
    const outgoing = send(url, {
      method: 'POST',
      headers,
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)]),
    });
    outgoing.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? null, error: null });
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve({ status: null, error: reasonOf(error) }));
    outgoing.end(body);
  });
}

function reasonOf({ code, message, cause }: NodeJS.ErrnoException): string {
  if (cause instanceof Error && cause.name === 'TimeoutError') return 'TIMEOUT';
  return code ?? message;
}
