import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

type Fields = { cursor?: string; kind?: string; sequence?: number; isReplayed?: boolean } & Record<string, unknown>;
export interface Received {
  readonly data?: { readonly orderUpdated?: Fields; readonly b?: Fields } | null;
  readonly errors?: readonly unknown[];
}

export interface Subscribed {
  readonly events: Received[];
  /** Resolves when so many events have come. */
  count(expected: number): Promise<void>;
  /** The errors with which the server ended the subscription. */
  failed(): Promise<readonly { message: string; extensions?: object }[]>;
  stop(): Promise<void>;
}

const clients = new Set<Client>();
const active = new Set<object>();
const WAIT_MS = 8_000;
const SETTLE_MS = 30;

export function connect(url: string, token: string | null): Client {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: true,
    ...(token ? { connectionParams: { authorization: `Bearer ${token}` } } : {}),
  });
  clients.add(client);
  return client;
}

export async function closeClients(): Promise<void> {
  await Promise.all([...clients].map((client) => client.dispose()));
  clients.clear();
  active.clear();
}

/** How many subscriptions of this file should be open. */
export function activeCount(): number {
  return active.size;
}

export function subscribe(client: Client, query: string, variables: Record<string, unknown>): Subscribed {
  const events: Received[] = [];
  active.add(events);
  let wake = (): void => undefined;
  let fail: (errors: readonly { message: string }[]) => void = () => undefined;
  const failed = new Promise<readonly { message: string }[]>((resolve) => {
    fail = resolve;
  });
  const stop = client.subscribe<Received['data']>(
    { query, variables },
    {
      next: (event) => {
        events.push(event as Received);
        wake();
      },
      error: (error) => {
        active.delete(events);
        fail(Array.isArray(error) ? error : [{ message: String(error) }]);
      },
      complete: () => undefined,
    },
  );
  return {
    events,
    failed: () => within(failed, 'an error'),
    count: (expected) =>
      within(
        new Promise<void>((resolve) => {
          wake = () => {
            if (events.length >= expected) resolve();
          };
          wake();
        }),
        `${expected} events, there were`,
        events,
      ),
    stop: async () => {
      active.delete(events);
      stop();
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    },
  };
}

/** How the server closes a socket that sends `connection_init` with this token; the HTTP status where it is not even opened. */
export function closeCode(
  url: string,
  token: string | null,
  whenReady?: () => unknown,
  headers: Record<string, string> = {},
): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  return within(
    new Promise<number>((resolve, reject) => {
      socket.on('open', () =>
        socket.send(JSON.stringify({ type: 'connection_init', ...(token ? { payload: { authorization: `Bearer ${token}` } } : {}) })),
      );
      socket.on('message', () => void whenReady?.());
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('error', reject);
      socket.on('close', (code) => resolve(code));
    }),
    'a close',
  ).finally(() => socket.terminate());
}

/** Left open once it is acknowledged; else the code with which the server closed it. */
export function visitorSocket(url: string, headers: Record<string, string>): Promise<'open' | number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  return within(
    new Promise((resolve, reject) => {
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
      socket.on('message', () => resolve('open'));
      socket.on('error', reject);
      socket.on('close', (code) => resolve(code));
    }),
    'an acknowledgement',
  );
}

function within<T>(work: Promise<T>, what: string, seen: readonly unknown[] = []): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Waited ${WAIT_MS} ms for ${what} ${seen.length}: ${JSON.stringify(seen.slice(-3))}`)),
      WAIT_MS,
    ).unref();
  });
  return Promise.race([work, expired]).finally(() => clearTimeout(timer));
}
