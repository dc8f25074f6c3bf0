import { defineEntity, p } from '@mikro-orm/core';
import type { ProblemCodeName } from '@tessera/schema/contract';
import type { AdjustmentState } from './adjustment.ts';

const adjustmentSchema = defineEntity({
  name: 'Adjustment',
  tableName: 'adjustments',
  properties: {
    id: p.string().primary(),
    debitAccountId: p.string(),
    creditAccountId: p.string(),
    amountMinor: p.bigint(),
    currency: p.string(),
    reason: p.string(),
    state: p.string().$type<AdjustmentState>(),
    proposedBy: p.string(),
    proposedAt: p.datetime(3),
    proposedTrace: p.string().nullable(),
    expiresAt: p.datetime(3),
    decidedBy: p.string().nullable(),
    decidedAt: p.datetime(3).nullable(),
    decidedTrace: p.string().nullable(),
    decisionNote: p.string().nullable(),
    transferId: p.string().nullable(),
    refusal: p.string().$type<ProblemCodeName>().nullable(),
  },
});

/** How an adjustment is stored. The table holds that two people had a hand in it, and that it is decided once. */
export class AdjustmentEntity extends adjustmentSchema.class {}
adjustmentSchema.setClass(AdjustmentEntity);
