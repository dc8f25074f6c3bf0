import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildWith, misfitsOf, type Plant } from './plant.ts';
import { plants } from './planted.ts';

describe('planted bugs', () => {
  it.each(plants.map((plant) => [plant.name, plant] as const))('apply to the ledger as it is built: %s', (_name, plant) => {
    expect(misfitsOf(plant)).toEqual([]);
  });

  it('go into a copy, however the code is spaced, and leave with it', () => {
    const edit = { file: 'engine/digest.js', find: 'lines .toSorted()', replace: 'lines.slice(1)' };
    const spaced: Plant = {
      name: 'spaced',
      edits: [{ ...edit, find: 'export   function\ndigestOf(', replace: 'export function digestOf(/* planted */' }],
    };
    const { build, remove } = buildWith(spaced);
    const text = (): string => readFileSync(new URL('engine/digest.js', build), 'utf8');
    expect(text()).toContain('/* planted */');
    remove();
    expect(existsSync(new URL(build))).toBe(false);
    expect(misfitsOf({ name: 'gone', edits: [edit] })).toEqual([
      'The bug “gone” no longer applies: dist/engine/digest.js has 0 places like: lines .toSorted()',
    ]);
    expect(() => buildWith({ name: 'gone', edits: [edit] })).toThrow('no longer applies');
  });
});
