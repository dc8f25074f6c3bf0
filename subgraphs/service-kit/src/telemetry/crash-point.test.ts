import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { createCrashPoint } from './crash-point.ts';

const SOURCE = fileURLToPath(new URL('./crash-point.ts', import.meta.url));
const about = { service: 'payments', isProduction: false };

/** A process that passes the points `a`, `b` and `a` again, telling each, with this setting. */
function passing(setting: string) {
  const program = `
    const { createCrashPoint } = await import(${JSON.stringify(SOURCE)});
    const pass = createCrashPoint(${JSON.stringify(setting)}, ${JSON.stringify(about)});
    for (const name of ['a', 'b', 'a']) { console.log('at ' + name); pass(name); }`;
  const { stdout, signal } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], { encoding: 'utf8' });
  return { passed: stdout.trim().split('\n'), signal };
}

describe('a crash point', () => {
  it.each([
    ['a', ['at a']],
    ['b', ['at a', 'at b']],
    ['a#2', ['at a', 'at b', 'at a']],
  ])('%s ends the process where it says', (setting, passed) => {
    expect(passing(setting)).toEqual({ passed, signal: 'SIGKILL' });
  });

  it('that is never passed ends nothing', () => {
    expect(passing('a#3')).toEqual({ passed: ['at a', 'at b', 'at a'], signal: null });
  });

  it('is nothing where nothing was asked for', () => {
    expect(createCrashPoint(undefined, { ...about, isProduction: true })('a')).toBeUndefined();
  });

  it.each([
    ['in production', 'a', { ...about, isProduction: true }],
    ['with a bad ordinal', 'a#0', about],
    ['without a name', '', about],
  ])('is refused %s with one line', (_what, setting, where) => {
    expect(() => createCrashPoint(setting, where)).toThrow(/^payments cannot start: CRASH_AT .+\.$/);
  });
});
