import type { AccountKind, NormalSide } from './address.ts';

/** Arithmetic of one account. Plain data in and out; all amounts are minor units of the account's currency. */

export interface AccountState {
  readonly id: string;
  readonly kind: AccountKind;
  /** Null for a wallet. */
  readonly address: string | null;
  readonly ownerId: string | null;
  readonly currency: string;
  readonly normalSide: NormalSide;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
  /** How low `available` may go; null means without bound. */
  readonly floorMinor: bigint | null;
  /** Counts what happened to the account, without gaps. */
  readonly sequence: bigint;
  readonly isClosed: boolean;
  /** Its owner has limits in this currency. */
  readonly isLimited: boolean;
}

/** What never changes about an account; a trigger of the table holds it. */
export type AccountIdentity = Pick<AccountState, 'id' | 'kind' | 'address' | 'ownerId' | 'currency' | 'normalSide'>;
export type Counters = Pick<AccountState, 'normalSide' | 'debitsPosted' | 'creditsPosted' | 'debitsPending' | 'creditsPending'>;
export type Side = 'debit' | 'credit';
/** What a movement does to the counters of a side: move money, set it aside, move what was set aside, or give it back. */
export type Effect = 'MOVE' | 'HOLD' | 'POST' | 'RELEASE';
export type AccountRefusal = 'INSUFFICIENT_FUNDS' | 'BALANCE_LIMIT';

export const MAX_MINOR = 2n ** 63n - 1n;

const POSTED_CHANGE: Readonly<Record<Effect, bigint>> = { MOVE: 1n, HOLD: 0n, POST: 1n, RELEASE: 0n };
const PENDING_CHANGE: Readonly<Record<Effect, bigint>> = { MOVE: 0n, HOLD: 1n, POST: -1n, RELEASE: -1n };

export function balanceOf({ normalSide, debitsPosted, creditsPosted }: Counters): bigint {
  return normalSide === 'CREDIT' ? creditsPosted - debitsPosted : debitsPosted - creditsPosted;
}

/** Held: open holds that would lower the balance. Money on its way in does not count until it is posted. */
export function heldOf({ normalSide, debitsPending, creditsPending }: Counters): bigint {
  return normalSide === 'CREDIT' ? debitsPending : creditsPending;
}

export function availableOf(account: Counters): bigint {
  return balanceOf(account) - heldOf(account);
}

/** What moves on an account; `releasedMinor` is what stops being held, more than the amount where only a part of a hold is posted. */
export interface Change {
  readonly effect: Effect;
  readonly amountMinor: bigint;
  readonly releasedMinor?: bigint | null;
}

/** The account after one side of a movement, or why it cannot take it. A floor stops only what lowers the available balance. */
export function applied(account: AccountState, side: Side, { effect, amountMinor, releasedMinor }: Change): AccountState | AccountRefusal {
  const posted = POSTED_CHANGE[effect] * amountMinor;
  const pending = PENDING_CHANGE[effect] * (releasedMinor ?? amountMinor);
  const after: AccountState =
    side === 'debit'
      ? {
          ...account,
          debitsPosted: account.debitsPosted + posted,
          debitsPending: account.debitsPending + pending,
          sequence: account.sequence + 1n,
        }
      : {
          ...account,
          creditsPosted: account.creditsPosted + posted,
          creditsPending: account.creditsPending + pending,
          sequence: account.sequence + 1n,
        };
  const available = availableOf(after);
  const isLower = available < availableOf(account);
  if (isLower && after.floorMinor !== null && available < after.floorMinor) return 'INSUFFICIENT_FUNDS';
  if (after.debitsPosted + after.debitsPending > MAX_MINOR || after.creditsPosted + after.creditsPending > MAX_MINOR)
    return 'BALANCE_LIMIT';
  return after;
}
