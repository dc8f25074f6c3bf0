import type { QueryOrderMap } from '@mikro-orm/core';
import type { Loader } from '@tessera/service-kit/graphql';
import { isId } from '@tessera/service-kit/ids';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { CatalogServices } from '../services.ts';
import { CategoryEntity } from './category.entity.ts';
import { MAX_CATEGORIES_PER_LEVEL } from './category.ts';

const BY_NAME: QueryOrderMap<CategoryEntity>[] = [{ name: 'asc' }, { id: 'asc' }];

export const categoryById: Loader<CategoryEntity, CatalogServices> = {
  name: 'categoryById',
  batch: async (ids, { em }) => {
    const rows = await em.find(CategoryEntity, { id: { $in: ids.filter((id) => isId('category', id)) } });
    return new Map(rows.map((row) => [row.id, row]));
  },
};

/** The children of each category, by name. */
export const childrenOfCategory: Loader<CategoryEntity[], CatalogServices> = {
  name: 'childrenOfCategory',
  batch: async (ids, { em }) => {
    const rows = await em.find(CategoryEntity, { parentId: { $in: [...ids] } }, { orderBy: BY_NAME });
    return Map.groupBy(rows, ({ parentId }) => parentId ?? '');
  },
};

/** The children of one category, or the top level. */
export async function categoriesBelow(em: EntityManager, parentId: string | null): Promise<CategoryEntity[]> {
  return em.find(CategoryEntity, { parentId }, { orderBy: BY_NAME, limit: MAX_CATEGORIES_PER_LEVEL });
}

/** The ids of the sub-categories of each of these categories: a filter on a category means its sub-categories too. */
export async function subcategoriesOf(em: EntityManager, ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  if (ids.length === 0) return new Map();
  const children = await em.find(CategoryEntity, { parentId: { $in: [...ids] } }, { fields: ['id', 'parentId'], disableIdentityMap: true });
  const groups = Map.groupBy(children, ({ parentId }) => parentId ?? '');
  return new Map([...groups].map(([parentId, rows]) => [parentId, rows.map(({ id }) => id)]));
}
