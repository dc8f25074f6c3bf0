import { defineEntity, p } from '@mikro-orm/core';

export type LedgerCommandType =
  | 'HoldRequested'
  | 'HoldPostRequested'
  | 'HoldVoidRequested'
  | 'PostingRequested'
  | 'PostingResolutionRequested';

const ledgerCommandSchema = defineEntity({
  name: 'LedgerCommand',
  tableName: 'ledger_commands',
  properties: {
    /** The key under which the ledger remembers its answer for ever. */
    factKey: p.string().primary(),
    type: p.string().$type<LedgerCommandType>(),
    paymentId: p.string(),
    attemptId: p.string().nullable(),
    refundId: p.string().nullable(),
    payload: p.json<Record<string, unknown>>(),
    sends: p.integer(),
    createdAt: p.datetime(),
    sentAt: p.datetime(),
    /** When it is sent again; null once it is answered or given up. */
    dueAt: p.datetime().nullable(),
    answeredAt: p.datetime().nullable(),
    answer: p.string().nullable(),
  },
});

/** What the ledger was asked to do, until it has answered. */
export class LedgerCommandEntity extends ledgerCommandSchema.class {}
ledgerCommandSchema.setClass(LedgerCommandEntity);
