import { createHash } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FRACTION_BYTES = 6;

/** A number in [0, 1) that depends on its arguments only: the same seed gives the same schedule on every machine. */
export function fraction(seed: number, family: string, ordinal: number): number {
  const digest = createHash('sha256').update(`${seed}/${family}/${ordinal}`).digest();
  return digest.readUIntBE(0, FRACTION_BYTES) / 2 ** (8 * FRACTION_BYTES);
}

/** Up to 64 characters of base 62 that depend on the arguments only. */
export function characters(seed: number, family: string, ordinal: number, length: number): string {
  const digest = createHash('sha512').update(`${seed}/${family}/${ordinal}`).digest();
  return Array.from(digest.subarray(0, length), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
