import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { factKeyOf, type PostRequest, post, type Refusal } from '../engine/index.ts';
import { movementOf } from './movement.ts';

export type TransferOutcome =
  | { readonly kind: 'POSTED'; readonly transferId: string }
  | { readonly kind: 'REFUSED'; readonly refusal: Refusal };

/**
 * Posts one transfer of one leg and tells the others what came of it; a replay tells nothing, it was told when it happened.
 * @param aggregateId what a refusal is about
 * @throws InvariantViolation when the key was used for another fact: whoever calls has claimed it before
 */
export async function postTransfer(request: PostRequest, aggregateId: string, { em, publish }: UnitOfWork): Promise<TransferOutcome> {
  const [outcome] = await post(em, [request]);
  const decided = ensure(outcome, 'the outcome of the request');
  if (decided.kind === 'KEY_REUSED')
    throw new InvariantViolation(`${factKeyOf(request)} was used for another fact: ${decided.differingFields.join(', ')} differ.`);
  if (decided.kind === 'REFUSED') {
    if (!decided.isReplayed) publish({ type: 'TransferRefused', aggregateId, payload: refusalOf(request, decided.refusal) });
    return { kind: 'REFUSED', refusal: decided.refusal };
  }
  const transfer = ensure(decided.transfers[0], 'the transfer of the only leg');
  if (!decided.isReplayed) publish({ type: 'TransferPosted', aggregateId: transfer.id, payload: movementOf(transfer) });
  return { kind: 'POSTED', transferId: transfer.id };
}

function refusalOf(request: PostRequest, { reason }: Refusal) {
  const [leg] = request.legs;
  if (leg?.kind !== 'MOVE') throw new InvariantViolation('A transfer is one leg that moves money.');
  const amount = { currency: leg.amount.currency, minor: leg.amount.minor.toString() };
  return { factKey: factKeyOf(request), amount, reason, orderId: request.orderId ?? null, paymentId: request.paymentId ?? null };
}
