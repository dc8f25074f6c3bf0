import { SERVICES } from '@tessera/schema/contract';

const SECRET = Buffer.alloc(32, 1).toString('base64url');
const PUBLIC_KEY = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: Buffer.alloc(32, 2).toString('base64url'),
  kid: 'placeholder',
  alg: 'EdDSA',
  use: 'sig',
};

/** Well-formed settings that lead nowhere: emitting a schema builds each subgraph and connects nothing. */
export function placeholderEnvironment(): NodeJS.ProcessEnv {
  const perService = SERVICES.flatMap((service) => {
    const prefix = service.toUpperCase();
    return [
      [`${prefix}_DATABASE_URL`, `postgres://${service}@127.0.0.1:1/${service}`],
      [`${prefix}_SECRET`, SECRET],
    ];
  });
  return {
    ...Object.fromEntries(perService),
    REDIS_URL: 'redis://127.0.0.1:1',
    EVENTS_SECRET: SECRET,
    DIRECTORY_SECRET: SECRET,
    IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [PUBLIC_KEY] }),
    ORDERS_ENCRYPTION_KEYS: JSON.stringify({ k1: Buffer.alloc(32, 3).toString('base64') }),
    SMTP_URL: 'smtp://127.0.0.1:1',
    PUBLIC_URL: 'http://127.0.0.1:4000',
    LOG_LEVEL: 'silent',
    NODE_ENV: 'test',
  };
}
