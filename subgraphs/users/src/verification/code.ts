import { constantTimeEqual, hmac } from '@tessera/service-kit/crypto';

/** Rules of a mailed code: six digits, few tries, a short life. Plain data in, decision out. */

export const CODE_LIFETIME_MS = 30 * 60_000;
/** Also the bound of the table. */
const MAX_CODE_ATTEMPTS = 5;
/** Codes of one account that may be alive at once; more mails are not sent within the hour. */
export const MAX_MAILS_PER_HOUR = 5;
export const CODE_PATTERN = /^\d{6}$/;
export const CODES = 1_000_000;

export interface CodeFacts {
  readonly codeHash: string;
  readonly attempts: number;
  readonly expiresAt: Date;
}

/** The code for a random number from 0 to CODES - 1. */
export function codeFrom(random: number): string {
  return String(random).padStart(6, '0');
}

export function hashCode(userId: string, code: string, key: Buffer): string {
  return hmac(key, `${userId}\n${code}`, 'base64url');
}

/** Whether the code may still be tried. */
export function isAlive({ attempts, expiresAt }: CodeFacts, now: Date): boolean {
  return attempts < MAX_CODE_ATTEMPTS && expiresAt > now;
}

/** The living code that this hash is of, or null. All are compared, whichever matches. */
export function matchingCode<Code extends CodeFacts>(codes: readonly Code[], codeHash: string, now: Date): Code | null {
  const matches = codes.filter((code) => constantTimeEqual(code.codeHash, codeHash) && isAlive(code, now));
  return matches[0] ?? null;
}
