import { createHash, createHmac, hash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const KEY_BYTES = 32;
const TOKEN_BYTES = 32;

export type TextEncoding = 'hex' | 'base64url';

/**
 * A 32-byte key for one purpose, by HKDF-SHA256 (RFC 5869): a service has one secret, and no two purposes ever share a key.
 * `purpose` is a fixed text such as `cursor`; the same secret and purpose always give the same key.
 */
export function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `tessera:${purpose}`, KEY_BYTES));
}

/** HMAC-SHA256 of the UTF-8 text: 64 hex digits, or 43 characters of base64url. */
export function hmac(secret: string | Buffer, text: string, encoding: TextEncoding = 'hex'): string {
  return createHmac('sha256', secret).update(text, 'utf8').digest(encoding);
}

const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** HMAC-SHA256 (RFC 2104) of many texts under one key, base64url: the same as `hmac`, at a fraction of what an object for each text costs. */
export function createMac(secret: string | Buffer): (text: string) => string {
  const given = Buffer.from(secret);
  const key = Buffer.alloc(BLOCK_BYTES);
  (given.length > BLOCK_BYTES ? hash('sha256', given, 'buffer') : given).copy(key);
  const inner = key.map((byte) => byte ^ INNER_PAD);
  const outer = key.map((byte) => byte ^ OUTER_PAD);
  return (text) =>
    hash('sha256', Buffer.concat([outer, hash('sha256', Buffer.concat([inner, Buffer.from(text, 'utf8')]), 'buffer')]), 'base64url');
}

/** SHA-256 of the text (as UTF-8) or of the bytes. For fingerprints only: a hash of something guessable needs `hmac`. */
export function sha256(content: string | Buffer, encoding: TextEncoding = 'hex'): string {
  return createHash('sha256').update(content).digest(encoding);
}

/** Compares without telling by its time where two texts differ. That they differ in length is not hidden. */
export function constantTimeEqual(left: string, right: string): boolean {
  const a = Buffer.from(left, 'utf8');
  const b = Buffer.from(right, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}

/** An unguessable base64url text, by default of 256 bits (43 characters). */
export function randomToken(bytes: number = TOKEN_BYTES): string {
  return randomBytes(bytes).toString('base64url');
}
