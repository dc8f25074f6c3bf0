import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
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
