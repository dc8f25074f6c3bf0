import { ensure } from '@tessera/service-kit/errors';
import type { NewEvent, ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { type PostedTransfer, post } from '../engine/index.ts';
import { refuseReuse, requestOf } from '../hold/command.ts';
import { holdPlaced } from '../hold/hold-events.ts';
import { movementOf } from '../transfer/movement.ts';
import { answerPosting } from './answer.ts';
import { heldLegsOf, legsOf } from './legs.ts';

/**
 * Posts linked legs, all or nothing; with `pendingUntil` it only holds them, until a PostingResolutionRequested names this fact key or that
 * time comes. Answers PostingCompleted, and TransferPosted or HoldPlaced for each leg when it happens; or PostingRefused.
 */
export async function onPostingRequested(event: ReceivedEvent<'PostingRequested'>, { em, publish }: UnitOfWork): Promise<void> {
  const { factKey, legs, pendingUntil } = event.payload;
  const asked = pendingUntil === null ? legsOf(legs) : heldLegsOf(legs, new Date(pendingUntil));
  const outcome = ensure((await post(em, [requestOf(event, asked)]))[0], 'the outcome of the request');
  refuseReuse(outcome, factKey);
  answerPosting(event, outcome, pendingUntil === null ? transferPosted : holdPlaced, publish);
}

function transferPosted(transfer: PostedTransfer): NewEvent<'TransferPosted'> {
  return { type: 'TransferPosted', aggregateId: transfer.id, payload: movementOf(transfer) };
}
