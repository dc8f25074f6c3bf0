import { defineEntity, p } from '@mikro-orm/core';
import type { ProviderName } from '../provider/provider-name.ts';
import type { CallKind } from './call-kind.ts';

const providerCallSchema = defineEntity({
  name: 'ProviderCall',
  tableName: 'provider_calls',
  properties: {
    /** Made of the id of the row that it is about; goes out as the provider's idempotency key. */
    id: p.string().primary(),
    provider: p.string().$type<ProviderName>(),
    kind: p.string().$type<CallKind>(),
    paymentId: p.string().nullable(),
    attemptId: p.string().nullable(),
    refundId: p.string().nullable(),
    /** What it is about when that is none of these: a saved card, or the provider's id of a dispute. */
    subjectId: p.string().nullable(),
    state: p.string().$type<'DUE' | 'SENT' | 'DONE' | 'GIVEN_UP'>(),
    /** Counts the claims: who holds an older number has lost the call to somebody else. */
    sends: p.integer(),
    /** How often in a row nobody knew what became of it. */
    failures: p.integer(),
    createdAt: p.datetime(),
    /** Null as long as the provider certainly has not heard of it. */
    firstSentAt: p.datetime().nullable(),
    /** When it is sent (again); null once it is over. */
    dueAt: p.datetime().nullable(),
    settledAt: p.datetime().nullable(),
    lastError: p.string().nullable(),
    traceparent: p.string().nullable(),
  },
});

/** What a provider is to be asked, until it has answered. */
export class ProviderCallEntity extends providerCallSchema.class {}
providerCallSchema.setClass(ProviderCallEntity);
