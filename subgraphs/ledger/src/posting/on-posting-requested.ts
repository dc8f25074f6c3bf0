import { ensure } from '@tessera/service-kit/errors';
import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { post } from '../engine/index.ts';
import { answerId, refuseReuse, requestOf } from '../hold/command.ts';
import { movementOf } from '../transfer/movement.ts';
import { legsOf } from './legs.ts';

/** Posts linked legs, all or nothing. Answers PostingCompleted, and TransferPosted for each leg when it happens; or PostingRefused. */
export async function onPostingRequested(event: ReceivedEvent<'PostingRequested'>, { em, publish }: UnitOfWork): Promise<void> {
  const { factKey, legs, orderId, paymentId } = event.payload;
  const outcome = ensure((await post(em, [requestOf(event, legsOf(legs))]))[0], 'the outcome of the request');
  refuseReuse(outcome, factKey);
  if (outcome.kind === 'REFUSED') {
    const payload = { factKey, reason: outcome.refusal.reason, orderId, paymentId };
    publish({ type: 'PostingRefused', aggregateId: factKey, id: answerId(event.id, 'PostingRefused'), payload });
    return;
  }
  if (!outcome.isReplayed) {
    for (const transfer of outcome.transfers) publish({ type: 'TransferPosted', aggregateId: transfer.id, payload: movementOf(transfer) });
  }
  const payload = { factKey, transferIds: outcome.transfers.map(({ id }) => id), orderId, paymentId };
  publish({ type: 'PostingCompleted', aggregateId: factKey, id: answerId(event.id, 'PostingCompleted'), payload });
}
