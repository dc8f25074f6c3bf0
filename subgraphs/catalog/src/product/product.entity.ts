import { defineEntity, p } from '@mikro-orm/core';
import type { MediaFacts, OptionFacts, PriceBands, ProductKind, ProductStatus, SeoFacts } from './product.ts';

const productSchema = defineEntity({
  name: 'Product',
  tableName: 'products',
  properties: {
    id: p.string().primary(),
    slug: p.string(),
    title: p.string(),
    description: p.text(),
    kind: p.string().$type<ProductKind>(),
    status: p.string().$type<ProductStatus>(),
    vendorId: p.string(),
    categoryId: p.string().nullable(),
    media: p.json<readonly MediaFacts[]>(),
    options: p.json<readonly OptionFacts[]>(),
    seo: p.json<SeoFacts>(),
    /** Derived from the variants, for filters. */
    priceBands: p.json<PriceBands>(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    /** When customers saw it first; kept when it is archived. */
    publishedAt: p.datetime().nullable(),
    version: p.integer().version(),
  },
});

/** How a product is stored. What may happen to it is in `product.ts`; how it is seen is in `product.type.ts`. */
export class ProductEntity extends productSchema.class {}
productSchema.setClass(ProductEntity);
