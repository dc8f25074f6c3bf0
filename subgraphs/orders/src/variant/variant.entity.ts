import { defineEntity, p } from '@mikro-orm/core';
import type { ProductKind, WirePrice } from './variant.ts';

const variantSchema = defineEntity({
  name: 'VariantFacts',
  tableName: 'variants',
  properties: {
    id: p.string().primary(),
    productId: p.string(),
    vendorId: p.string(),
    sku: p.text(),
    title: p.text(),
    productTitle: p.text(),
    kind: p.string().$type<ProductKind>(),
    prices: p.json<readonly WirePrice[]>(),
    isRemoved: p.boolean(),
  },
});

/** What the catalog told about a variant: a read model, fed by its events, never written by a request. */
export class VariantEntity extends variantSchema.class {}
variantSchema.setClass(VariantEntity);

const productSchema = defineEntity({
  name: 'ProductFacts',
  tableName: 'products',
  properties: { id: p.string().primary(), isPublished: p.boolean() },
});

export class ProductEntity extends productSchema.class {}
productSchema.setClass(ProductEntity);
