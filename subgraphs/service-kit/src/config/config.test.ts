import { describe, expect, test } from '@jest/globals';
import { ConfigError, commonConfig, flag, httpUrl, integer, jwk, parseConfig, secret, variable } from './index.ts';

const SECRET = 'zR3v0Yk4QmB1nXc8sLdUeTgHjWpAoFi2KqMxNrZtVbE';
const PUBLIC_KEY = { kty: 'OKP', crv: 'Ed25519', kid: 'gateway-1', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const ENV = {
  ORDERS_DATABASE_URL: 'postgres://orders:hunter2@127.0.0.1:5432/orders',
  ORDERS_SECRET: SECRET,
  REDIS_URL: 'redis://127.0.0.1:6379/0',
  EVENTS_SECRET: SECRET,
  IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...PUBLIC_KEY, alg: 'EdDSA', use: 'sig' }] }),
};
const parse = (change: NodeJS.ProcessEnv = {}) => parseConfig('orders', commonConfig('ORDERS'), { ...ENV, ...change });

describe('the common configuration', () => {
  test('has the keys that every subgraph uses, with defaults for what is not secret', () => {
    expect(parse()).toEqual({
      databaseUrl: ENV.ORDERS_DATABASE_URL,
      secret: SECRET,
      port: 0,
      host: '127.0.0.1',
      redisUrl: ENV.REDIS_URL,
      eventsSecret: SECRET,
      identityKeys: { keys: [PUBLIC_KEY] },
      logLevel: 'info',
      isProduction: false,
    });
  });

  test('is frozen through and through', () => {
    const config = parse();
    expect([config, config.identityKeys, config.identityKeys.keys, config.identityKeys.keys[0]].every(Object.isFrozen)).toBe(true);
  });

  test('names every variable that is missing or wrong, in one line', () => {
    const error = refusalOf({ ORDERS_DATABASE_URL: undefined, REDIS_URL: '', ORDERS_PORT: '70000', LOG_LEVEL: 'loud' });
    expect(error.variables).toEqual(['ORDERS_DATABASE_URL', 'ORDERS_PORT', 'REDIS_URL', 'LOG_LEVEL']);
    expect(error.message).toBe(
      'orders cannot start: ORDERS_DATABASE_URL is missing: expected a database URL (postgres://… or postgresql://…); ' +
        'ORDERS_PORT is not valid: expected a whole number from 0 to 65535; ' +
        'REDIS_URL is missing: expected a Redis URL (redis://… or rediss://…); ' +
        'LOG_LEVEL is not valid: expected one of trace, debug, info, warn, error, fatal, silent.',
    );
  });

  test.each([
    ['ORDERS_SECRET', 'short-and-private'],
    ['ORDERS_SECRET', `${SECRET} with spaces`],
    ['ORDERS_DATABASE_URL', 'mysql://root:hunter2@db/orders'],
    ['ORDERS_DATABASE_URL', 'hunter2'],
    ['REDIS_URL', 'redis:hunter2'],
    ['IDENTITY_PUBLIC_KEYS', 'hunter2'],
    ['IDENTITY_PUBLIC_KEYS', '{"keys":[]}'],
    ['IDENTITY_PUBLIC_KEYS', JSON.stringify({ keys: [{ ...PUBLIC_KEY, kty: 'oct', k: 'hunter2' }] })],
    ['IDENTITY_PUBLIC_KEYS', JSON.stringify({ keys: [{ ...PUBLIC_KEY, d: 'hunter2' }] })],
    ['NODE_ENV', 'staging'],
  ])('MUST never print the refused value of %s', (name, value) => {
    const error = refusalOf({ [name]: value });
    expect(error.variables).toEqual([name]);
    expect(error.message).not.toContain(value);
    expect(error.message).not.toContain('hunter2');
    expect(error.message).not.toContain('\n');
  });
});

describe('production', () => {
  const production = { NODE_ENV: 'production' };

  test('starts with secrets of its own', () => {
    expect(parse(production).isProduction).toBe(true);
  });

  test('refuses development secrets, also as the id of a key', () => {
    const development = `development-${SECRET}`;
    const keys = JSON.stringify({ keys: [{ ...PUBLIC_KEY, kid: 'development-gateway' }] });
    expect(parse({ ORDERS_SECRET: development, IDENTITY_PUBLIC_KEYS: keys }).secret).toBe(development);

    const error = refusalOf({ ...production, ORDERS_SECRET: development, IDENTITY_PUBLIC_KEYS: keys });
    expect(error.variables).toEqual(['ORDERS_SECRET', 'IDENTITY_PUBLIC_KEYS']);
    expect(error.message).not.toContain(SECRET);
  });
});

test("a service's own variables join the common ones", () => {
  const shape = {
    ...commonConfig('ORDERS'),
    feeBasisPoints: variable('ORDERS_FEE', integer(0, 10_000).default(500)),
    isSandbox: variable('ORDERS_SANDBOX', flag().default(false)),
    publicUrl: variable('PUBLIC_URL', httpUrl()),
    signingKey: variable('ORDERS_KEY', jwk()),
    spare: variable('ORDERS_SPARE_SECRET', secret().optional()),
  };
  const key = { ...PUBLIC_KEY, d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' };
  const config = parseConfig('orders', shape, {
    ...ENV,
    ORDERS_SANDBOX: 'true',
    PUBLIC_URL: 'https://shop.example/',
    ORDERS_KEY: JSON.stringify(key),
  });
  expect(config).toMatchObject({ feeBasisPoints: 500, isSandbox: true, publicUrl: 'https://shop.example', signingKey: key, port: 0 });
  expect(config.spare).toBeUndefined();
});

function refusalOf(change: NodeJS.ProcessEnv): ConfigError {
  try {
    parse(change);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}
