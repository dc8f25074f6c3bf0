import type { EntityManager } from '@tessera/service-kit/persistence';
import { RefundEntity } from './refund.entity.ts';
import { MAX_REFUNDS } from './refund.ts';

/** What `decideRefund` has to know about the refunds that a payment has already. The caller holds the payment's lock. */
export async function knownRefunds(
  paymentId: string,
  em: EntityManager,
): Promise<{ readonly count: number; readonly waitingMinor: bigint }> {
  const refunds = await em.find(RefundEntity, { paymentId }, { limit: MAX_REFUNDS });
  const waiting = refunds.filter(({ state, askedAt }) => state === 'PENDING' && !askedAt);
  return { count: refunds.length, waitingMinor: waiting.reduce((sofar, { amountMinor }) => sofar + amountMinor, 0n) };
}
