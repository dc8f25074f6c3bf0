import { afterCommit, rawSql } from '@tessera/service-kit/persistence';
import type { ProviderName } from '../provider/provider-name.ts';
import type { Act } from '../services.ts';
import type { CallKind } from './call-kind.ts';

export interface PlannedCall {
  readonly provider: ProviderName;
  readonly kind: CallKind;
  readonly paymentId?: string;
  readonly attemptId?: string;
  readonly refundId?: string;
  /** A saved card, or the provider's id of a dispute. */
  readonly subjectId?: string;
  /** Not before; default at once. */
  readonly dueAt?: Date;
}

/**
 * Writes down what a provider is to be asked; it is asked once this transaction has committed. Planned again, a call that is over or waits is
 * due at once: for reading that is what a webhook wants, for the others the key makes it harmless.
 */
export async function planCall(act: Act, call: PlannedCall): Promise<void> {
  const { em, now, traceparent, wakeCalls } = act;
  const { provider, kind, paymentId = null, attemptId = null, refundId = null, subjectId = null, dueAt = now } = call;
  await rawSql(
    em,
    `insert into provider_calls as c (id, provider, kind, payment_id, attempt_id, refund_id, subject_id, state, sends, failures, created_at, due_at, traceparent)
     values ($1, $2, $3, $4, $5, $6, $7, 'DUE', 0, 0, $8::timestamptz, $9::timestamptz, $10)
     on conflict (id) do update set state = 'DUE', failures = 0, settled_at = null,
       due_at = least(coalesce(c.due_at, excluded.due_at), excluded.due_at)`,
    [callId(call), provider, kind, paymentId, attemptId, refundId, subjectId, now.toISOString(), dueAt.toISOString(), traceparent],
  );
  afterCommit(em, wakeCalls);
}

/** The provider's idempotency key: the row that it is about, and what is asked about it. Never amounts, never chance. */
export function callId({
  kind,
  attemptId,
  refundId,
  subjectId,
}: Pick<PlannedCall, 'kind' | 'attemptId' | 'refundId' | 'subjectId'>): string {
  return `${attemptId ?? refundId ?? subjectId}:${kind.toLowerCase().replaceAll('_', '-')}`;
}
