import type { FilterQuery } from '@mikro-orm/core';
import { type ConnectionArgs, connectionTypes, paginate, type SortKey } from '@tessera/service-kit/pagination';
import { subcategoriesOf } from '../category/category.load.ts';
import type { CatalogContext } from '../services.ts';
import { catalogViewer } from './own-product.ts';
import { ProductEntity } from './product.entity.ts';
import { Product } from './product.type.ts';
import { categoriesIn, checkWhere, listable, mentionsStatus, toFilter } from './product-where.ts';
import type { ProductOrder, ProductWhere } from './product-where.type.ts';

export const ProductConnection = connectionTypes('Product', () => Product);

const SORT: Readonly<Record<ProductOrder, readonly SortKey<ProductEntity>[]>> = {
  NEWEST: [{ property: 'createdAt', direction: 'desc' }],
  OLDEST: [{ property: 'createdAt', direction: 'asc' }],
  TITLE: [{ property: 'title', direction: 'asc' }],
};

/** A page of what the viewer may see and asked for. */
export async function listProducts(
  context: CatalogContext,
  args: ConnectionArgs,
  where: ProductWhere = {},
  order: ProductOrder = 'NEWEST',
) {
  const page = await paginate(context.em, {
    entity: ProductEntity,
    where: await productFilter(context, where),
    sort: SORT[order],
    args,
    filter: { where, order },
    secret: context.cursorSecret,
    toNode: (product): Product => product as Product, // the stored nulls are never undefined once they are loaded
  });
  return new ProductConnection(page);
}

/** Visibility stands outside the caller's tree, where no `or` or `not` can reach it. */
export async function productFilter({ em, viewer, services }: CatalogContext, where: ProductWhere): Promise<FilterQuery<ProductEntity>> {
  checkWhere(where);
  const named = categoriesIn(where);
  const below = await subcategoriesOf(em, named);
  const meanings = { categories: expansionOf(below), text: services.search.condition };
  return { $and: [listable(catalogViewer(viewer), mentionsStatus(where)), toFilter(where, meanings)] };
}

function expansionOf(tree: ReadonlyMap<string, readonly string[]>) {
  return (ids: readonly string[]) => ids.flatMap((id) => [id, ...(tree.get(id) ?? [])]);
}
