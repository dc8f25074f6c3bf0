import { ensure } from '@tessera/service-kit/errors';
import type { NewEvent, ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { type PostedTransfer, post, readResolution } from '../engine/index.ts';
import { answerId, refuseReuse, requestOf } from './command.ts';
import { holdRefused, holdResolved } from './hold-events.ts';
import { holdOfKey } from './hold-of-key.ts';

/**
 * Gives held money back. Answers what is true: HoldVoided; HoldExpired or HoldPosted when that came first; HoldRefused when the hold was
 * never placed. HoldVoided and HoldRefused carry the fact key of this command, the others that of the command which caused them.
 */
export async function onHoldVoidRequested(event: ReceivedEvent<'HoldVoidRequested'>, unit: UnitOfWork): Promise<void> {
  const answer = await answerTo(event, unit);
  unit.publish({ ...answer, id: answerId(event.id, answer.type) });
}

async function answerTo(event: ReceivedEvent<'HoldVoidRequested'>, { em }: UnitOfWork): Promise<NewEvent> {
  const { factKey, holdFactKey, orderId, paymentId } = event.payload;
  const hold = await holdOfKey(em, holdFactKey);
  if (hold.kind === 'REFUSED') return holdRefused({ factKey, amount: hold.amount, orderId, paymentId }, hold.reason);
  const outcome = ensure((await post(em, [requestOf(event, [{ kind: 'VOID', holdId: hold.holdId }])]))[0], 'the outcome of the request');
  refuseReuse(outcome, factKey);
  const resolution = ensure<PostedTransfer>(
    outcome.kind === 'POSTED' ? outcome.transfers[0] : await readResolution(em, hold.holdId),
    'what became of a hold that cannot be voided',
  );
  return holdResolved(resolution.state === 'EXPIRED' ? { ...resolution, factKey: holdFactKey } : resolution);
}
