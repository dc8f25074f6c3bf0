import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { diagnose } from './doctor.ts';
import { resolveLayout } from './layout.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const OUTSIDE = Object.fromEntries(
  ['USERS', 'CATALOG', 'ORDERS', 'PAYMENTS', 'LEDGER'].map((service) => [`${service}_DATABASE_URL`, 'postgres://db.example/x']),
);

test('names every check once', async () => {
  const checks = await diagnose(resolveLayout({ dataDir: join(folder.path, 'data') }), {});
  const names = checks.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(
    expect.arrayContaining([
      'node',
      'packages',
      'postgres binaries',
      'postgres user',
      'redis',
      'port postgres',
      'cards',
      'port stripe simulator',
      'disk',
      'memory',
      'open files',
      'running',
    ]),
  );
});

test('fails where nothing is installed and says what to do', async () => {
  const checks = await diagnose(resolveLayout({ checkout: folder.path }), {});

  expect(checks).toContainEqual({ name: 'packages', status: 'fail', detail: expect.stringContaining('npm ci') });
  expect(checks).toContainEqual({ name: 'postgres binaries', status: 'fail', detail: expect.stringContaining('npm ci') });
});

test('does not look for stores that are given from outside', async () => {
  const checks = await diagnose(resolveLayout({ dataDir: join(folder.path, 'data') }), { ...OUTSIDE, REDIS_URL: 'redis://r.example' });

  expect(checks.filter(({ name }) => /postgres|redis/.test(name)).map(({ status, detail }) => `${status} ${detail}`)).toEqual([
    'ok every *_DATABASE_URL is set, so none is started',
    'ok REDIS_URL is set, so none is started',
  ]);
});

describe('who takes the cards', () => {
  const of = async (environment: Record<string, string>) =>
    (await diagnose(resolveLayout({ dataDir: join(folder.path, 'data') }), environment)).filter(({ name }) => /cards|stripe/.test(name));

  test('the simulator, without a key', async () => {
    expect(await of({})).toMatchObject([{ name: 'cards', status: 'ok' }, { name: 'port stripe simulator' }]);
    expect(await of({ STRIPE_WEBHOOK_SECRET: 'whsec_1' })).toMatchObject([{ name: 'cards', status: 'warn' }, {}]);
  });

  test.each([
    ['in test mode', { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }, 'ok', /test mode/],
    ['with a live key', { STRIPE_SECRET_KEY: 'rk_live_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }, 'warn', /real money/],
    ['without a webhook secret', { STRIPE_SECRET_KEY: 'sk_test_1' }, 'fail', /STRIPE_WEBHOOK_SECRET/],
    ['with a publishable key', { STRIPE_SECRET_KEY: 'pk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }, 'fail', /sk_test_/],
  ])('Stripe %s', async (_, environment, status, detail) => {
    expect(await of(environment)).toEqual([{ name: 'cards', status, detail: expect.stringMatching(detail) }]);
  });
});
