import { ensure } from '@tessera/service-kit/errors';
import { type AccountState, applied, availableOf, balanceOf, type Effect, MAX_MINOR } from './account.ts';
import {
  factKeyOf,
  type Leg,
  type PostedTransfer,
  type PostRequest,
  type Refusal,
  type RefusalReason,
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
  /** Account ids by id or address. */
  readonly ids: ReadonlyMap<string, string>;
  readonly holds: Map<string, HoldState>;
  /** Transfers that were reversed. */
  readonly reversed: Set<string>;
  /** The database's clock, read under the locks. */
  readonly now: Date;
  readonly newId: (kind: 'transfer' | 'hold') => string;
}

export type Decision =
  | { readonly kind: 'POSTED'; readonly transfers: readonly PostedTransfer[] }
  | { readonly kind: 'REFUSED'; readonly refusal: Refusal };

/** All legs or none: the books change only when every leg can be carried out, each after those before it. */
export function evaluate(request: PostRequest, books: Books): Decision {
  const draft: Books = { ...books, accounts: new Map(books.accounts), holds: new Map(books.holds), reversed: new Set(books.reversed) };
  const transfers: PostedTransfer[] = [];
  for (const [index, leg] of request.legs.entries()) {
    const step = resolveLeg(leg, draft);
    const result = typeof step === 'string' ? refused(step) : carryOut(step, request, draft);
    if ('reason' in result) return { kind: 'REFUSED', refusal: { ...result, leg: index } };
    transfers.push(result);
  }
  adopt(books.accounts, draft.accounts);
  adopt(books.holds, draft.holds);
  for (const id of draft.reversed) books.reversed.add(id);
  return { kind: 'POSTED', transfers: linked(transfers) };
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
  readonly reverses: string | null;
}

type LegRefusal = Omit<Refusal, 'leg'>;

function resolveLeg(leg: Leg, books: Books): Step | RefusalReason {
  return leg.kind === 'MOVE' || leg.kind === 'HOLD' ? resolveMovement(leg, books) : resolveResolution(leg, books);
}

function resolveMovement(leg: Extract<Leg, { kind: 'MOVE' | 'HOLD' }>, books: Books): Step | RefusalReason {
  const debit = accountOf(books, leg.debit);
  const credit = accountOf(books, leg.credit);
  if (leg.amount.minor <= 0n || leg.amount.minor > MAX_MINOR) return 'AMOUNT_INVALID';
  if (!debit || !credit || (leg.debitOwnerId !== undefined && debit.ownerId !== leg.debitOwnerId)) return 'ACCOUNT_NOT_FOUND';
  if (debit.id === credit.id) return 'SAME_ACCOUNT';
  if (debit.isClosed || credit.isClosed) return 'ACCOUNT_CLOSED';
  if (debit.currency !== leg.amount.currency || credit.currency !== leg.amount.currency) return 'CURRENCY_MISMATCH';
  const common = { debit, credit, amountMinor: leg.amount.minor, code: leg.code, resolves: null };
  if (leg.kind === 'HOLD') {
    if (leg.expiresAt <= books.now) return 'DEADLINE_PASSED';
    return { ...common, effect: 'HOLD', state: 'PENDING', note: null, expiresAt: leg.expiresAt, reverses: null };
  }
  if (leg.reverses !== undefined && books.reversed.has(leg.reverses)) return 'ALREADY_REVERSED';
  return { ...common, effect: 'MOVE', state: 'POSTED', note: leg.note ?? null, expiresAt: null, reverses: leg.reverses ?? null };
}

const RESOLVED = { POSTED: 'HOLD_POSTED', VOIDED: 'HOLD_VOIDED', EXPIRED: 'HOLD_EXPIRED' } as const;
const RESOLUTION = {
  POST: { effect: 'POST', state: 'POSTED' },
  VOID: { effect: 'RELEASE', state: 'VOIDED' },
  EXPIRE: { effect: 'RELEASE', state: 'EXPIRED' },
} as const;

/** A hold past its deadline cannot be posted, even when the sweeper has not come by yet. It may still be voided: nothing moves. */
function resolveResolution({ kind, holdId }: Extract<Leg, { kind: 'POST' | 'VOID' | 'EXPIRE' }>, books: Books): Step | RefusalReason {
  const hold = books.holds.get(holdId);
  if (!hold) return 'HOLD_NOT_FOUND';
  if (hold.resolution) return RESOLVED[hold.resolution];
  const isDue = hold.expiresAt <= books.now;
  if (kind === 'POST' && isDue) return 'HOLD_EXPIRED';
  if (kind === 'EXPIRE' && !isDue) return 'HOLD_NOT_DUE';
  return {
    ...RESOLUTION[kind],
    debit: ensure(books.accounts.get(hold.debitAccountId), 'the debit account of a hold'),
    credit: ensure(books.accounts.get(hold.creditAccountId), 'the credit account of a hold'),
    amountMinor: hold.amountMinor,
    code: hold.code,
    note: null,
    expiresAt: null,
    resolves: hold.id,
    reverses: null,
  };
}

function carryOut(step: Step, request: PostRequest, draft: Books): PostedTransfer | LegRefusal {
  const debit = applied(step.debit, 'debit', step.effect, step.amountMinor);
  if (typeof debit === 'string') return refused(debit, step.debit);
  const credit = applied(step.credit, 'credit', step.effect, step.amountMinor);
  if (typeof credit === 'string') return refused(credit, step.credit);
  const transfer = transferOf(step, request, { id: draft.newId(step.state === 'PENDING' ? 'hold' : 'transfer'), debit, credit });
  draft.accounts.set(debit.id, debit).set(credit.id, credit);
  noteHold(step, transfer, draft);
  if (step.reverses) draft.reversed.add(step.reverses);
  return transfer;
}

function transferOf(
  { state, amountMinor, code, note, expiresAt, resolves, reverses }: Step,
  request: PostRequest,
  { id, debit, credit }: { readonly id: string; readonly debit: AccountState; readonly credit: AccountState },
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
    reverses,
    orderId: request.orderId ?? null,
    paymentId: request.paymentId ?? null,
  };
}

function noteHold({ resolves, expiresAt }: Step, transfer: PostedTransfer, draft: Books): void {
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

function linked(transfers: readonly PostedTransfer[]): PostedTransfer[] {
  const linkedGroup = transfers.length > 1 ? (transfers[0]?.id ?? null) : null;
  return transfers.map((transfer) => ({ ...transfer, linkedGroup }));
}

function accountOf(books: Books, reference: string): AccountState | undefined {
  return books.accounts.get(books.ids.get(reference) ?? '');
}

function refused(reason: RefusalReason, account?: AccountState): LegRefusal {
  return { reason, availableMinor: reason === 'INSUFFICIENT_FUNDS' && account ? availableOf(account) : null };
}

function adopt<Value>(target: Map<string, Value>, draft: ReadonlyMap<string, Value>): void {
  for (const [id, value] of draft) target.set(id, value);
}
