import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isNativeError } from 'node:util/types';
import { TesseraError } from '../errors/index.ts';
import { errorAnswer, jsonAnswer, maskedAnswer, writeAnswer } from './answer.ts';
import { type DrainOptions, drainServer } from './drain.ts';
import { createReadiness, type HealthChecks } from './health.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { HttpRequest } from './request.ts';
import { createRecorder } from './request-record.ts';
import { createRouteTable, type RawAnswer, type Route, type RouteMatch } from './route.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often Node looks for requests over their time; its default of 30 s would make the bounds above meaningless. */
const TIMEOUT_CHECK_MS = 2_000;
/** Longer than load balancers and our own client keep an idle connection, so that it is never we who close one as a request arrives. */
const KEEP_ALIVE_MS = 65_000;

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface HttpServiceOptions {
  readonly name: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly routes: readonly Route[];
  readonly health: HealthChecks;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** How many proxies in front append to `X-Forwarded-For`; 0, the default, ignores it. */
  readonly trustedProxyHops?: number;
  /** Of every answer, also those that no route gave; a header of the answer itself wins. In lower case. */
  readonly headers?: OutgoingHttpHeaders;
  /** How long the headers of a request may take, default 10 s. */
  readonly headersTimeoutMs?: number;
  /** Takes over connections that ask to become a WebSocket. Not called while draining: those are answered with 503. */
  readonly onUpgrade?: UpgradeHandler;
}

export interface HttpService {
  /** Rejects when the port is taken. */
  listen(): Promise<{ readonly port: number; readonly url: string }>;
  /**
   * Not ready any more, no new connections, idle ones closed, running requests awaited up to the bound, the rest cut off. Upgraded sockets count as
   * running: whoever took them over closes them first. A second call awaits the first.
   */
  drain(options?: DrainOptions): Promise<void>;
}

/** An HTTP server with the routes, and with `/health/live`, `/health/ready` and `/metrics`. */
export function createHttpService(options: HttpServiceOptions): HttpService {
  let draining: Promise<void> | null = null;
  const isDraining = () => draining !== null;
  const server = createServer(serverOptions(options), createListener(options, isDraining));
  const sockets = trackSockets(server);
  if (options.onUpgrade) server.on('upgrade', guardUpgrade(options.onUpgrade, isDraining));

  return {
    listen: () => listen(server, options),
    drain: (drainOptions) => {
      draining ??= drainServer(server, sockets, drainOptions);
      return draining;
    },
  };
}

function serverOptions({ headersTimeoutMs = HEADERS_TIMEOUT_MS, onUpgrade }: HttpServiceOptions): ServerOptions {
  return {
    headersTimeout: headersTimeoutMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Some clients offer HTTP/2 (`Upgrade: h2c`) with an ordinary request: that is answered as such.
    shouldUpgradeCallback: (request) => onUpgrade !== undefined && request.headers.upgrade?.toLowerCase() === 'websocket',
  };
}

function createListener(options: HttpServiceOptions, isDraining: () => boolean) {
  const { routes, log, metrics, headers, trustedProxyHops = 0 } = options;
  const match = createRouteTable([...ownRoutes(options, isDraining), ...routes]);
  const record = createRecorder(log, metrics);

  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = new HttpRequest(incoming, response, trustedProxyHops);
    const found = match(request.method, request.path);
    record(request, response, found && 'route' in found ? found.route.path : 'unmatched');
    const answer = await answerOf(found, request, log);
    const added = { 'x-request-id': request.requestId, ...(isDraining() ? { connection: 'close' } : {}) };
    try {
      await writeAnswer(response, { ...answer, headers: { ...headers, ...answer.headers } }, added);
    } catch (err) {
      // That a client left is told by the line of its request.
      if (!isPrematureClose(err)) log.warn({ err, requestId: request.requestId, path: request.path }, 'answer not delivered');
      response.destroy();
    }
  };
}

function isPrematureClose(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

async function answerOf(found: RouteMatch, request: HttpRequest, log: Logger): Promise<RawAnswer> {
  if (!found) return jsonAnswer(404, { errors: [{ message: 'There is nothing at this path.', extensions: { code: 'BAD_USER_INPUT' } }] });
  if ('allowed' in found) {
    const refusal = jsonAnswer(405, { errors: [{ message: 'This path has another method.', extensions: { code: 'BAD_USER_INPUT' } }] });
    return { ...refusal, headers: { ...refusal.headers, allow: found.allowed.join(', ') } };
  }
  request.maxBodyBytes = found.route.maxBodyBytes ?? request.maxBodyBytes;
  try {
    return await found.route.handler(request);
  } catch (error) {
    if (error instanceof TesseraError && error.code !== 'INTERNAL') return errorAnswer(error);
    log.error({ err: error, requestId: request.requestId, traceparent: request.traceparent, path: request.path }, 'request failed');
    return maskedAnswer(request.requestId);
  }
}

function ownRoutes({ name, health, log, metrics }: HttpServiceOptions, isDraining: () => boolean): Route[] {
  return [
    { method: 'GET', path: '/health/live', handler: () => jsonAnswer(200, { status: 'live', service: name }) },
    { method: 'GET', path: '/health/ready', handler: createReadiness(health, isDraining, log) },
    {
      method: 'GET',
      path: '/metrics',
      handler: async () => ({ status: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.text() }),
    },
  ];
}

function guardUpgrade(onUpgrade: UpgradeHandler, isDraining: () => boolean): UpgradeHandler {
  return (request, socket, head) => {
    // Node has taken its own listener away, and a client that resets its connection must not end the process. The socket is destroyed anyway.
    socket.on('error', () => undefined);
    if (isDraining()) socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else onUpgrade(request, socket, head);
  };
}

/** Node forgets connections once they are upgraded; a drain must still be able to end them. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

function listen(server: Server, { host, port, log }: HttpServiceOptions): Promise<{ port: number; url: string }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject).on('error', (err) => log.error({ err }, 'http server failed'));
      const address = server.address();
      const actual = typeof address === 'object' && address ? address.port : port;
      resolve({ port: actual, url: `http://${reachable(host)}:${actual}` });
    });
  });
}

/** An address to call for one to listen on. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}
