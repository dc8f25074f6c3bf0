import { defineEntity, p } from '@mikro-orm/core';
import type { JWK } from 'jose';

const signingKeySchema = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_keys',
  properties: {
    /** The `kid`: the thumbprint of the key. */
    id: p.string().primary(),
    publicJwk: p.json<JWK>(),
    sealedPrivateJwk: p.text(),
    createdAt: p.datetime(),
    activatesAt: p.datetime(),
    retiresAt: p.datetime().nullable(),
  },
});

/** A key that signs access tokens; the private half is sealed. */
export class SigningKeyEntity extends signingKeySchema.class {}
signingKeySchema.setClass(SigningKeyEntity);
