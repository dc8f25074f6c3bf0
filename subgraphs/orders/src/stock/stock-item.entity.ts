import { defineEntity, p } from '@mikro-orm/core';

const stockItemSchema = defineEntity({
  name: 'StockItem',
  tableName: 'stock_items',
  properties: {
    id: p.string().primary().fieldName('variant_id'),
    vendorId: p.string(),
    onHand: p.integer(),
    reserved: p.integer(),
    sold: p.bigint(),
    lowStockThreshold: p.integer(),
    /** Computed by the database. */
    available: p.integer(),
    isLow: p.boolean(),
    updatedAt: p.datetime(),
  },
});

/** Stock of one variant, for reading; `moveStock` is the only writer of its numbers. */
export class StockItemEntity extends stockItemSchema.class {}
stockItemSchema.setClass(StockItemEntity);
