import { isNativeError } from 'node:util/types';
import { stdSerializers } from 'pino';

const REDACTED = '[redacted]';
const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;

/** Compared in lower case without `-` and `_`, so that header, variable and property spellings all match. */
const SECRET_KEYS = new Set([
  'authorization',
  'cookie',
  'setcookie',
  'apikey',
  'clientsecret',
  'privatekey',
  'tesseraidentity',
  'tesseravisitor',
  'xcsrftoken',
]);
/** `newPassword`, `refreshToken`, `webhookSecret`, `secrets` … An idempotency key is no secret, and stays. */
const SECRET_ENDINGS = /(password|passphrase|token|tokens|secret|secrets)$/;

/** A copy for the log: values under secret names hidden at any depth, errors as data, depth and length bounded. */
export function redact(facts: object): Record<string, unknown> {
  return redactObject(facts, 0);
}

function redactObject(object: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object).slice(0, MAX_ENTRIES)) {
    copy[key] = isSecretKey(key) && value !== null && value !== undefined ? REDACTED : redactValue(value, depth + 1);
  }
  return copy;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth > MAX_DEPTH) return '[deep]';
  if (isNativeError(value)) return redactObject(stdSerializers.err(value), depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => redactValue(item, depth + 1));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Set || value instanceof Map) return redactValue([...value], depth);
  return redactObject(value, depth);
}

function isSecretKey(key: string): boolean {
  const plain = key.toLowerCase().replace(/[-_]/g, '');
  return SECRET_KEYS.has(plain) || SECRET_ENDINGS.test(plain);
}
