import { defineEntity, p } from '@mikro-orm/core';
import type { CurrencyCode } from '@tessera/schema/contract';
import type { SplitPart } from '../payment/split.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { DisputeState } from './dispute.ts';

const disputeSchema = defineEntity({
  name: 'Dispute',
  tableName: 'disputes',
  properties: {
    id: p.string().primary(),
    paymentId: p.string(),
    provider: p.string().$type<ProviderName>(),
    providerDisputeId: p.string(),
    amountMinor: p.bigint(),
    feeMinor: p.bigint(),
    /** Null: the currency of the payment. */
    feeCurrency: p.string().$type<CurrencyCode>().nullable(),
    reason: p.string(),
    state: p.string().$type<DisputeState>(),
    /** Who bears it: the platform, from the beginning, what does not fit into the payment; whoever got the money the rest, once it is lost. */
    split: p.json<readonly SplitPart[]>(),
    evidenceDueAt: p.datetime().nullable(),
    openedAt: p.datetime(),
    closedAt: p.datetime().nullable(),
  },
});

/** The customer's bank took money back. */
export class DisputeEntity extends disputeSchema.class {}
disputeSchema.setClass(DisputeEntity);
