import { defineEntity, p } from '@mikro-orm/core';
import type { AccountKind, NormalSide } from '../engine/index.ts';

const accountSchema = defineEntity({
  name: 'Account',
  tableName: 'accounts',
  properties: {
    id: p.string().primary(),
    address: p.string().nullable(),
    kind: p.string().$type<AccountKind>(),
    ownerId: p.string().nullable(),
    currency: p.string(),
    normalSide: p.string().$type<NormalSide>(),
    debitsPosted: p.bigint(),
    creditsPosted: p.bigint(),
    debitsPending: p.bigint(),
    creditsPending: p.bigint(),
    sequence: p.bigint(),
    isDefault: p.boolean(),
    isClosed: p.boolean(),
    openedAt: p.datetime(3),
    closedAt: p.datetime(3).nullable(),
  },
});

/** How an account is read. Only the engine changes counters and sequence, in SQL and under its locks. */
export class AccountEntity extends accountSchema.class {}
accountSchema.setClass(AccountEntity);
