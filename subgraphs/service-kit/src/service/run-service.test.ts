import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';

const MODULE = new URL('./run-service.ts', import.meta.url).href;

/** A process whose `main.ts` is `runService(start, options)` with these texts. */
function run(start: string, options = '{}') {
  const keepAlive = 'setInterval(() => {}, 1000);';
  const code = `import { runService } from '${MODULE}'; ${keepAlive} runService(${start}, ${options}).then(() => console.log('started'));`;
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', code], { stdio: 'pipe' });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return { child, output: () => output, exited: once(child, 'exit') as Promise<[number | null]> };
}

async function running(start: string, options?: string) {
  const process = run(start, options);
  while (!process.output().includes('started'))
    await Promise.race([once(process.child.stdout as NonNullable<ChildProcess['stdout']>, 'data'), process.exited]);
  return process;
}

describe('a running service', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('closes once at %s and exits with 0', async (signal) => {
    const { child, exited, output } = await running(`async () => ({ close: async () => console.log('closed') })`);
    child.kill(signal);
    expect((await exited)[0]).toBe(0);
    expect(output().match(/closed/g)).toHaveLength(1);
  });

  test('takes signals that come together as one', async () => {
    const { child, exited, output } = await running(`async () => ({ close: () => new Promise((done) => setTimeout(done, 100)) })`);
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    expect(output()).toContain('stopped');
  });

  test('is forced by a second signal', async () => {
    const { child, exited, output } = await running(`async () => ({ close: () => new Promise(() => {}) })`);
    child.kill('SIGTERM');
    await sleep(700);
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(1);
    expect(output()).toContain('second signal');
  });

  test('that does not close within its bound is ended', async () => {
    const { child, exited, output } = await running(`async () => ({ close: () => new Promise(() => {}) })`, '{ closeTimeoutMs: 100 }');
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(1);
    expect(output()).toContain('not closed within 100 ms');
  });

  test('waits for a start that a signal interrupts, then closes', async () => {
    const { child, exited, output } = run(
      `async () => { console.log('starting'); await new Promise((done) => setTimeout(done, 300)); return { close: async () => console.log('closed') }; }`,
    );
    await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    expect(output()).toContain('closed');
  });
});

describe('a service that fails', () => {
  test.each([
    ['at the start', `async () => { throw new Error('no database'); }`, 'no database'],
    ['at the start, synchronously', `() => { throw new Error('no database'); }`, 'start failed'],
    [
      'by a rejection that nobody handles',
      `async () => { Promise.reject(new Error('lost')); return { close: async () => {} }; }`,
      'unhandled rejection',
    ],
    [
      'by an exception that nobody catches',
      `async () => { setTimeout(() => { throw new Error('loose'); }); return { close: async () => {} }; }`,
      'uncaught exception',
    ],
  ])('%s says why and exits with 1', async (_when, start, reason) => {
    const { exited, output } = run(start);
    expect((await exited)[0]).toBe(1);
    expect(output()).toContain(reason);
  });

  test('when closing exits with 1', async () => {
    const { child, exited, output } = await running(`async () => ({ close: async () => { throw new Error('stuck'); } })`);
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(1);
    expect(output()).toContain('stop failed');
  });
});
