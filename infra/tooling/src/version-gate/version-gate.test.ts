import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import minimumVersions from './minimum-versions.json' with { type: 'json' };
import { isOlder, type Lockfile, type MinimumVersion, refusalsOf } from './version-gate.ts';

const aMinimum = (facts: Partial<MinimumVersion> = {}): MinimumVersion => ({
  name: 'ws',
  minimum: '8.21.0',
  required: true,
  reason: 'CVE-2026-48779',
  ...facts,
});

const aLockfile = (packages: Lockfile['packages']): Lockfile => ({ packages: { '': {}, ...packages } });

describe('version gate', () => {
  it('lets the minimum and what is newer pass', () => {
    expect(refusalsOf([aMinimum()], aLockfile({ 'node_modules/ws': { version: '8.21.0' } }))).toEqual([]);
    expect(refusalsOf([aMinimum()], aLockfile({ 'node_modules/ws': { version: '9.0.0' } }))).toEqual([]);
  });

  it('refuses an older version and says why', () => {
    expect(refusalsOf([aMinimum()], aLockfile({ 'node_modules/ws': { version: '8.20.9' } }))).toEqual([
      { ...aMinimum(), found: { path: 'node_modules/ws', version: '8.20.9' } },
    ]);
  });

  it('refuses an old copy below another package', () => {
    const lockfile = aLockfile({ 'node_modules/ws': { version: '8.23.0' }, 'node_modules/a/node_modules/ws': { version: '7.5.0' } });
    expect(refusalsOf([aMinimum()], lockfile)).toMatchObject([{ found: { path: 'node_modules/a/node_modules/ws', version: '7.5.0' } }]);
  });

  it('refuses an old copy under another name', () => {
    const lockfile = aLockfile({ 'node_modules/ws': { version: '8.23.0' }, 'node_modules/sockets': { name: 'ws', version: '8.0.0' } });
    expect(refusalsOf([aMinimum()], lockfile)).toMatchObject([{ found: { path: 'node_modules/sockets' } }]);
  });

  it('does not take one package for another', () => {
    const lockfile = aLockfile({ 'node_modules/ws': { version: '8.23.0' }, 'node_modules/@types/ws': { version: '8.18.2' } });
    expect(refusalsOf([aMinimum()], lockfile)).toEqual([]);
  });

  it('misses a package only where it is required', () => {
    expect(refusalsOf([aMinimum()], aLockfile({}))).toMatchObject([{ found: null }]);
    expect(refusalsOf([aMinimum({ required: false })], aLockfile({}))).toEqual([]);
  });

  it.each([
    ['2.13.1', '2.13.2', true],
    ['2.9.10', '2.13.2', true],
    ['2.13.10', '2.13.2', false],
    ['3.0.0', '2.13.2', false],
    ['2.13.2-rc.1', '2.13.2', true],
    ['2.13.2', '2.13.2-rc.1', false],
    ['latest', '0.0.1', true],
  ])('%s is older than %s: %s', (version, minimum, older) => {
    expect(isOlder(version, minimum)).toBe(older);
  });

  it('turns red on this lockfile if any one of its guarded packages steps back', () => {
    const lockfile: Lockfile = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../package-lock.json'), 'utf8'));
    expect(refusalsOf(minimumVersions, lockfile)).toEqual([]);
    for (const { name } of minimumVersions) {
      const steppedBack = { packages: { ...lockfile.packages, [`node_modules/${name}`]: { version: '1.0.0' } } };
      expect(refusalsOf(minimumVersions, steppedBack)).toMatchObject([{ name }]);
    }
  });
});
