import { defineEntity, p } from '@mikro-orm/core';
import type { TransferState } from '../engine/index.ts';

const transferSchema = defineEntity({
  name: 'Transfer',
  tableName: 'transfers',
  properties: {
    id: p.string().primary(),
    debitAccountId: p.string(),
    creditAccountId: p.string(),
    amountMinor: p.bigint(),
    currency: p.string(),
    state: p.string().$type<TransferState>(),
    code: p.string(),
    note: p.string().nullable(),
    expiresAt: p.datetime(3).nullable(),
    resolves: p.string().nullable(),
    reverses: p.string().nullable(),
    linkedGroup: p.string().nullable(),
    orderId: p.string().nullable(),
    paymentId: p.string().nullable(),
    createdAt: p.datetime(3),
  },
});

/** How a transfer is read. Only the engine writes them, and nothing changes them. */
export class TransferEntity extends transferSchema.class {}
transferSchema.setClass(TransferEntity);
