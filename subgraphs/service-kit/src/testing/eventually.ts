import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** How long a test waits for what must come: far more than it takes, since a slow machine is not a fault. */
export const PATIENCE_MS = 60_000;

/** Asks until `probe` answers something truthy; fails with `what` after the bound. */
export async function eventually<T>(what: string, probe: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await sleep(POLL_MS);
  }
}
