import { ensure } from '@tessera/service-kit/errors';
import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { post } from '../engine/index.ts';
import { legsOf } from '../posting/legs.ts';
import { movementOf } from '../transfer/movement.ts';
import { answerId, refuseReuse, requestOf } from './command.ts';
import { holdResolved } from './hold-events.ts';
import { holdOfKey } from './hold-of-key.ts';

/**
 * Moves the money of a hold whole and, linked, the legs after it: all or nothing. Answers HoldPosted, and TransferPosted for each leg when
 * it happens; or PostingRefused with the reason.
 */
export async function onHoldPostRequested(event: ReceivedEvent<'HoldPostRequested'>, { em, publish }: UnitOfWork): Promise<void> {
  const { factKey, holdFactKey, legs, orderId, paymentId } = event.payload;
  const refuse = (reason: string): void =>
    publish({
      type: 'PostingRefused',
      aggregateId: factKey,
      id: answerId(event.id, 'PostingRefused'),
      payload: { factKey, reason, orderId, paymentId },
    });
  const hold = await holdOfKey(em, holdFactKey);
  if (hold.kind === 'REFUSED') return refuse(hold.reason);

  const outcome = ensure(
    (await post(em, [requestOf(event, [{ kind: 'POST', holdId: hold.holdId }, ...legsOf(legs)])]))[0],
    'the outcome of the request',
  );
  refuseReuse(outcome, factKey);
  if (outcome.kind === 'REFUSED') return refuse(outcome.refusal.reason);
  const [resolution, ...moved] = outcome.transfers;
  publish({ ...holdResolved(ensure(resolution, 'the posted hold')), id: answerId(event.id, 'HoldPosted') });
  if (outcome.isReplayed) return;
  for (const transfer of moved) publish({ type: 'TransferPosted', aggregateId: transfer.id, payload: movementOf(transfer) });
}
