import { isIPv6 } from 'node:net';
import { createMac, deriveKey, hmac } from './primitives.ts';

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
  return createDirectoryKeys(secret)(email);
}

/** `directoryKey` for whoever looks up many. */
export function createDirectoryKeys(secret: string): (email: string) => string {
  const mac = createMac(deriveKey(secret, PURPOSE));
  return (email) => mac(normalizeEmail(email));
}

/**
 * The key by which services recognise the same thing again, such as a client's address, without telling each other what it is. `kind` keeps
 * texts of different kinds apart. `secret` is shared by the services that compare.
 */
export function recognitionKey(secret: string, kind: string, text: string): string {
  return hmac(deriveKey(secret, `recognition:${kind}`), text, 'base64url');
}

const IPV6_GROUPS = 8;
const NETWORK_GROUPS = 4;

/** Who has an IPv6 address has a whole /64 of them: that network stands for the client. An IPv4 address stands for itself. */
export function networkOf(clientAddress: string): string {
  if (!isIPv6(clientAddress)) return clientAddress;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(clientAddress)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = (clientAddress.split('%')[0] ?? '').split('::');
  const groupsOf = (text: string | undefined) => (text ? text.split(':') : []);
  const [left, right] = [groupsOf(head), groupsOf(tail)];
  const gap = tail === undefined ? [] : Array<string>(IPV6_GROUPS - left.length - right.length).fill('0');
  const network = [...left, ...gap, ...right].slice(0, NETWORK_GROUPS).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
