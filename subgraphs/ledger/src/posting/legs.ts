import type { EventPayload } from '@tessera/schema/contract';
import type { PostRequest } from '../engine/index.ts';

type CommandLegs = EventPayload<'PostingRequested'>['legs'];

/** Legs of a command as the engine takes them. */
export function legsOf(legs: CommandLegs): PostRequest['legs'] {
  return legs.map((leg) => ({ ...movement(leg), kind: 'MOVE' }));
}

/** The same legs, only held until the deadline. */
export function heldLegsOf(legs: CommandLegs, expiresAt: Date): PostRequest['legs'] {
  return legs.map((leg) => ({ ...movement(leg), kind: 'HOLD', expiresAt }));
}

function movement({ debit, credit, amount, code }: CommandLegs[number]) {
  return { debit, credit, amount: { currency: amount.currency, minor: BigInt(amount.minor) }, code };
}
