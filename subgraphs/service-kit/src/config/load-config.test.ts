import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

const MODULE = new URL('./index.ts', import.meta.url).href;

test('a process without its settings says so in one line and exits with 1 within 2 s', () => {
  const code = `import { commonConfig, loadConfig } from '${MODULE}'; loadConfig('orders', commonConfig('ORDERS')); console.log('went on');`;
  const env = { ORDERS_SECRET: 'hunter2', REDIS_URL: 'redis://127.0.0.1:6379/0' };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', '--input-type=module', '-e', code], {
    env,
    encoding: 'utf8',
    timeout: 2_000,
  });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^orders cannot start: ORDERS_DATABASE_URL is missing.*ORDERS_SECRET is not valid.*\n$/);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toContain('hunter2');
});
