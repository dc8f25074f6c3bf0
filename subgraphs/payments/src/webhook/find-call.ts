import { unreachable } from '@tessera/service-kit/errors';
import { isId } from '@tessera/service-kit/ids';
import { rawSql } from '@tessera/service-kit/persistence';
import type { PlannedCall } from '../call/plan-call.ts';
import type { EventSubject } from '../provider/provider-adapter.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { Act } from '../services.ts';

type Subject<K extends EventSubject['kind']> = Extract<EventSubject, { kind: K }>;

/**
 * What an event makes us ask the provider. UNKNOWN: about something that is not here (yet); `paymentId` is the payment whose refund it would
 * be. NOTHING: about nothing that we act on.
 */
export type Finding =
  | { readonly kind: 'CALL'; readonly call: PlannedCall }
  | { readonly kind: 'UNKNOWN'; readonly paymentId: string | null }
  | { readonly kind: 'NOTHING' };

export const UNKNOWN: Finding = { kind: 'UNKNOWN', paymentId: null };

/**
 * Finds what an event is about. Our own id, which the provider carries along, goes first: with it an event is understood that comes before
 * the answer that would have told us the provider's ids.
 */
export async function findCall(provider: ProviderName, subject: EventSubject, act: Act): Promise<Finding> {
  switch (subject.kind) {
    case 'ATTEMPT':
      return findAttempt(provider, subject, act);
    case 'REFUND':
      return findRefund(provider, subject, act);
    case 'DISPUTE':
      return findDispute(provider, subject, act);
    case 'METHOD':
      return findMethod(provider, subject, act);
    case 'NONE':
      return { kind: 'NOTHING' };
    default:
      return unreachable(subject);
  }
}

async function findAttempt(provider: ProviderName, subject: Subject<'ATTEMPT'>, { em }: Act): Promise<Finding> {
  const [found] = await rawSql<{ id: string; payment_id: string }>(
    em,
    `select id, payment_id from payment_attempts
     where provider = $1 and (id = $2::text or session_id = $3::text or intent_id = $4::text)
     order by (id = $2::text) desc nulls last, number desc limit 1`,
    [provider, subject.attemptId, subject.sessionId, subject.intentId],
  );
  if (!found) return UNKNOWN;
  return { kind: 'CALL', call: { provider, kind: 'READ_ATTEMPT', paymentId: found.payment_id, attemptId: found.id } };
}

/** Money that goes to a wallet is nothing that a provider could tell about. What we ask for carries our own id along, from the beginning. */
async function findRefund(provider: ProviderName, subject: Subject<'REFUND'>, { em }: Act): Promise<Finding> {
  const [found] = await rawSql<{ id: string; payment_id: string }>(
    em,
    `select id, payment_id from refunds
     where (id = $1::text or provider_refund_id = $2::text) and destination = 'ORIGINAL' and asked_at is not null
     order by (provider_refund_id = $2::text) desc nulls last limit 1`,
    [subject.refundId, subject.providerRefundId],
  );
  if (found) return { kind: 'CALL', call: { provider, kind: 'REFUND', paymentId: found.payment_id, refundId: found.id } };
  const [refunded] = await rawSql<{ payment_id: string }>(
    em,
    'select payment_id from payment_attempts where provider = $1 and intent_id = $2::text limit 1',
    [provider, subject.intentId],
  );
  const isOurs = subject.refundId !== null && isId('refund', subject.refundId);
  if (refunded && !isOurs)
    return { kind: 'CALL', call: { provider, kind: 'REFUND', paymentId: refunded.payment_id, subjectId: subject.providerRefundId } };
  return { kind: 'UNKNOWN', paymentId: refunded?.payment_id ?? null };
}

/** Read whether or not its payment is known: only the report says for sure what was disputed, and the call itself can wait for it. */
async function findDispute(provider: ProviderName, subject: Subject<'DISPUTE'>, { em }: Act): Promise<Finding> {
  const [found] = await rawSql<{ payment_id: string }>(
    em,
    'select payment_id from payment_attempts where provider = $1 and (intent_id = $2::text or charge_id = $3::text) limit 1',
    [provider, subject.intentId, subject.chargeId],
  );
  const call = { provider, kind: 'READ_DISPUTE', subjectId: subject.providerDisputeId } as const;
  return { kind: 'CALL', call: found ? { ...call, paymentId: found.payment_id } : call };
}

async function findMethod(provider: ProviderName, subject: Subject<'METHOD'>, { em }: Act): Promise<Finding> {
  const [found] = await rawSql<{ id: string }>(
    em,
    'select id from payment_methods where provider = $1 and (id = $2::text or session_id = $3::text) limit 1',
    [provider, subject.methodId, subject.sessionId],
  );
  return found ? { kind: 'CALL', call: { provider, kind: 'READ_METHOD', subjectId: found.id } } : UNKNOWN;
}
