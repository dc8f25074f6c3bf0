import { type Client, createClient } from 'graphql-ws';

const PING_INTERVAL_MS = 10_000;
const PONG_TIMEOUT_MS = 5_000;
const ACK_TIMEOUT_MS = 10_000;
/** So that closing one subscription and opening the next keeps the connection. */
const LINGER_MS = 500;

export interface SocketParts {
  readonly endpoint: string;
  readonly webSocket: unknown;
  readonly clientName: string;
  /** The value of `Authorization`, or null; asked at every connection. */
  readonly authorization: () => Promise<string | null>;
}

/** One lazy connection for all subscriptions. It never reconnects by itself: each subscription does, from where it was. */
export function createSocket({ endpoint, webSocket, clientName, authorization }: SocketParts): Client {
  let pong: ReturnType<typeof setTimeout> | undefined;
  const socket: Client = createClient({
    url: endpoint,
    webSocketImpl: webSocket,
    retryAttempts: 0,
    keepAlive: PING_INTERVAL_MS,
    connectionAckWaitTimeout: ACK_TIMEOUT_MS,
    lazyCloseTimeout: LINGER_MS,
    connectionParams: async () => {
      const value = await authorization();
      return { client: clientName, ...(value ? { authorization: value } : {}) };
    },
    on: {
      // A network that went away says nothing: only the missing answer tells.
      ping: (isReceived) => {
        if (!isReceived) pong = setTimeout(() => socket.terminate(), PONG_TIMEOUT_MS);
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(pong);
      },
      closed: () => clearTimeout(pong),
    },
  });
  return socket;
}
