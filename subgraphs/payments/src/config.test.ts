import { describe, expect, it } from '@jest/globals';
import { type ConfigShape, parseConfig } from '@tessera/service-kit/config';
import { configShape, createSubgraph } from './subgraph.ts';

const secret = 'b'.repeat(43);
const COMMON = {
  PAYMENTS_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  PAYMENTS_SECRET: secret,
  REDIS_URL: 'redis://127.0.0.1:1',
  EVENTS_SECRET: secret,
  IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'nobody', x: secret }] }),
  LOG_LEVEL: 'silent',
};
const start = (env: NodeJS.ProcessEnv) => createSubgraph(parseConfig('payments', configShape satisfies ConfigShape, { ...COMMON, ...env }));
const KEY = { STRIPE_SECRET_KEY: 'sk_test_0123' };

describe('the variables of payments', () => {
  it('take cards with two of them', () => {
    expect(start({ ...KEY, STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef' }).services.adapters.STRIPE?.name).toBe('STRIPE');
  });

  it('take none without a key', () => {
    expect(start({}).services.adapters).toEqual({});
  });

  it.each([
    ['no webhook secret', KEY, /STRIPE_WEBHOOK_SECRET is missing: .+ because STRIPE_SECRET_KEY is set/],
    ['an empty webhook secret', { ...KEY, STRIPE_WEBHOOK_SECRET: '' }, /STRIPE_WEBHOOK_SECRET is missing/],
    ['a blank one among several', { ...KEY, STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef,' }, /STRIPE_WEBHOOK_SECRET is not valid/],
    ['a key that is none', { STRIPE_SECRET_KEY: 'pk_test_0123' }, /STRIPE_SECRET_KEY is not valid: expected a secret key of Stripe/],
    ['fraud rules that are no JSON', { PAYMENTS_FRAUD_RULES: '{' }, /PAYMENTS_FRAUD_RULES is not valid/],
    [
      'production without the address that customers come back to',
      { ...KEY, STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef', NODE_ENV: 'production' },
      /PUBLIC_URL is missing/,
    ],
    [
      'another host without TLS in production',
      {
        ...KEY,
        STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
        PUBLIC_URL: 'https://a.example',
        STRIPE_API_BASE: 'http://localhost.b.example',
        NODE_ENV: 'production',
      },
      /STRIPE_API_BASE is not valid/,
    ],
    ['a crash point in production', { CRASH_AT: 'payments.refund.answered', NODE_ENV: 'production' }, /CRASH_AT is for tests/],
  ])('refuse %s in one line that does not show it', (_what, env, message) => {
    expect(() => start(env)).toThrow(message);
    expect(() => start(env)).not.toThrow(/0123/);
  });

  it.each(['https://b.example', 'http://127.0.0.1:4100', 'http://localhost:4100', 'http://[::1]:4100'])(
    'take %s as the provider in production',
    (host) => {
      const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://a.example', STRIPE_API_BASE: host };
      expect(start({ ...KEY, ...production, STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef' }).services.adapters.STRIPE).toBeDefined();
    },
  );

  it('take several webhook secrets while one is being replaced', () => {
    const secrets = 'whsec_0123456789abcdef, whsec_fedcba9876543210';
    expect(start({ ...KEY, STRIPE_WEBHOOK_SECRET: secrets }).services.adapters.STRIPE).toBeDefined();
  });
});
