import { defineEntity, p } from '@mikro-orm/core';
import type { Role } from '@tessera/schema/contract';

const userSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.string().primary(),
    /** Normalised; unique. */
    email: p.string(),
    emailVerifiedAt: p.datetime().nullable(),
    handle: p.string(),
    displayName: p.string(),
    avatarUrl: p.string().nullable(),
    phone: p.string().nullable(),
    roles: p.array<Role>(),
    passwordHash: p.string(),
    suspendedAt: p.datetime().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** How an account is stored. Rules are in `user.ts`; how it is seen is in `user.type.ts`. */
export class UserEntity extends userSchema.class {}
userSchema.setClass(UserEntity);
