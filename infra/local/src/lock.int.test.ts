import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { acquireLock, lockHolder } from './lock.ts';
import { startOf } from './processes.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'a.lock');
});
afterEach(() => folder.remove());

test('is held by one at a time and says who holds it', () => {
  const lock = acquireLock(file, 'The data');

  expect(() => acquireLock(file, 'The data')).toThrow(
    expect.objectContaining({ code: 'DATA_DIR_IN_USE', message: expect.stringContaining(`process ${process.pid}`) }),
  );
  expect(lockHolder(file)?.pid).toBe(process.pid);
  lock.release();
  expect(existsSync(file)).toBe(false);
  acquireLock(file, 'The data').release();
  expect(readdirSync(folder.path)).toEqual([]);
});

test('is taken over from a dead holder', () => {
  const dead = spawnSync('true').pid;
  writeFileSync(file, JSON.stringify({ pid: dead, start: '1', since: 'yesterday' }));

  expect(lockHolder(file)).toBeUndefined();
  acquireLock(file, 'The data');
  expect(lockHolder(file)?.pid).toBe(process.pid);
});

test('is taken over when the pid now belongs to another process', () => {
  writeFileSync(file, JSON.stringify({ pid: process.pid, start: `${Number(startOf(process.pid)) - 1}`, since: 'yesterday' }));

  acquireLock(file, 'The data').release();
});

test('is taken over when its file is damaged', () => {
  writeFileSync(file, '{"pi');

  acquireLock(file, 'The data').release();
});
