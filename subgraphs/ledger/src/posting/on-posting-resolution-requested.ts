import type { EventPayload } from '@tessera/schema/contract';
import { ensure } from '@tessera/service-kit/errors';
import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { findKey, PAYMENTS_SCOPE, type PostRequest, post } from '../engine/index.ts';
import { refuseReuse, requestOf } from '../hold/command.ts';
import { holdResolved } from '../hold/hold-events.ts';
import { answerPosting } from './answer.ts';

/**
 * Posts or voids everything that a fact key holds, all or nothing. Answers PostingCompleted, and HoldPosted or HoldVoided for each hold when
 * it happens; or PostingRefused: HOLD_POSTED, HOLD_VOIDED or HOLD_EXPIRED for holds that are over, HOLD_NOT_FOUND when the fact key holds
 * nothing, be it that it was refused or never seen.
 */
export async function onPostingResolutionRequested(
  event: ReceivedEvent<'PostingResolutionRequested'>,
  { em, publish }: UnitOfWork,
): Promise<void> {
  const legs = await legsOfResolution(event.payload, em);
  const outcome = ensure((await post(em, [requestOf(event, legs)]))[0], 'the outcome of the request');
  refuseReuse(outcome, event.payload.factKey);
  answerPosting(event, outcome, holdResolved, publish);
}

type Resolution = Pick<EventPayload<'PostingResolutionRequested'>, 'factKey' | 'pendingFactKey' | 'outcome'>;

/**
 * A fact key that holds nothing is asked for as if it were a hold, so that the engine refuses it and remembers the refusal. Once refused so,
 * it is asked for in the same words again, even if its holds were placed since: the same key has the same answer.
 */
async function legsOfResolution({ factKey, pendingFactKey, outcome }: Resolution, em: EntityManager): Promise<PostRequest['legs']> {
  const earlier = await findKey(em, PAYMENTS_SCOPE, factKey);
  const wasNotFound = earlier?.decision.kind === 'REFUSED' && earlier.decision.refusal.reason === 'HOLD_NOT_FOUND';
  const holdIds = wasNotFound ? [] : await holdsOfKey(em, pendingFactKey);
  return (holdIds.length > 0 ? holdIds : [pendingFactKey]).map((holdId) => ({ kind: outcome, holdId }));
}

async function holdsOfKey(em: EntityManager, pendingFactKey: string): Promise<string[]> {
  const known = await findKey(em, PAYMENTS_SCOPE, pendingFactKey);
  const transfers = known?.decision.kind === 'POSTED' ? known.decision.transfers : [];
  return transfers.filter(({ state }) => state === 'PENDING').map(({ id }) => id);
}
