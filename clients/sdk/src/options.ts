import type { Backoff, Pace } from './pace.ts';
import type { ClientStorage } from './storage.ts';
import type { SessionTokens, TokenStore } from './tokens.ts';

export interface ClientOptions {
  /** Where the gateway is, such as `https://api.shop.example`; a path that it has is kept in front of `/graphql`. */
  readonly url: string;
  /** Names this client to the platform, such as `android-app`. */
  readonly clientName: string;
  /**
   * `bearer`: tokens are kept in `tokenStore` and sent as `Authorization`. `cookie`, for pages: the gateway keeps them in cookies that scripts
   * cannot read.
   */
  readonly sessionKind?: 'bearer' | 'cookie';
  readonly fetch?: typeof globalThis.fetch;
  /** A WebSocket class; the global one by default. */
  readonly webSocket?: unknown;
  /** Keeps keys of unfinished intents, the visitor id and, without a `tokenStore`, the session over reloads: `localStorage` fits. */
  readonly storage?: ClientStorage;
  readonly tokenStore?: TokenStore;
  /** Told when the session was opened, renewed, or, with null, closed or refused. */
  readonly onSession?: (tokens: SessionTokens | null) => void;
  readonly limits?: Partial<ClientLimits>;
  readonly pace?: Pace;
}

/** Bounds of everything that waits or is tried again. */
export interface ClientLimits {
  /** For one attempt, until the whole answer is there. */
  readonly attemptTimeoutMs: number;
  readonly attempts: number;
  readonly backoff: Backoff;
  /** Reconnects of a subscription in a row without an event between them. */
  readonly reconnects: number;
  readonly reconnectBackoff: Backoff;
  /** Events that wait for a slow consumer; beyond, the stream is read again from the platform when the consumer is ready. */
  readonly bufferedEvents: number;
}

export const defaultLimits: ClientLimits = {
  attemptTimeoutMs: 15_000,
  attempts: 6,
  backoff: { firstMs: 200, maxMs: 5_000 },
  reconnects: 30,
  reconnectBackoff: { firstMs: 200, maxMs: 20_000 },
  bufferedEvents: 1_000,
};

const ENDPOINT = '/graphql';

export function endpointOf(url: string): string {
  const base = new URL(url);
  return `${base.origin}${base.pathname.replace(/\/+$/, '')}${ENDPOINT}`;
}

export function socketEndpointOf(url: string): string {
  return endpointOf(url).replace(/^http/, 'ws');
}
