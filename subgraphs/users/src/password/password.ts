import { COMMON_PASSWORDS } from './common-passwords.ts';

/** Rules of a password. Length does the work (NIST SP 800-63B); the rest refuses what guessers try first. */

export const PASSWORD_WEAKNESSES = ['TOO_SHORT', 'COMMON', 'PREDICTABLE', 'CONTAINS_IDENTITY'] as const;
export type PasswordWeakness = (typeof PASSWORD_WEAKNESSES)[number];

const MIN_PASSWORD_CHARACTERS = 15;
/** Enough for any phrase, and little work for the hash. */
export const MAX_PASSWORD_LENGTH = 256;
/** A shorter name occurs in passwords by chance. */
const MIN_IDENTITY_LENGTH = 4;
const MIN_DISTINCT_CHARACTERS = 5;
const ROWS = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789', 'qwertyuiopasdfghjklzxcvbnm', 'qwertzuiopasdfghjklyxcvbnm'];

/** One spelling for what looks the same: what is hashed and what is checked. */
export function normalizePassword(password: string): string {
  return password.normalize('NFC');
}

/** Everything that is weak about a password; `identities` are the handle and the e-mail address that it must not contain. */
export function weaknessesOf(password: string, identities: readonly string[]): PasswordWeakness[] {
  const normalized = normalizePassword(password);
  const plain = normalized.toLowerCase();
  const bare = plain.replace(/[\s._-]/gu, '');
  const weaknesses: [PasswordWeakness, boolean][] = [
    ['TOO_SHORT', [...normalized].length < MIN_PASSWORD_CHARACTERS],
    ['COMMON', COMMON_PASSWORDS.has(bare)],
    ['PREDICTABLE', isPredictable(bare)],
    ['CONTAINS_IDENTITY', identities.flatMap(partsOf).some((part) => plain.includes(part))],
  ];
  return weaknesses.filter(([, applies]) => applies).map(([weakness]) => weakness);
}

function isPredictable(bare: string): boolean {
  if (new Set(bare).size < MIN_DISTINCT_CHARACTERS) return true;
  const isRepetition = /^(.{1,10})\1+$/u.test(bare);
  return isRepetition || ROWS.some((row) => isWithin(bare, row) || isWithin([...bare].reverse().join(''), row));
}

function isWithin(text: string, row: string): boolean {
  return `${row}${row}`.includes(text);
}

/** The whole, and of an address the part before the @. */
function partsOf(identity: string): string[] {
  const whole = identity.normalize('NFC').toLowerCase();
  return [...new Set([whole, whole.split('@')[0] ?? ''])].filter((part) => part.length >= MIN_IDENTITY_LENGTH);
}
