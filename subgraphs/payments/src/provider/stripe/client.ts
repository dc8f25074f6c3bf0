import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import Stripe from 'stripe';
import { errorCode } from './errors.ts';

/** What requests ask for and what webhook endpoints should be made with; events of another version count by their ids only. */
export const API_VERSION = '2026-10-28.endive';

const CONNECTION_CLOSED = new Set(['ECONNRESET', 'EPIPE']);

export interface ClientOptions {
  readonly secretKey: string;
  /** Another host that speaks the same API, such as the simulator. */
  readonly apiBase?: string;
  readonly timeoutMs: number;
}

export interface StripeClient {
  readonly stripe: Stripe;
  /** Ends the connections that are kept. */
  close(): void;
}

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

/** The SDK as a plain translator: whether and when something is asked again is decided by who calls, so that nothing is asked twice unseen. */
export function createClient({ secretKey, apiBase, timeoutMs }: ClientOptions): StripeClient {
  const base = apiBase === undefined ? undefined : new URL(apiBase);
  const agent = base?.protocol === 'http:' ? new Agent({ keepAlive: true }) : new SecureAgent({ keepAlive: true });
  const stripe = new Stripe(secretKey, {
    apiVersion: API_VERSION,
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
    httpClient: askingOnce(Stripe.createNodeHttpClient(agent)),
    ...(base && addressOf(base)),
  });
  return { stripe, close: () => agent.destroy() };
}

function addressOf({ protocol, hostname, port }: URL) {
  const isSecure = protocol === 'https:';
  return { protocol: isSecure ? 'https' : 'http', host: hostname, port: port || (isSecure ? '443' : '80') } as const;
}

/**
 * The SDK asks once more after ECONNRESET or EPIPE even without retries. The first request may have been executed, and the outcome of the
 * second (connection refused, too many requests) would read as if nothing had been: so those codes are taken off.
 */
function askingOnce(client: HttpClient): HttpClient {
  return {
    getClientName: () => client.getClientName(),
    makeRequest: (...request) =>
      client.makeRequest(...request).catch((error: unknown) => {
        throw CONNECTION_CLOSED.has(errorCode(error) ?? '') ? new Error('The connection was closed.') : error;
      }),
  };
}
