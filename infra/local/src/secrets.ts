import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { codeOf, LocalError } from './errors.ts';

export const DATABASE_SERVICES = ['users', 'catalog', 'orders', 'payments', 'ledger'] as const;
export type DatabaseService = (typeof DATABASE_SERVICES)[number];
const SECRET_NAMES = [
  ...[...DATABASE_SERVICES, 'gateway'].map((service) => `${service.toUpperCase()}_SECRET`),
  'EVENTS_SECRET',
  'DIRECTORY_SECRET',
];
const PASSWORD_NAMES = ['admin', 'verify', 'redis', 'stripeWebhook', ...DATABASE_SERVICES];
const SECRET_BYTES = 32;
const OWNER_ONLY = 0o600;

export interface Secrets {
  /** Variables to hand to the services as they are; structured ones hold JSON. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Of what the stack starts itself: PostgreSQL's `admin` and `verify`, `redis`, one per service, and `stripeWebhook`, with which the
   * simulator signs (`whsec_…`).
   */
  readonly passwords: Readonly<Record<'admin' | 'verify' | 'redis' | 'stripeWebhook' | DatabaseService, string>>;
}

/**
 * Reads the secrets of a data directory, creating those that are missing. The caller holds the directory's lock.
 * @throws SECRETS_UNREADABLE rather than replacing a damaged file: stored data is encrypted with these keys
 */
export function openSecrets(file: string): Secrets {
  const stored = readStored(file);
  const environment = { ...freshEnvironment(), ...withoutHalfPair(stored.environment) };
  const passwords = Object.fromEntries(PASSWORD_NAMES.map((name) => [name, stored.passwords[name] ?? freshPassword(name)]));
  // Later versions may know more secrets than the file has; a complete file is left alone.
  const isComplete =
    Object.entries(environment).every(([name, value]) => stored.environment[name] === value) &&
    PASSWORD_NAMES.every((name) => name in stored.passwords);
  if (!isComplete) writeAtomically(file, JSON.stringify({ version: 1, environment, passwords }, null, 2));
  return { environment, passwords: passwords as Secrets['passwords'] }; // Every name of PASSWORD_NAMES was just filled in.
}

function freshEnvironment(): Record<string, string> {
  return {
    ...Object.fromEntries(SECRET_NAMES.map((name) => [name, randomText()])),
    ...freshIdentityKeys(),
    ORDERS_ENCRYPTION_KEYS: JSON.stringify({ k1: randomBytes(SECRET_BYTES).toString('base64') }),
  };
}

/** The two halves of the identity key pair only make sense together: one alone is replaced with a new pair. */
function withoutHalfPair(known: Record<string, string>): Record<string, string> {
  const { IDENTITY_PRIVATE_KEY, IDENTITY_PUBLIC_KEYS, ...others } = known;
  return IDENTITY_PRIVATE_KEY && IDENTITY_PUBLIC_KEYS ? known : others;
}

/** An Ed25519 pair: the private JWK, and the public one in a JWK set (RFC 7517, RFC 8037). */
function freshIdentityKeys(): Record<string, string> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const about = { kid: `local-${randomBytes(6).toString('base64url')}`, alg: 'EdDSA', use: 'sig' };
  return {
    IDENTITY_PRIVATE_KEY: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...about }),
    IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), ...about }] }),
  };
}

/** Payments takes a webhook secret only in the form of Stripe's. */
function freshPassword(name: string): string {
  return name === 'stripeWebhook' ? `whsec_${randomText()}` : randomText();
}

function randomText(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

interface StoredSecrets {
  readonly environment: Record<string, string>;
  readonly passwords: Record<string, string>;
}

function readStored(file: string): StoredSecrets {
  try {
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, OWNER_ONLY);
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isStored(value)) return value;
    throw new TypeError('unexpected content');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return { environment: {}, passwords: {} };
    throw new LocalError(
      'SECRETS_UNREADABLE',
      `${file} cannot be read. Restore it from a copy: the data beside it is encrypted with its keys. Or start over with "npm run reset".`,
      { cause },
    );
  }
}

function isStored(value: unknown): value is StoredSecrets {
  if (typeof value !== 'object' || value === null || !('environment' in value) || !('passwords' in value)) return false;
  return isTexts(value.environment) && isTexts(value.passwords);
}

function isTexts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string');
}

function writeAtomically(file: string, content: string): void {
  const draft = `${file}.${process.pid}.new`;
  rmSync(draft, { force: true });
  const descriptor = openSync(draft, 'wx', OWNER_ONLY);
  try {
    writeSync(descriptor, `${content}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}
