import { defineEntity, p } from '@mikro-orm/core';

const recipientSchema = defineEntity({
  name: 'Recipient',
  tableName: 'recipients',
  properties: {
    userId: p.string().primary(),
    handleKey: p.string(),
    displayName: p.string(),
    emailKey: p.string(),
    version: p.bigint(),
  },
});

/** Who may receive money, as the users subgraph tells it. */
export class RecipientEntity extends recipientSchema.class {}
recipientSchema.setClass(RecipientEntity);
