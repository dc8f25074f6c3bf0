import { defineEntity, p } from '@mikro-orm/core';
import { ProductEntity } from '../product/product.entity.ts';
import type { PriceFacts } from '../product/product.ts';
import type { AttributeFacts, OptionValueFacts } from './variant.ts';

const variantSchema = defineEntity({
  name: 'ProductVariant',
  tableName: 'product_variants',
  properties: {
    id: p.string().primary(),
    product: () => p.manyToOne(ProductEntity),
    /** The product's vendor: a sku is unique among the variants that a vendor sells. */
    vendorId: p.string(),
    sku: p.string(),
    title: p.string(),
    /** Its place among the variants of the product, from 1. */
    position: p.integer(),
    prices: p.json<readonly PriceFacts[]>(),
    optionValues: p.json<readonly OptionValueFacts[]>(),
    attributes: p.json<readonly AttributeFacts[]>(),
    weightGrams: p.integer().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    /** Removed variants are not sold or listed any more; an old order can still show them. */
    removedAt: p.datetime().nullable(),
  },
});

export class VariantEntity extends variantSchema.class {}
variantSchema.setClass(VariantEntity);
