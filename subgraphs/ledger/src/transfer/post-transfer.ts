import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import type { NewEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { factKeyOf, type PostOutcome, type PostRequest, post, type Refusal } from '../engine/index.ts';
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
  if (!decided.isReplayed) for (const event of transferTold(request, decided, aggregateId)) publish(event);
  if (decided.kind === 'REFUSED') return { kind: 'REFUSED', refusal: decided.refusal };
  return { kind: 'POSTED', transferId: ensure(decided.transfers[0], 'the transfer of the only leg').id };
}

/** What the others hear of a transfer: what moved, or that it was refused. */
export function transferTold(request: PostRequest, outcome: Decided, aggregateId: string): readonly NewEvent[] {
  if (outcome.kind === 'REFUSED') return refusalTold(request, outcome, aggregateId);
  return outcome.transfers.map((transfer) => ({ type: 'TransferPosted', aggregateId: transfer.id, payload: movementOf(transfer) }));
}

/** What they hear beside what moved: that it was refused. Of a refusal without legs, nothing: no account was concerned. */
export function refusalTold(request: PostRequest, outcome: Decided, aggregateId: string): readonly NewEvent[] {
  if (outcome.kind === 'POSTED' || request.legs.length === 0) return [];
  return [{ type: 'TransferRefused', aggregateId, payload: refusalOf(request, outcome.refusal) }];
}

type Decided = Exclude<PostOutcome, { kind: 'KEY_REUSED' }>;

function refusalOf(request: PostRequest, refusal: Refusal) {
  const { reason } = refusal;
  const leg = request.legs[refusal.leg];
  if (leg?.kind !== 'MOVE' || leg.amount.minor === 'AVAILABLE') throw new InvariantViolation('A transfer is a leg that moves an amount.');
  const amount = { currency: leg.amount.currency, minor: leg.amount.minor.toString() };
  return { factKey: factKeyOf(request), amount, reason, orderId: request.orderId ?? null, paymentId: request.paymentId ?? null };
}
