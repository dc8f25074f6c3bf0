import { StoryFailure } from './failure.ts';

const WITHIN_MS = 20_000;
const POLL_MS = 200;

/** The first answer that fits. @throws StoryFailure with what was waited for, after 20 s */
export async function eventually<T>(what: string, look: () => Promise<T>, fits: (seen: T) => boolean): Promise<T> {
  for (const endsAt = Date.now() + WITHIN_MS; ; await new Promise((resolve) => setTimeout(resolve, POLL_MS))) {
    const seen = await look();
    if (fits(seen)) return seen;
    if (Date.now() > endsAt) throw new StoryFailure(`Not within ${WITHIN_MS / 1_000} s: ${what}.`);
  }
}
