import type { EventPayload } from '@tessera/schema/contract';
import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import type { NewEvent } from '@tessera/service-kit/messaging';
import type { PostedTransfer } from '../engine/index.ts';
import { movementOf } from '../transfer/movement.ts';

/** Facts about holds as events. The aggregate is the hold, so that its listeners hear them in order. */

export function holdPlaced(hold: PostedTransfer): NewEvent<'HoldPlaced'> {
  const expiresAt = ensure(hold.expiresAt, 'the deadline of a hold').toISOString();
  return { type: 'HoldPlaced', aggregateId: hold.id, payload: { ...movementOf(hold), holdId: hold.id, expiresAt } };
}

export function holdRefused(
  { factKey, amount, orderId, paymentId }: Omit<EventPayload<'HoldRefused'>, 'reason'>,
  reason: string,
): NewEvent<'HoldRefused'> {
  return { type: 'HoldRefused', aggregateId: factKey, payload: { factKey, amount, reason, orderId, paymentId } };
}

const EVENT_OF = { POSTED: 'HoldPosted', VOIDED: 'HoldVoided', EXPIRED: 'HoldExpired' } as const;

/** What became of a hold, told from the row that resolved it. */
export function holdResolved(resolution: PostedTransfer): NewEvent<'HoldPosted' | 'HoldVoided' | 'HoldExpired'> {
  const holdId = ensure(resolution.resolves, 'the hold that is resolved');
  if (resolution.state === 'PENDING') throw new InvariantViolation('A hold cannot be resolved by another hold.');
  return { type: EVENT_OF[resolution.state], aggregateId: holdId, payload: { ...movementOf(resolution), holdId } };
}
