import { describe, expect, it } from '@jest/globals';
import { checkWhere, listable, type Meanings, mentionsStatus, toFilter } from './product-where.ts';
import type { ProductWhere } from './product-where.type.ts';

const meanings: Meanings = {
  categories: (ids) => ids.flatMap((id) => [id, `${id}.1`]),
  text: (text) => ({ holds: { title: text }, fails: { title: { $ne: text } } }),
};

describe('conditions on products', () => {
  it('take sub-categories with a category', () => {
    expect(toFilter({ category: { eq: 'a' } }, meanings)).toEqual({ categoryId: { $in: ['a', 'a.1'] } });
  });

  it('push a negation down to what is missing', () => {
    expect(toFilter({ not: { category: { eq: 'a' } } }, meanings)).toEqual({
      $or: [{ categoryId: null }, { categoryId: { $nin: ['a', 'a.1'] } }],
    });
    expect(toFilter({ not: { not: { kind: { eq: 'PHYSICAL' } } } }, meanings)).toEqual({ kind: { $in: ['PHYSICAL'] } });
  });

  it('turn and into or, and or into and, under a negation', () => {
    const two: ProductWhere[] = [{ kind: { eq: 'PHYSICAL' } }, { vendor: { eq: 'v' } }];
    const none = [{ kind: { $nin: ['PHYSICAL'] } }, { vendorId: { $nin: ['v'] } }];
    expect(toFilter({ not: { and: two } }, meanings)).toEqual({ $or: none });
    expect(toFilter({ not: { or: two } }, meanings)).toEqual({ $and: none });
  });

  it('are true when empty and false without an alternative', () => {
    expect(toFilter({ or: [] }, meanings)).toEqual({ id: { $in: [] } });
    expect(toFilter({ not: {} }, meanings)).toEqual({ id: { $in: [] } });
    expect(toFilter({}, meanings)).toEqual(toFilter({ not: { or: [] } }, meanings));
  });

  it('mean by a text what the search means', () => {
    expect(toFilter({ not: { or: [{ text: 'a' }, { not: { text: 'b' } }] } }, meanings)).toEqual({
      $and: [{ title: { $ne: 'a' } }, { title: 'b' }],
    });
  });

  it('nest three deep and no deeper', () => {
    expect(() => checkWhere({ not: { not: { not: { text: 'x' } } } })).not.toThrow();
    expect(() => checkWhere({ not: { not: { not: { not: { text: 'x' } } } } })).toThrow('nest at most 3 deep');
  });

  it.each([
    { and: Array.from({ length: 21 }, () => ({})) },
    { category: { in: Array.from({ length: 101 }, String) } },
    { text: '' },
    { text: 'x'.repeat(101) },
  ])('are bounded', (where) => {
    expect(() => checkWhere(where)).toThrow('where:');
  });

  it('find a status however deep it is', () => {
    expect(mentionsStatus({ and: [{ not: { status: { eq: 'DRAFT' } } }] })).toBe(true);
    expect(mentionsStatus({ text: 'status' })).toBe(false);
  });
});

describe('what a list may hold', () => {
  it('is published unless the status is asked for', () => {
    expect(listable({ userId: 'u', isAdmin: true }, false)).toEqual({ status: 'PUBLISHED' });
    expect(listable({ userId: null, isAdmin: false }, true)).toEqual({ status: 'PUBLISHED' });
  });

  it('adds drafts of one’s own', () => {
    expect(listable({ userId: 'u', isAdmin: false }, true)).toEqual({ $or: [{ status: 'PUBLISHED' }, { status: 'DRAFT', vendorId: 'u' }] });
  });
});
