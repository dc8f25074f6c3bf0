import { createServer } from 'node:net';
import { codeOf, LocalError } from './errors.ts';

export const LOOPBACK = '127.0.0.1';
/** Where the embedded stores listen when nobody else does. */
export const POSTGRES_PORT = 5432;
export const REDIS_PORT = 6379;
/** Of the Stripe simulator, likewise. */
export const STRIPE_SIMULATOR_PORT = 4242;
/** How many neighbours of a taken port are tried. */
const PORT_SPAN = 50;

/** True when nothing listens on this port of the loopback interface; another process may take it right after. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      if (codeOf(error) === 'EADDRINUSE' || codeOf(error) === 'EACCES') resolve(false);
      else reject(error);
    });
    // Exclusive: a cluster worker must ask the system, not its primary.
    probe.listen({ port, host: LOOPBACK, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * The preferred port, or the next free one above it; 0 asks the system for any.
 * @throws NO_FREE_PORT after PORT_SPAN neighbours
 */
export async function findFreePort(preferred: number): Promise<number> {
  if (preferred === 0) return anyFreePort();
  for (let port = preferred; port < preferred + PORT_SPAN && port <= 65_535; port += 1) {
    if (await isPortFree(port)) return port;
  }
  throw new LocalError('NO_FREE_PORT', `No free port between ${preferred} and ${preferred + PORT_SPAN - 1}. Choose another range.`);
}

export interface ReservedPort {
  readonly port: number;
  /** Right before the real server listens. */
  release(): Promise<void>;
}

/**
 * Holds the preferred port, or the next free one above it, until it is released: between choosing ports and listening on them lie seconds, in
 * which another stack may start.
 * @throws NO_FREE_PORT after PORT_SPAN neighbours
 */
export async function reservePort(preferred: number): Promise<ReservedPort> {
  for (let attempt = 0; attempt < PORT_SPAN; attempt += 1) {
    const port = await findFreePort(preferred);
    const holder = createServer((socket) => socket.destroy());
    const isHeld = await new Promise<boolean>((resolve) => {
      holder.once('error', () => resolve(false));
      holder.listen({ port, host: LOOPBACK, exclusive: true }, () => resolve(true));
    });
    if (isHeld) return { port, release: () => new Promise((resolve) => void holder.close(() => resolve())) };
  }
  throw new LocalError(
    'NO_FREE_PORT',
    `No port could be held between ${preferred} and ${preferred + PORT_SPAN - 1}. Choose another range.`,
  );
}

function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port: 0, host: LOOPBACK, exclusive: true }, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
