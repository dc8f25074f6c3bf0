/** Rules of the keys that sign access tokens: which one signs now, which ones others may still or already need. */

import { ACCESS_TOKEN_LIFETIME_MS } from '../session/session.ts';

/** How long others may cache the published keys. */
export const JWKS_MAX_AGE_SECONDS = 300;
/** A new key is published this long before it signs: longer than any cache keeps the old list. */
export const ACTIVATION_DELAY_MS = 10 * 60_000;
/** Clocks and answers on their way. */
const TOLERANCE_MS = 60_000;

export interface KeyFacts {
  readonly activatesAt: Date;
  readonly retiresAt?: Date | null | undefined;
}

/** The key that signs: the newest that is active. Null when there is none. */
export function signingKeyAt<Key extends KeyFacts>(keys: readonly Key[], now: Date): Key | null {
  const active = publishedKeysAt(keys, now).filter((key) => key.activatesAt <= now);
  return active.reduce<Key | null>((newest, key) => (newest && newest.activatesAt >= key.activatesAt ? newest : key), null);
}

/** The keys that others must know: all that sign, will sign, or signed a token that may still be valid. */
export function publishedKeysAt<Key extends KeyFacts>(keys: readonly Key[], now: Date): Key[] {
  return keys.filter((key) => !key.retiresAt || key.retiresAt > now);
}

/** When the successor of a key starts to sign, and when the last token of the old one has ended. */
export function rotationAt(now: Date): { readonly activatesAt: Date; readonly retiresAt: Date } {
  const activatesAt = new Date(now.getTime() + ACTIVATION_DELAY_MS);
  return { activatesAt, retiresAt: new Date(activatesAt.getTime() + ACCESS_TOKEN_LIFETIME_MS + 2 * TOLERANCE_MS) };
}
