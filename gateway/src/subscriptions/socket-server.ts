import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TesseraError } from '@tessera/service-kit/errors';
import { type Logger, newTraceparent } from '@tessera/service-kit/service';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { CloseCode, type Context, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { type GatewayContext, newCollected } from '../execution/context.ts';
import type { Caller } from '../identity/resolve-caller.ts';
import { CLIENT_HEADER } from '../identity/web-session.ts';
import { clientNameOf } from '../operations/policy.ts';
import { publicErrorOf } from '../resilience/error-table.ts';
import { InvalidSubscription, type OfferedSubscription, type PreparedSubscription } from './prepare.ts';
import { openSocket } from './socket.ts';
import type { SocketRegistry } from './socket-registry.ts';
import type { Subscriptions } from './subscriptions.ts';

const MAX_FRAME_BYTES = 64 * 1024;
const MAX_OPERATIONS = 20;
const INIT_TIMEOUT_MS = 3_000;
const SUBSCRIBE_MS = 10_000;
/** The longest that setTimeout can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const TOO_MANY_SOCKETS = 4_429;
const TRY_AGAIN_LATER = 1_013;

export interface SocketServerParts {
  readonly subscriptions: Subscriptions;
  readonly prepare: (offered: OfferedSubscription, viewer: Caller['viewer'], client: string | null) => PreparedSubscription;
  /** By the token of `connection_init` or the cookies of the upgrade; throws `UNAUTHENTICATED`. */
  readonly identify: (connectionParams: Readonly<Record<string, unknown>> | undefined, request: IncomingMessage) => Promise<Caller>;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly registry: SocketRegistry;
  readonly log: Logger;
}

/** What we keep about one socket. */
interface Extra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly entry: ReturnType<SocketRegistry['add']>;
  caller: Caller | null;
  expiry: NodeJS.Timeout | null;
}

type SocketContext = Context<Record<string, unknown> | undefined, Extra>;

/** `graphql-transport-ws` on upgraded connections: subscriptions only. */
export function createSocketServer(parts: SocketServerParts) {
  const { registry, log } = parts;
  const wire = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const protocol = makeServer<Record<string, unknown> | undefined, Extra>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: (context) => connect(context, parts),
    onPing: (context, payload) => renew(context, payload, parts),
    onSubscribe: (context, _id, payload) => subscribe(context, payload as OfferedSubscription, parts), // the protocol layer has checked its shape
    subscribe: (args) => (args as SubscribeArgs).contextValue.events(), // built by `subscribe` below
    onNext: (_context, _id, _payload, _args, { errors, data }) => ({
      data: data ?? null,
      ...(errors ? { errors: errors.map((error) => publicErrorOf(error, log)) } : {}),
    }),
    onError: (_context, _id, _payload, errors) => errors.map((error): GraphQLFormattedError => publicErrorOf(error, log)),
  });

  return {
    /** Takes over an upgraded connection, or answers 403 to a page of an origin that is not on the list. */
    upgrade: (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
      if (!parts.isAllowedOrigin(request)) {
        connection.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      wire.handleUpgrade(request, connection, head, (socket) => {
        const extra: Extra = { socket, request, entry: registry.add(socket), caller: null, expiry: null };
        openSocket(
          socket,
          (adapter) => protocol.opened(adapter, extra),
          log,
          () => {
            extra.entry.remove();
            if (extra.expiry) clearTimeout(extra.expiry);
          },
        );
      });
    },
    close: () => wire.close(),
  };
}

/** No token is fine: such a caller is refused at subscribe, where the answer can say why. A token that is not good closes with 4403. */
async function connect({ connectionParams, extra }: SocketContext, { identify, log }: SocketServerParts): Promise<boolean> {
  try {
    const caller = await identify(connectionParams, extra.request);
    if (!extra.entry.identify(caller.viewer)) {
      extra.socket.close(TOO_MANY_SOCKETS, 'Too many sockets');
      return true;
    }
    setCaller(extra, caller);
    return true;
  } catch (error) {
    if (error instanceof TesseraError && error.code === 'UNAUTHENTICATED') return false;
    log.warn({ err: error }, 'a socket could not be identified');
    extra.socket.close(TRY_AGAIN_LATER, 'Try again later');
    return true;
  }
}

function setCaller(extra: Extra, caller: Caller): void {
  extra.caller = caller;
  if (extra.expiry) clearTimeout(extra.expiry);
  if (caller.expiresAtMs === null) return;
  const delayMs = Math.min(Math.max(0, caller.expiresAtMs - Date.now()), MAX_TIMER_MS);
  extra.expiry = setTimeout(() => extra.socket.close(CloseCode.Forbidden, 'Token expired'), delayMs);
  extra.expiry.unref();
}

/** A ping with a fresh token of the same user prolongs the socket; anything else in a ping is not looked at. */
async function renew(
  { extra }: SocketContext,
  payload: Readonly<Record<string, unknown>> | undefined,
  { identify }: SocketServerParts,
): Promise<void> {
  if (!payload || !extra.caller?.viewer.userId) return;
  const caller = await identify(payload, extra.request).catch(() => null);
  if (caller && caller.viewer.principal === extra.caller.viewer.principal && caller.viewer.sessionId === extra.caller.viewer.sessionId)
    setCaller(extra, caller);
}

interface SubscribeArgs {
  readonly contextValue: { readonly events: () => ReturnType<Subscriptions['open']> };
}

async function subscribe(context: SocketContext, payload: OfferedSubscription, { prepare, subscriptions, log }: SocketServerParts) {
  const { caller } = context.extra;
  try {
    if (!caller) throw new TesseraError('UNAUTHENTICATED', 'The socket has not been identified.');
    if (Object.keys(context.subscriptions).length > MAX_OPERATIONS) {
      throw new TesseraError('OPERATION_NOT_ALLOWED', `A socket takes at most ${MAX_OPERATIONS} operations.`, { maximum: MAX_OPERATIONS });
    }
    const prepared = prepare(payload, caller.viewer, clientOf(context));
    const events = await subscriptions.open(prepared, operationContext(caller));
    const { document, operation } = prepared;
    return { schema: NO_SCHEMA, document, operationName: operation.name?.value ?? null, contextValue: { events: async () => events } };
  } catch (error) {
    const errors = error instanceof InvalidSubscription ? error.errors : [error];
    return errors.map((each) => asGraphQLError(each, log));
  }
}

/** As it says in `connection_init`, or in the headers of its upgrade. */
function clientOf({ connectionParams, extra }: SocketContext): string | null {
  const given = connectionParams?.client;
  return (typeof given === 'string' ? clientNameOf({ [CLIENT_HEADER]: given }) : null) ?? clientNameOf(extra.request.headers);
}

/** The protocol layer wants one and, with a `subscribe` of our own, never looks at it. */
const NO_SCHEMA = undefined as never;

function operationContext({ viewer }: Caller): GatewayContext {
  return {
    viewer,
    isQuestion: false,
    requestId: randomUUID(),
    traceparent: newTraceparent(),
    idempotencyKey: null,
    seen: null,
    deadlineAt: Date.now() + SUBSCRIBE_MS,
    startedAt: performance.now(),
    webSession: null,
    collected: newCollected(),
  };
}

function asGraphQLError(error: unknown, log: Logger): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const { message, extensions } = publicErrorOf(error, log);
  return new GraphQLError(message, { ...(extensions ? { extensions } : {}) });
}
