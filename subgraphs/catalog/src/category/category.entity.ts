import { defineEntity, p } from '@mikro-orm/core';

const categorySchema = defineEntity({
  name: 'Category',
  tableName: 'categories',
  properties: {
    id: p.string().primary(),
    slug: p.string(),
    name: p.string(),
    description: p.text().nullable(),
    parentId: p.string().nullable(),
    /** 0 at the top, 1 below: the database keeps the tree at two levels with it. */
    depth: p.integer(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    version: p.integer().version(),
  },
});

export class CategoryEntity extends categorySchema.class {}
categorySchema.setClass(CategoryEntity);
