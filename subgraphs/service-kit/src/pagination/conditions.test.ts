import { describe, expect, it } from '@jest/globals';
import { allOf, anyOf, type ConditionTree, checkConditions } from './conditions.ts';

interface Where extends ConditionTree<Where> {
  readonly name?: string;
}
const check = (where: Where) => () => checkConditions(where, () => undefined);

describe('a tree of conditions', () => {
  it('nests three deep and no deeper', () => {
    expect(check({ not: { and: [{ or: [{ name: 'x' }] }] } })).not.toThrow();
    expect(check({ not: { and: [{ or: [{ not: { name: 'x' } }] }] } })).toThrow('nest at most 3 deep');
  });

  it.each(['and', 'or'])('has at most 20 branches of %s', (operator) => {
    const branches = (count: number): Where => ({ [operator]: Array.from({ length: count }, () => ({})) });
    expect(check(branches(20))).not.toThrow();
    expect(check({ not: branches(21) })).toThrow('at most 20');
  });

  it('has every one of its conditions looked at', () => {
    const seen: (string | undefined)[] = [];
    checkConditions<Where>({ name: 'a', or: [{ name: 'b' }], not: { and: [{ name: 'c' }] } }, ({ name }) => seen.push(name));
    expect(seen).toEqual(['a', 'b', undefined, 'c']);
  });

  it('is true of all when empty, of nothing without an alternative', () => {
    expect(allOf([])).toEqual({ id: { $ne: '' } });
    expect(anyOf([])).toEqual({ id: { $in: [] } });
    expect(anyOf([allOf([])])).toEqual({ id: { $ne: '' } });
  });
});
