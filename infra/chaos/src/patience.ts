import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 150;

/** The first answer of `look` that `fits`, or the last one that did not when time is up. A look that throws counts as none. */
export async function lookUntil<T>(look: () => Promise<T>, fits: (seen: T) => boolean, withinMs: number): Promise<T | null> {
  let last: T | null = null;
  for (const giveUpAt = Date.now() + withinMs; ; await sleep(POLL_MS)) {
    last = await look().catch(() => last);
    if ((last !== null && fits(last)) || Date.now() > giveUpAt) return last;
  }
}

/** As `lookUntil`. @throws with the last answer when none fits in time */
export async function eventually<T>(what: string, look: () => Promise<T>, fits: (seen: T) => boolean, withinMs: number): Promise<T> {
  const seen = await lookUntil(look, fits, withinMs);
  if (seen !== null && fits(seen)) return seen;
  throw new Error(`Not within ${withinMs} ms: ${what}. Last seen: ${JSON.stringify(seen)?.slice(0, 1_000)}`);
}

/** Some of the work at a time, in order. */
export async function inBatches<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += atOnce) await Promise.all(items.slice(start, start + atOnce).map(work));
}
