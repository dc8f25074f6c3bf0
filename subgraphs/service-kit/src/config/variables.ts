import { z } from 'zod';

const SECRET_BYTES = 32;
const MAX_PORT = 65_535;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

// The `error` of each schema completes "… is not valid: expected …". None may repeat the value: it may be a secret.

/** A random text of base64url, at least 32 bytes (43 characters), such as `openssl rand -base64 32 | tr '+/' '-_' | tr -d '='` prints. */
export function secret() {
  const expected = `a secret of at least ${SECRET_BYTES} random bytes as base64url`;
  return z
    .string({ error: expected })
    .regex(/^[A-Za-z0-9_-]+$/, expected)
    .refine((text) => Buffer.from(text, 'base64url').length >= SECRET_BYTES, expected);
}

/** A whole number within bounds, both included. */
export function integer(minimum: number, maximum: number) {
  const expected = `a whole number from ${minimum} to ${maximum}`;
  return z
    .string({ error: expected })
    .regex(/^-?\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, expected);
}

/** A TCP port; 0 lets the system choose. */
export function port() {
  return integer(0, MAX_PORT);
}

export function flag() {
  return z.enum(['true', 'false'], { error: 'true or false' }).transform((text) => text === 'true');
}

/** `postgres://…`, or another scheme that the service's store takes. */
export function databaseUrl(schemes: readonly string[] = ['postgres', 'postgresql']) {
  return urlOf(schemes, 'a database URL');
}

export function redisUrl() {
  return urlOf(['redis', 'rediss'], 'a Redis URL');
}

/** Without a trailing slash, so that paths can be appended. */
export function httpUrl() {
  return urlOf(['http', 'https'], 'a URL').transform((text) => text.replace(/\/+$/, ''));
}

export function logLevel() {
  return z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(', ')}` });
}

const publicKey = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string().min(1), x: z.string().min(1) });
const privateKey = publicKey.extend({ d: z.string().min(1) });

/** A set of Ed25519 public keys as JSON. A private key in it is refused: it has no business where only signatures are checked. */
export function jwks() {
  const expected = 'a JWKS as JSON with Ed25519 public keys, each with a kid';
  return json(expected)
    .pipe(z.object({ keys: z.array(publicKey.extend({ d: z.undefined().optional() })).min(1) }, expected))
    .transform(({ keys }) => ({ keys: keys.map(({ kty, crv, kid, x }) => ({ kty, crv, kid, x })) }));
}

/** An Ed25519 private key as JSON. */
export function jwk() {
  const expected = 'an Ed25519 private key as a JWK in JSON, with a kid';
  return json(expected).pipe(z.object(privateKey.shape, expected));
}

function json(expected: string) {
  return z.string({ error: expected }).transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    }
  });
}

function urlOf(schemes: readonly string[], what: string) {
  const expected = `${what} (${schemes.map((scheme) => `${scheme}://…`).join(' or ')})`;
  return z.string({ error: expected }).refine((text) => schemes.includes(schemeOf(text)), expected);
}

function schemeOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.host ? url.protocol.slice(0, -1) : '';
}
