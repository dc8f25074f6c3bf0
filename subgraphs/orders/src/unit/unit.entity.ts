import { defineEntity, p } from '@mikro-orm/core';

export type UnitState = 'AVAILABLE' | 'DELIVERED' | 'REVEALED' | 'REVOKED';

const unitSchema = defineEntity({
  name: 'Unit',
  tableName: 'units',
  properties: {
    id: p.string().primary(),
    variantId: p.string(),
    productId: p.string(),
    description: p.text(),
    /** Not read unless it is to be opened. */
    sealedSecret: p.text().lazy(),
    state: p.string().$type<UnitState>(),
    orderId: p.string().nullable(),
    orderLineId: p.string().nullable(),
    ownerId: p.string().nullable(),
    grantedAt: p.datetime().nullable(),
    revealedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
  },
});

/** One secret that somebody deposited to be sold once. */
export class UnitEntity extends unitSchema.class {}
unitSchema.setClass(UnitEntity);
