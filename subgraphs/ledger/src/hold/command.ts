import { InvariantViolation } from '@tessera/service-kit/errors';
import { derivedKey } from '@tessera/service-kit/ids';
import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { PAYMENTS_SCOPE, type PostOutcome, type PostRequest } from '../engine/index.ts';

type LedgerCommand = 'HoldRequested' | 'HoldPostRequested' | 'HoldVoidRequested' | 'PostingRequested' | 'PostingResolutionRequested';

/** What every command of payments has in common as a request to the engine: its fact key, what it belongs to, who asked. */
export function requestOf<T extends LedgerCommand>(
  { payload, actor, traceparent }: ReceivedEvent<T>,
  legs: PostRequest['legs'],
): PostRequest {
  const { factKey, orderId, paymentId } = payload;
  return { scope: PAYMENTS_SCOPE, key: factKey, legs, orderId, paymentId, actor, traceparent };
}

/** A fact key that comes back with another content is a mistake of the sender: nothing is posted, and an operator sees it. */
export function refuseReuse(outcome: PostOutcome, factKey: string): asserts outcome is Exclude<PostOutcome, { kind: 'KEY_REUSED' }> {
  if (outcome.kind === 'KEY_REUSED')
    throw new InvariantViolation(`${factKey} was used for another fact: ${outcome.differingFields.join(', ')} differ.`);
}

/** The answer to a command. A command that is sent again is answered again; the same delivery never answers twice. */
export function answerId(commandId: string, type: string): string {
  return `evt_${derivedKey(commandId, type)}`;
}
