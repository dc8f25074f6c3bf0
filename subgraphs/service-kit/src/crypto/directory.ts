import { deriveKey, hmac } from './primitives.ts';

const PURPOSE = 'email-directory';

/** One spelling per address: NFC, no white space around it, lower case. */
export function normalizeEmail(email: string): string {
  return email.normalize('NFC').trim().toLowerCase();
}

/**
 * The key under which services find an account by its e-mail address without telling each other the address. `secret` is shared by those
 * services and by nobody else: without it the key cannot be guessed from a list of addresses.
 */
export function directoryKey(secret: string, email: string): string {
  return hmac(deriveKey(secret, PURPOSE), normalizeEmail(email), 'base64url');
}
