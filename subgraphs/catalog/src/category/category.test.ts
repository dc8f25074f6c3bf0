import { expect, it } from '@jest/globals';
import { refusePlacement } from './category.ts';

const top = { id: 'cat_top', parentId: null };
const sub = { id: 'cat_sub', parentId: 'cat_top' };

it('puts a category on the top level or below one that is there', () => {
  expect(refusePlacement(null, null, false)).toBeNull();
  expect(refusePlacement(null, top, false)).toBeNull();
  expect(refusePlacement(top, null, true)).toBeNull();
});

it('never builds a third level', () => {
  expect(refusePlacement(null, sub, false)).toBe('PARENT_IS_A_SUBCATEGORY');
  expect(refusePlacement({ id: 'cat_other', parentId: null }, top, true)).toBe('HAS_SUBCATEGORIES');
  expect(refusePlacement(top, top, false)).toBe('OWN_PARENT');
});
