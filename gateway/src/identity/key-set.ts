import { TesseraError } from '@tessera/service-kit/errors';
import type { Logger } from '@tessera/service-kit/service';
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

const JWKS_MAX_AGE_MS = 600_000;
/** An unknown key id makes us ask again, but not oftener: a flood of forged tokens must not become a flood of requests. */
const REFETCH_COOLDOWN_MS = 5_000;

const keySetSchema = z.object({
  keys: z
    .array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string().min(1), x: z.string().min(1) }))
    .min(1)
    .max(20),
});

export interface KeySetOptions {
  /** The body of the subgraph's `/.well-known/jwks.json`. */
  readonly fetchKeys: () => Promise<string>;
  readonly log: Logger;
  readonly now?: () => number;
}

/** The public keys of the users subgraph, kept for ten minutes and beyond while nobody answers, asked for anew when a key id is unknown. */
export function createKeySet({ fetchKeys, log, now = Date.now }: KeySetOptions): JWTVerifyGetKey {
  let keys: ReturnType<typeof createLocalJWKSet> | null = null;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  const fetch = async (): Promise<void> => {
    triedAt = now();
    try {
      keys = createLocalJWKSet(keySetSchema.parse(JSON.parse(await fetchKeys())));
      fetchedAt = now();
    } catch (err) {
      log.warn({ err }, 'the public keys of access tokens cannot be fetched');
    }
  };
  const refresh = (): Promise<void> => {
    running ??= fetch().finally(() => {
      running = null;
    });
    return running;
  };
  const mayTry = () => now() - triedAt >= REFETCH_COOLDOWN_MS;

  return async (header, token) => {
    if (!keys || (now() - fetchedAt > JWKS_MAX_AGE_MS && mayTry())) await refresh();
    if (!keys) throw new TesseraError('SERVICE_UNAVAILABLE', 'Who you are cannot be checked at the moment: try again.');
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayTry()) throw error;
      await refresh();
      return keys(header, token);
    }
  };
}
