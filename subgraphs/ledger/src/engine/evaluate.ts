import { ensure } from '@tessera/service-kit/errors';
import { type AccountState, applied, availableOf, balanceOf, type Effect, MAX_MINOR } from './account.ts';
import { type ExceededLimit, isCounted, type LimitState, limitKey, spend } from './limit.ts';
import { Overlay } from './overlay.ts';
import {
  factKeyOf,
  type Leg,
  type PostedTransfer,
  type PostRequest,
  type Refusal,
  type RefusalReason,
  type RefusedSide,
  type TransferSide,
} from './request.ts';

/** Decides requests against accounts in memory. Pure: who holds the locks and who writes is the caller's business. */

export interface HoldState {
  readonly id: string;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly code: string;
  readonly expiresAt: Date;
  readonly resolution: 'POSTED' | 'VOIDED' | 'EXPIRED' | null;
}

/** The books as the requests find them; a request that is accepted leaves its mark for those after it. */
export interface Books {
  readonly accounts: Map<string, AccountState>;
  /** Account ids by address; an id stands for itself. */
  readonly ids: ReadonlyMap<string, string>;
  readonly holds: Map<string, HoldState>;
  /** Of those who pay and have any, by `limitKey`. */
  readonly limits: Map<string, LimitState>;
  /** Transfers that were reversed. */
  readonly reversed: Set<string>;
  /** The database's clock, read under the locks. */
  readonly now: Date;
  readonly newId: (kind: 'transfer' | 'hold') => string;
}

export type Decision =
  | { readonly kind: 'POSTED'; readonly transfers: readonly PostedTransfer[] }
  | { readonly kind: 'REFUSED'; readonly refusal: Refusal };

/** What a request has changed so far, seen by its later legs; nobody else sees it unless all legs could be carried out. */
interface Draft {
  readonly books: Books;
  readonly accounts: Changes<AccountState>;
  readonly holds: Changes<HoldState>;
  readonly limits: Changes<LimitState>;
  readonly reversed: Set<string>;
}

interface Changes<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): unknown;
}

/** All legs or none: the books change only when every leg can be carried out, each after those before it. */
export function evaluate(request: PostRequest, books: Books): Decision {
  if (request.refusedFor) {
    const refusal = { reason: request.refusedFor, leg: request.refusedLeg ?? 0, availableMinor: null, side: request.refusedSide ?? null };
    return { kind: 'REFUSED', refusal };
  }
  const [only] = request.legs;
  if (request.legs.length === 1 && only) return evaluateOne(only, request, books);
  const accounts = new Overlay(books.accounts);
  const holds = new Overlay(books.holds);
  const limits = new Overlay(books.limits);
  const draft: Draft = { books, accounts, holds, limits, reversed: new Set() };
  const transfers: PostedTransfer[] = [];
  for (const [index, leg] of request.legs.entries()) {
    const result = evaluateLeg(leg, request, draft);
    if ('reason' in result) return refusedAt(index, result);
    transfers.push(result);
  }
  accounts.keep();
  holds.keep();
  limits.keep();
  for (const id of draft.reversed) books.reversed.add(id);
  return { kind: 'POSTED', transfers: linked(transfers) };
}

/** A leg changes something only when nothing can refuse it any more, so one that stands alone needs no draft. */
function evaluateOne(leg: Leg, request: PostRequest, books: Books): Decision {
  const { accounts, holds, limits, reversed } = books;
  const result = evaluateLeg(leg, request, { books, accounts, holds, limits, reversed });
  return 'reason' in result ? refusedAt(0, result) : { kind: 'POSTED', transfers: [result] };
}

function refusedAt(leg: number, { reason, side, availableMinor, limit }: LegRefusal): Decision {
  return { kind: 'REFUSED', refusal: { reason, leg, side, availableMinor, ...(limit ? { limit } : {}) } };
}

function evaluateLeg(leg: Leg, request: PostRequest, draft: Draft): PostedTransfer | LegRefusal {
  const step = resolveLeg(leg, draft);
  return 'reason' in step ? step : carryOut(step, request, draft);
}

/** A leg with its accounts found and every rule checked that does not depend on balances. */
interface Step {
  readonly effect: Effect;
  readonly state: PostedTransfer['state'];
  readonly debit: AccountState;
  readonly credit: AccountState;
  readonly amountMinor: bigint;
  readonly code: string;
  readonly note: string | null;
  readonly expiresAt: Date | null;
  readonly resolves: string | null;
  readonly releasedMinor: bigint | null;
  readonly reverses: string | null;
}

type LegRefusal = Omit<Refusal, 'leg'>;

function resolveLeg(leg: Leg, draft: Draft): Step | LegRefusal {
  return leg.kind === 'MOVE' || leg.kind === 'HOLD' ? resolveMovement(leg, draft) : resolveResolution(leg, draft);
}

function resolveMovement(leg: Extract<Leg, { kind: 'MOVE' | 'HOLD' }>, draft: Draft): Step | LegRefusal {
  const debit = accountOf(draft, leg.debit);
  const credit = accountOf(draft, leg.credit);
  const { minor } = leg.amount;
  if (minor !== 'AVAILABLE' && (minor <= 0n || minor > MAX_MINOR)) return refused('AMOUNT_INVALID');
  if (!debit || (leg.debitOwnerId !== undefined && debit.ownerId !== leg.debitOwnerId)) return refused('ACCOUNT_NOT_FOUND', 'debit');
  if (!credit) return refused('ACCOUNT_NOT_FOUND', 'credit');
  if (debit.id === credit.id) return refused('SAME_ACCOUNT');
  if (debit.isClosed || credit.isClosed) return refused('ACCOUNT_CLOSED', debit.isClosed ? 'debit' : 'credit');
  if (debit.currency !== leg.amount.currency) return refused('CURRENCY_MISMATCH', 'debit');
  if (credit.currency !== leg.amount.currency) return refused('CURRENCY_MISMATCH', 'credit');
  const amountMinor = minor === 'AVAILABLE' ? availableOf(debit) : minor;
  if (amountMinor <= 0n) return refused('INSUFFICIENT_FUNDS', 'debit', debit);
  const common = { debit, credit, amountMinor, code: leg.code, resolves: null, releasedMinor: null };
  if (leg.kind === 'HOLD') {
    if (leg.expiresAt <= draft.books.now) return refused('DEADLINE_PASSED');
    return { ...common, effect: 'HOLD', state: 'PENDING', note: null, expiresAt: leg.expiresAt, reverses: null };
  }
  if (leg.reverses !== undefined && (draft.reversed.has(leg.reverses) || draft.books.reversed.has(leg.reverses)))
    return refused('ALREADY_REVERSED');
  return { ...common, effect: 'MOVE', state: 'POSTED', note: leg.note ?? null, expiresAt: null, reverses: leg.reverses ?? null };
}

const RESOLVED = { POSTED: 'HOLD_POSTED', VOIDED: 'HOLD_VOIDED', EXPIRED: 'HOLD_EXPIRED' } as const;
const RESOLUTION = {
  POST: { effect: 'POST', state: 'POSTED' },
  VOID: { effect: 'RELEASE', state: 'VOIDED' },
  EXPIRE: { effect: 'RELEASE', state: 'EXPIRED' },
} as const;

/** A hold past its deadline cannot be posted, even when the sweeper has not come by yet. It may still be voided: nothing moves. */
function resolveResolution(leg: Extract<Leg, { kind: 'POST' | 'VOID' | 'EXPIRE' }>, draft: Draft): Step | LegRefusal {
  const hold = draft.holds.get(leg.holdId);
  if (!hold) return refused('HOLD_NOT_FOUND');
  if (hold.resolution) return refused(RESOLVED[hold.resolution]);
  const isDue = hold.expiresAt <= draft.books.now;
  if (leg.kind === 'POST' && isDue) return refused('HOLD_EXPIRED');
  if (leg.kind === 'EXPIRE' && !isDue) return refused('HOLD_NOT_DUE');
  const amountMinor = leg.kind === 'POST' ? (leg.amountMinor ?? hold.amountMinor) : hold.amountMinor;
  if (amountMinor <= 0n || amountMinor > hold.amountMinor) return refused('AMOUNT_INVALID');
  return {
    ...RESOLUTION[leg.kind],
    debit: ensure(draft.accounts.get(hold.debitAccountId), 'the debit account of a hold'),
    credit: ensure(draft.accounts.get(hold.creditAccountId), 'the credit account of a hold'),
    amountMinor,
    code: hold.code,
    note: null,
    expiresAt: null,
    resolves: hold.id,
    releasedMinor: hold.amountMinor,
    reverses: null,
  };
}

function carryOut(step: Step, request: PostRequest, draft: Draft): PostedTransfer | LegRefusal {
  const limit = spentOf(step, draft);
  if (limit && 'kind' in limit) return { ...refused('LIMIT_EXCEEDED', 'debit'), limit };
  const debit = applied(step.debit, 'debit', step);
  if (typeof debit === 'string') return refused(debit, 'debit', step.debit);
  const credit = applied(step.credit, 'credit', step);
  if (typeof credit === 'string') return refused(credit, 'credit', step.credit);
  const transfer = transferOf(step, request, {
    id: draft.books.newId(step.state === 'PENDING' ? 'hold' : 'transfer'),
    createdAt: draft.books.now,
    debit,
    credit,
  });
  draft.accounts.set(debit.id, debit);
  draft.accounts.set(credit.id, credit);
  noteHold(step, transfer, draft);
  if (limit) draft.limits.set(limitKey(limit), limit);
  if (step.reverses) draft.reversed.add(step.reverses);
  return transfer;
}

/** What the payer has used afterwards, or the limit that is in the way; null where none applies. */
function spentOf({ effect, code, debit, credit, amountMinor }: Step, { limits, books }: Draft): LimitState | ExceededLimit | null {
  if (books.limits.size === 0 || effect !== 'MOVE' || debit.ownerId === null || !isCounted(code, debit, credit)) return null;
  const limit = limits.get(limitKey({ ownerId: debit.ownerId, currency: debit.currency }));
  return limit ? spend(limit, amountMinor, books.now) : null;
}

function transferOf(
  { state, amountMinor, code, note, expiresAt, resolves, releasedMinor, reverses }: Step,
  request: PostRequest,
  {
    id,
    createdAt,
    debit,
    credit,
  }: Pick<PostedTransfer, 'id' | 'createdAt'> & { readonly debit: AccountState; readonly credit: AccountState },
): PostedTransfer {
  return {
    id,
    factKey: factKeyOf(request),
    linkedGroup: null,
    debit: sideOf(debit),
    credit: sideOf(credit),
    amountMinor,
    currency: debit.currency,
    state,
    code,
    note,
    expiresAt,
    resolves,
    releasedMinor,
    reverses,
    orderId: request.orderId ?? null,
    paymentId: request.paymentId ?? null,
    createdAt,
  };
}

function noteHold({ resolves, expiresAt }: Step, transfer: PostedTransfer, draft: Draft): void {
  if (resolves && transfer.state !== 'PENDING') {
    draft.holds.set(resolves, { ...ensure(draft.holds.get(resolves), 'the hold that is resolved'), resolution: transfer.state });
  }
  if (!expiresAt) return;
  const { id, amountMinor, currency, code } = transfer;
  const accounts = { debitAccountId: transfer.debit.accountId, creditAccountId: transfer.credit.accountId };
  draft.holds.set(id, { id, ...accounts, amountMinor, currency, code, expiresAt, resolution: null });
}

function sideOf(account: AccountState): TransferSide {
  return {
    accountId: account.id,
    address: account.address,
    walletOwnerId: account.kind === 'WALLET' ? account.ownerId : null,
    sequence: account.sequence,
    balanceMinor: balanceOf(account),
    availableMinor: availableOf(account),
  };
}

function linked(transfers: PostedTransfer[]): PostedTransfer[] {
  const linkedGroup = transfers.length > 1 ? (transfers[0]?.id ?? null) : null;
  return linkedGroup === null ? transfers : transfers.map((transfer) => ({ ...transfer, linkedGroup }));
}

function accountOf({ books, accounts }: Draft, reference: string): AccountState | undefined {
  return accounts.get(books.ids.get(reference) ?? reference);
}

function refused(reason: RefusalReason, side: RefusedSide | null = null, account?: AccountState): LegRefusal {
  return { reason, side, availableMinor: reason === 'INSUFFICIENT_FUNDS' && account ? availableOf(account) : null };
}
