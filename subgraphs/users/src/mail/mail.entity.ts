import { defineEntity, p } from '@mikro-orm/core';
import type { MailKind } from './mail.ts';

const mailSchema = defineEntity({
  name: 'Mail',
  tableName: 'mails',
  properties: {
    id: p.string().primary(),
    userId: p.string(),
    kind: p.string().$type<MailKind>(),
    toAddress: p.string(),
    /** Sealed, because letters hold codes; erased when the letter was sent or given up. */
    content: p.text().nullable(),
    createdAt: p.datetime(),
    attempts: p.integer(),
    /** Null at the end: exactly one of this, `sentAt` and `failedAt` is set. */
    nextAttemptAt: p.datetime().nullable(),
    sentAt: p.datetime().nullable(),
    failedAt: p.datetime().nullable(),
    lastError: p.string().nullable(),
  },
});

/** A letter, stored by the transaction that wants it sent. */
export class MailEntity extends mailSchema.class {}
mailSchema.setClass(MailEntity);
