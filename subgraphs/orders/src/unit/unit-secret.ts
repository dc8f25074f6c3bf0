import { type Envelope, hmac } from '@tessera/service-kit/crypto';

/** Names the row: a sealed secret that is moved to another one does not open. */
function place(unitId: string): string {
  return `orders/units/${unitId}`;
}

export function sealSecret(envelope: Envelope, unitId: string, secret: string): string {
  return envelope.seal(secret, place(unitId));
}

/** Throws `SealError` when the row was tampered with. */
export function openSecret(envelope: Envelope, unitId: string, sealed: string): string {
  return envelope.open(sealed, place(unitId));
}

/** Recognises the same secret for the same variant; without the key it tells nothing about it. */
export function secretDigest(key: Buffer, variantId: string, secret: string): string {
  return hmac(key, `${variantId}\n${secret}`);
}
