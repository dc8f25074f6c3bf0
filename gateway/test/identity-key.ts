import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';

/** A key of a gateway that signs who asks. */
export function newIdentityKey() {
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as JWK;
  return { kty: kty as 'OKP', crv: crv as 'Ed25519', kid: 'gateway-1', x: x ?? '', d: d ?? '' };
}
