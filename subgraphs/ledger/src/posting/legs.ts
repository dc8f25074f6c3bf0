import type { EventPayload } from '@tessera/schema/contract';
import type { PostRequest } from '../engine/index.ts';

/** Legs of a command as the engine takes them. */
export function legsOf(legs: EventPayload<'PostingRequested'>['legs']): PostRequest['legs'] {
  return legs.map(({ debit, credit, amount, code }) => ({
    kind: 'MOVE',
    debit,
    credit,
    amount: { currency: amount.currency, minor: BigInt(amount.minor) },
    code,
  }));
}
