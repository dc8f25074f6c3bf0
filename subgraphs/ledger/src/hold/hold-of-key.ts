import { InvariantViolation } from '@tessera/service-kit/errors';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { findKey, PAYMENTS_SCOPE, type RefusalReason } from '../engine/index.ts';

export type HoldOfKey =
  | { readonly kind: 'PLACED'; readonly holdId: string }
  | { readonly kind: 'REFUSED'; readonly reason: RefusalReason; readonly amount: { readonly currency: string; readonly minor: string } };

/**
 * What became of the request for a hold. Commands of one sender arrive in order, so a hold that was never asked for is a mistake: the
 * command fails, is tried again and ends where an operator sees it.
 */
export async function holdOfKey(em: EntityManager, holdFactKey: string): Promise<HoldOfKey> {
  const known = await findKey(em, PAYMENTS_SCOPE, holdFactKey);
  if (!known) throw new InvariantViolation(`No hold was ever requested as ${holdFactKey}.`);
  if (known.decision.kind === 'REFUSED') {
    const { 'legs.0.currency': currency = '', 'legs.0.minor': minor = '' } = known.fingerprint;
    return { kind: 'REFUSED', reason: known.decision.refusal.reason, amount: { currency, minor } };
  }
  const [hold] = known.decision.transfers;
  if (hold?.state !== 'PENDING') throw new InvariantViolation(`${holdFactKey} is not a hold.`);
  return { kind: 'PLACED', holdId: hold.id };
}
