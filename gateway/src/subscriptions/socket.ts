import type { Logger } from '@tessera/service-kit/service';
import { CloseCode, type WebSocket as ProtocolSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';

const PING_INTERVAL_MS = 12_000;

type Closed = (code?: number, reason?: string) => Promise<void>;

/** Connects one socket of `ws` with the protocol layer: text frames in and out, a ping every 12 s that must be answered before the next. */
export function openSocket(socket: WebSocket, open: (adapter: ProtocolSocket) => Closed, log: Logger, onClose: () => void): void {
  socket.on('error', (err) => log.debug({ err }, 'socket failed'));
  const stopPinging = keepAlive(socket);
  const closed = open({
    protocol: socket.protocol,
    send: (text) => send(socket, text),
    close: (code, reason) => socket.close(code, reason),
    onMessage: (handle) =>
      socket.on('message', (frame) => {
        handle(String(frame)).catch((err: unknown) => {
          log.error({ err }, 'a message of a socket failed');
          socket.close(CloseCode.InternalServerError, 'Internal server error');
        });
      }),
  });
  socket.once('close', (code, reason) => {
    stopPinging();
    onClose();
    closed(code, String(reason)).catch((err: unknown) => log.error({ err }, 'a socket was not closed cleanly'));
  });
}

/** Resolves when the frame was handed on, so that a slow client slows its own events and nobody else's. */
function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) resolve();
    else socket.send(text, () => resolve()); // a failure also closes the socket
  });
}

function keepAlive(socket: WebSocket): () => void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) socket.terminate();
    isAlive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
