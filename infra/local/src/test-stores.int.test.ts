import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { TEST_PREFIX } from './layout.ts';
import { isPortFree } from './ports.ts';
import { query } from './query.ts';
import { startTestStores } from './test-stores.ts';
import { launch } from './testing/launcher.ts';

const SLOW_MS = 90_000;

test(
  'two runs live side by side; a killed one is swept by the next, a living one is not',
  async () => {
    const killed = await launch('launch-test-stores.ts');
    const living = await startTestStores();
    expect(foldersOf(killed.pid)).toHaveLength(1);
    await killed.kill();
    const next = await startTestStores();

    expect(foldersOf(killed.pid)).toEqual([]);
    expect(await isPortFree(Number(new URL(killed.reply.adminUrl ?? '').port))).toBe(true);
    expect(await isPortFree(Number(new URL(killed.reply.redisUrl ?? '').port))).toBe(true);
    expect(
      await query(living.adminUrl, "SELECT current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync"),
    ).toEqual([{ commit: 'on', fsync: 'off' }]);
    await Promise.all([living.close(), next.close()]);
    expect(foldersOf(process.pid)).toEqual([]);
  },
  SLOW_MS,
);

function foldersOf(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`${TEST_PREFIX}${pid}-`));
}
