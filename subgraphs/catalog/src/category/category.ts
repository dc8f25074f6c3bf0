/** Rules of the category tree: two levels, so that every page can show all of it. Plain data in, decision out. */

export interface CategoryFacts {
  readonly id: string;
  readonly parentId?: string | null | undefined;
}

export const MAX_CATEGORIES_PER_LEVEL = 250;

export type PlacementRefusal = 'OWN_PARENT' | 'PARENT_IS_A_SUBCATEGORY' | 'HAS_SUBCATEGORIES';

/** Why a category may not stand under this parent; null when it may. `category` is null for a new one. */
export function refusePlacement(
  category: CategoryFacts | null,
  parent: CategoryFacts | null,
  hasChildren: boolean,
): PlacementRefusal | null {
  if (!parent) return null;
  if (category?.id === parent.id) return 'OWN_PARENT';
  if (parent.parentId) return 'PARENT_IS_A_SUBCATEGORY';
  return hasChildren ? 'HAS_SUBCATEGORIES' : null;
}
