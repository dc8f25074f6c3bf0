import { setTimeout as sleep } from 'node:timers/promises';

/** How long a client that has just asked for something waits for the provider's first answer. */
const WAIT_MS = 3_000;
const LOOK_EVERY_MS = 40;

/** What was asked longer ago is not waited for: the provider does not answer, and whoever asks comes again. */
export function isJustAsked(at: Date): boolean {
  return Date.now() - at.getTime() < WAIT_MS;
}

/** Reads again while it is worth waiting, a bounded time. */
export async function waitFor<Row>(
  first: Row | null,
  isWorthWaiting: (row: Row) => boolean,
  read: () => Promise<Row | null>,
): Promise<Row | null> {
  let row = first;
  for (const endsAt = Date.now() + WAIT_MS; row && isWorthWaiting(row) && Date.now() < endsAt; ) {
    await sleep(LOOK_EVERY_MS);
    row = await read();
  }
  return row;
}
