import { randomBytes } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U to misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 10;

/** A number to read out on the phone, such as `T-7K2M9QX4ZB`: 50 random bits, so that it tells nobody how many orders there are. */
export function newOrderNumber(): string {
  return `T-${Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}
