import type { Loader } from '@tessera/service-kit/graphql';
import { isId } from '@tessera/service-kit/ids';
import type { CatalogServices } from '../services.ts';
import { VariantEntity } from '../variant/variant.entity.ts';
import { catalogViewer } from './own-product.ts';
import { ProductEntity } from './product.entity.ts';
import { isVisible, isVisibleByReference } from './product.ts';

/** Products as other subgraphs refer to them; what the viewer may not see is not there. */
export const productByReference: Loader<ProductEntity, CatalogServices> = {
  name: 'productByReference',
  batch: async (ids, { em, viewer }) => {
    const rows = await em.find(ProductEntity, { id: { $in: ids.filter((id) => isId('product', id)) } });
    return new Map(rows.filter((row) => isVisibleByReference(catalogViewer(viewer), row)).map((row) => [row.id, row]));
  },
};

/** Products as a visitor of the shop asks for them. */
export const productBySlug: Loader<ProductEntity, CatalogServices> = {
  name: 'productBySlug',
  batch: async (slugs, { em, viewer }) => {
    const rows = await em.find(ProductEntity, { slug: { $in: [...slugs] } });
    return new Map(rows.filter((row) => isVisible(catalogViewer(viewer), row)).map((row) => [row.slug, row]));
  },
};

/** With their products, in one query; removed variants too, because an old order must be shown. */
export const variantByReference: Loader<VariantEntity, CatalogServices> = {
  name: 'variantByReference',
  batch: async (ids, { em, viewer }) => {
    const rows = await em.find(VariantEntity, { id: { $in: ids.filter((id) => isId('variant', id)) } }, { populate: ['product'] });
    return new Map(rows.filter((row) => isVisibleByReference(catalogViewer(viewer), row.product)).map((row) => [row.id, row]));
  },
};

/** The variants in sale of products that the viewer was shown, by position. */
export const variantsOfProduct: Loader<VariantEntity[], CatalogServices> = {
  name: 'variantsOfProduct',
  batch: async (ids, { em }) => {
    const rows = await em.find(VariantEntity, { product: { $in: [...ids] }, removedAt: null }, { orderBy: { position: 'asc' } });
    return Map.groupBy(rows, ({ product }) => product.id);
  },
};
