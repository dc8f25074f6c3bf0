import type { Route } from '@tessera/service-kit/service';
import type { KeyRing } from './key-ring.ts';
import { JWKS_MAX_AGE_SECONDS } from './signing-key.ts';

/** The public keys of access tokens (RFC 7517), for the gateway and whoever else checks them. */
export function jwksRoute(keys: KeyRing, clock: () => Date): Route {
  return {
    method: 'GET',
    path: '/.well-known/jwks.json',
    handler: async () => ({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': `public, max-age=${JWKS_MAX_AGE_SECONDS}` },
      body: JSON.stringify({ keys: await keys.publicKeys(clock()) }),
    }),
  };
}
