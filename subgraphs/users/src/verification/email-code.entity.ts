import { defineEntity, p } from '@mikro-orm/core';

const emailCodeSchema = defineEntity({
  name: 'EmailCode',
  tableName: 'email_codes',
  properties: {
    id: p.string().primary(),
    userId: p.string(),
    codeHash: p.string(),
    /** Of the registration that asked for the code: whoever proves the address gets the password that came with that proof. */
    passwordHash: p.string(),
    attempts: p.integer(),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().nullable(),
  },
});

/** A code that was mailed; only its keyed hash is kept. */
export class EmailCodeEntity extends emailCodeSchema.class {}
emailCodeSchema.setClass(EmailCodeEntity);
