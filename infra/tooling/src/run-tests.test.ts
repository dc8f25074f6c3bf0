import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './run-tests.ts';

describe('arguments of the test runner', () => {
  it('mean every layer when none is named', () => {
    expect(parseArguments([])).toEqual({ selected: ['unit', 'int', 'e2e'], jestArguments: [] });
    expect(parseArguments(['--json'])).toEqual({ selected: ['unit', 'int', 'e2e'], jestArguments: ['--json'] });
  });

  it('name layers first, and leave the rest to jest', () => {
    expect(parseArguments(['int', 'e2e', 'orders', '-t', 'unit'])).toEqual({
      selected: ['int', 'e2e'],
      jestArguments: ['orders', '-t', 'unit'],
    });
  });
});
