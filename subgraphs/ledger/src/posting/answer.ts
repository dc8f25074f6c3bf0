import type { EventPayload } from '@tessera/schema/contract';
import type { NewEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import type { PostedTransfer, PostOutcome } from '../engine/index.ts';
import { answerId } from '../hold/command.ts';

interface Command {
  readonly id: string;
  readonly payload: Pick<EventPayload<'PostingRequested'>, 'factKey' | 'orderId' | 'paymentId'>;
}

/**
 * Answers a command about linked legs as one: PostingCompleted, after `told` of each transfer, or PostingRefused. A replay has only the
 * answer: what happened was told when it happened.
 */
export function answerPosting(
  { id, payload }: Command,
  outcome: Exclude<PostOutcome, { kind: 'KEY_REUSED' }>,
  told: (transfer: PostedTransfer) => NewEvent,
  publish: UnitOfWork['publish'],
): void {
  const { factKey, orderId, paymentId } = payload;
  if (outcome.kind === 'REFUSED') {
    const refused = { factKey, reason: outcome.refusal.reason, orderId, paymentId };
    publish({ type: 'PostingRefused', aggregateId: factKey, id: answerId(id, 'PostingRefused'), payload: refused });
    return;
  }
  if (!outcome.isReplayed) for (const transfer of outcome.transfers) publish(told(transfer));
  const completed = { factKey, transferIds: outcome.transfers.map((transfer) => transfer.id), orderId, paymentId };
  publish({ type: 'PostingCompleted', aggregateId: factKey, id: answerId(id, 'PostingCompleted'), payload: completed });
}
