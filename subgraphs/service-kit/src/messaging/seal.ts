import { hash } from 'node:crypto';
import { constantTimeEqual, deriveKey } from '../crypto/index.ts';

/** 128 bits as base64url. */
const LENGTH = 22;
const BLOCK_BYTES = 64;
const INNER = 0x36;
const OUTER = 0x5c;

/** The mark of a service on an entry of a stream. Whoever reaches Redis and does not know the secret cannot make one. */
export interface Seal {
  of(text: string): string;
  isOn(text: string, mark: string): boolean;
}

/**
 * HMAC-SHA256 (RFC 2104), cut to 128 bits; by one-shot hashes, which take a fifth of the time of `createHmac` for an event.
 * @param eventsSecret what all services know, and no client
 */
export function createSeal(eventsSecret: string): Seal {
  const key = deriveKey(eventsSecret, 'stream-entries');
  const [inner, outer] = [padded(key, INNER), padded(key, OUTER)];
  const of = (text: string): string => {
    const digest = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer');
    return hash('sha256', Buffer.concat([outer, digest]), 'base64url').slice(0, LENGTH);
  };
  return { of, isOn: (text, mark) => constantTimeEqual(of(text), mark) };
}

function padded(key: Buffer, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, pad);
  for (const [at, byte] of key.entries()) block[at] = byte ^ pad;
  return block;
}
