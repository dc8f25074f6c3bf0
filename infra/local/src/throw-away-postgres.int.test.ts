import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { isRunning, waitUntil } from './processes.ts';

const MODULE = new URL('throw-away-postgres.ts', import.meta.url).href;
const PROGRAM = `
  const { startCrashablePostgres } = await import(${JSON.stringify(MODULE)});
  const postgres = await startCrashablePostgres();
  console.log(postgres.pid());
  setInterval(() => undefined, 1_000);`;
const GONE_WITHIN_MS = 60_000;

describe('a throw-away PostgreSQL', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'MUST be gone with its files after whoever started it was ended by %s',
    async (signal) => {
      const starter = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', PROGRAM], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = await once(starter.stdout, 'data');
      const pid = Number(line);
      const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`tessera-trial-${starter.pid}-`));
      expect([isRunning(pid), folders().length]).toEqual([true, 1]);
      starter.kill(signal);
      await once(starter, 'exit');
      expect(await waitUntil(() => !isRunning(pid) && folders().length === 0, GONE_WITHIN_MS)).toBe(true);
    },
  );
});
