import type { ExceededLimit } from './limit.ts';

/** What the engine is asked and what it answers: the seam behind which the way of posting may change. */

interface MoneyAmount {
  readonly currency: string;
  /** `AVAILABLE`: whatever the debit side has left when its turn comes. */
  readonly minor: bigint | 'AVAILABLE';
}

/** What makes two requests the same fact, by path. */
export type Fingerprint = Readonly<Record<string, string>>;

interface Movement {
  /** An account id or an address. */
  readonly debit: string;
  readonly credit: string;
  readonly amount: MoneyAmount;
  readonly code: string;
  /** Refuses as if the account were not there unless this user owns the debit side. */
  readonly debitOwnerId?: string;
}

export type Leg =
  | (Movement & { readonly kind: 'MOVE'; readonly note?: string | null; readonly reverses?: string })
  | (Movement & { readonly kind: 'HOLD'; readonly expiresAt: Date })
  /** With an amount, that much moves and the rest of the hold is given back; without, the whole. */
  | { readonly kind: 'POST'; readonly holdId: string; readonly amountMinor?: bigint }
  | { readonly kind: 'VOID' | 'EXPIRE'; readonly holdId: string };

/** One fact: its legs are linked, all or nothing, evaluated in order. */
export interface PostRequest {
  /** Whose key it is: two scopes never meet. */
  readonly scope: string;
  readonly key: string;
  readonly legs: readonly Leg[];
  readonly orderId?: string | null;
  readonly paymentId?: string | null;
  readonly actor: string;
  readonly traceparent: string | null;
  /** By default what the legs say. A caller whose legs depend on when they were looked up gives what it was asked instead. */
  readonly fingerprint?: Fingerprint;
  /** Refused before it came here, which is only to be remembered under the key. */
  readonly refusedFor?: Extract<RefusalReason, 'ACCOUNT_NOT_FOUND' | 'ACCOUNT_CLOSED' | 'CURRENCY_MISMATCH' | 'RECIPIENT_NOT_FOUND'>;
  /** Who was at fault, where `refusedFor` does not say it alone. */
  readonly refusedSide?: RefusedSide;
  /** Index of what was at fault, where several were asked for together. */
  readonly refusedLeg?: number;
}

export type RefusedSide = 'debit' | 'credit';
export type RefusalReason =
  | 'ACCOUNT_CLOSED'
  | 'ACCOUNT_NOT_FOUND'
  | 'ALREADY_REVERSED'
  | 'AMOUNT_INVALID'
  | 'BALANCE_LIMIT'
  | 'CURRENCY_MISMATCH'
  | 'DEADLINE_PASSED'
  | 'HOLD_EXPIRED'
  | 'HOLD_NOT_DUE'
  | 'HOLD_NOT_FOUND'
  | 'HOLD_POSTED'
  | 'HOLD_VOIDED'
  | 'INSUFFICIENT_FUNDS'
  | 'LIMIT_EXCEEDED'
  | 'RECIPIENT_NOT_FOUND'
  | 'SAME_ACCOUNT';

export interface Refusal {
  readonly reason: RefusalReason;
  /** Index of the leg that could not be carried out. */
  readonly leg: number;
  /** What the account had when funds were insufficient, minor units. */
  readonly availableMinor: bigint | null;
  /** The side of the leg at fault, where it is one of them. */
  readonly side: RefusedSide | null;
  /** The one that was in the way. */
  readonly limit?: ExceededLimit;
}

export type TransferState = 'POSTED' | 'PENDING' | 'VOIDED' | 'EXPIRED' | 'REFUSED';

/** One side of a movement, as the account was left by it. */
export interface TransferSide {
  readonly accountId: string;
  /** Name of an account that is not a wallet; null for wallets. */
  readonly address: string | null;
  /** Owner of the wallet; null for every other account. */
  readonly walletOwnerId: string | null;
  readonly sequence: bigint;
  readonly balanceMinor: bigint;
  readonly availableMinor: bigint;
}

export interface PostedTransfer {
  readonly id: string;
  readonly factKey: string;
  readonly linkedGroup: string | null;
  readonly debit: TransferSide;
  readonly credit: TransferSide;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly state: Exclude<TransferState, 'REFUSED'>;
  readonly code: string;
  readonly note: string | null;
  readonly expiresAt: Date | null;
  readonly resolves: string | null;
  /** What stopped being held, of a row that resolves a hold. */
  readonly releasedMinor: bigint | null;
  readonly reverses: string | null;
  readonly orderId: string | null;
  readonly paymentId: string | null;
  /** The database's clock, read under the locks. */
  readonly createdAt: Date;
}

export type PostOutcome =
  | { readonly kind: 'POSTED'; readonly isReplayed: boolean; readonly transfers: readonly PostedTransfer[] }
  | { readonly kind: 'REFUSED'; readonly isReplayed: boolean; readonly refusal: Refusal }
  | { readonly kind: 'KEY_REUSED'; readonly differingFields: readonly string[] };

/** Scope of the commands that payments sends. */
export const PAYMENTS_SCOPE = 'service:payments';

/**
 * The name of a fact in events. A service's key stands alone; every other key carries its scope, so that nobody can choose an idempotency
 * key which reads like a fact of payments.
 */
export function factKeyOf({ scope, key }: Pick<PostRequest, 'scope' | 'key'>): string {
  return scope === PAYMENTS_SCOPE ? key : `${scope}:${key}`;
}
