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

/**
 * The key by which services recognise the same thing again, such as a client's address, without telling each other what it is. `kind` keeps
 * texts of different kinds apart. `secret` is shared by the services that compare.
 */
export function recognitionKey(secret: string, kind: string, text: string): string {
  return hmac(deriveKey(secret, `recognition:${kind}`), text, 'base64url');
}
