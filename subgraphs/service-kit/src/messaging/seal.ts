import { constantTimeEqual, createMac, deriveKey } from '../crypto/index.ts';

/** 132 bits as base64url. */
const LENGTH = 22;

/** The mark of a service on an entry of a stream. Whoever reaches Redis and does not know the secret cannot make one. */
export interface Seal {
  of(text: string): string;
  isOn(text: string, mark: string): boolean;
}

/**
 * HMAC-SHA256, cut to 132 bits.
 * @param eventsSecret what all services know, and no client
 */
export function createSeal(eventsSecret: string): Seal {
  const mac = createMac(deriveKey(eventsSecret, 'stream-entries'));
  const of = (text: string): string => mac(text).slice(0, LENGTH);
  return { of, isOn: (text, mark) => constantTimeEqual(of(text), mark) };
}
