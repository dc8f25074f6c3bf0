import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;
const USUAL_MS = 60_000;

/** The first answer of `look` that `fits`. @throws with the last answer when that takes too long */
export async function eventually<T>(look: () => Promise<T>, fits: (seen: T) => boolean, withinMs = USUAL_MS): Promise<T> {
  for (const giveUpAt = Date.now() + withinMs; ; await sleep(POLL_MS)) {
    const seen = await look();
    if (fits(seen)) return seen;
    if (Date.now() > giveUpAt) throw new Error(`Not within ${withinMs} ms; last seen: ${JSON.stringify(seen)?.slice(0, 2_000)}`);
  }
}
