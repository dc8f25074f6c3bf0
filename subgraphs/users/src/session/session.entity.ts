import { defineEntity, p } from '@mikro-orm/core';

export type RevokeReason = 'CLOSED' | 'TOKEN_REUSED';

const sessionSchema = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    id: p.string().primary(),
    userId: p.string(),
    /** The client's address at log-in. */
    openedFrom: p.string().nullable(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime(),
    expiresAt: p.datetime(),
    revokedAt: p.datetime().nullable(),
    revokeReason: p.string().$type<RevokeReason>().nullable(),
  },
});

/** A log-in on one device: the family of its refresh tokens. */
export class SessionEntity extends sessionSchema.class {}
sessionSchema.setClass(SessionEntity);

const refreshTokenSchema = defineEntity({
  name: 'RefreshToken',
  tableName: 'refresh_tokens',
  properties: {
    tokenHash: p.string().primary(),
    sessionId: p.string(),
    issuedAt: p.datetime(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().nullable(),
  },
});

/** Used ones are kept as long as their session: a copy that comes back late must be recognised. */
export class RefreshTokenEntity extends refreshTokenSchema.class {}
refreshTokenSchema.setClass(RefreshTokenEntity);
