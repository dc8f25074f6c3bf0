import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const DEFAULT_TIMEOUT_MS = 10_000;
const IDLE_CHECK_MS = 100;

export interface DrainOptions {
  /** How long running requests may take to finish, default 10 s; then their connections are cut. */
  readonly timeoutMs?: number;
  /**
   * How long to go on serving while not ready, default 0: time for a load balancer to notice. Every answer of that time asks the client to close
   * its connection, so none is cut under a request that is on its way.
   */
  readonly lingerMs?: number;
}

/** Resolves when the last connection is gone, at the latest after linger and timeout. */
export async function drainServer(
  server: Server,
  sockets: ReadonlySet<Socket>,
  { timeoutMs = DEFAULT_TIMEOUT_MS, lingerMs = 0 }: DrainOptions = {},
): Promise<void> {
  if (lingerMs > 0) await sleep(lingerMs);
  // Repeated, because a connection that was busy with a stream becomes idle later, without having been told to close.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const force = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, timeoutMs);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(idle);
  clearTimeout(force);
}
