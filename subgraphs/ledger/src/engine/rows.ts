import { MAX_MINOR } from './account.ts';
import type { Books } from './evaluate.ts';
import { factKeyOf, type Leg, type PostedTransfer, type PostRequest, type Refusal, type TransferState } from './request.ts';

/** A row of `transfers` as JSON: amounts and sequences are text, because JSON numbers lose money. */
export interface TransferRow {
  readonly id: string;
  readonly fact_key: string;
  readonly linked_group: string | null;
  readonly debit_account_id: string;
  readonly credit_account_id: string;
  readonly amount_minor: string;
  readonly currency: string;
  readonly state: TransferState;
  readonly code: string;
  readonly note: string | null;
  readonly reason: string | null;
  readonly debit_sequence: string | null;
  readonly credit_sequence: string | null;
  readonly debit_balance_after: string | null;
  readonly credit_balance_after: string | null;
  readonly debit_available_after: string | null;
  readonly credit_available_after: string | null;
  readonly expires_at: string | null;
  readonly resolves: string | null;
  readonly reverses: string | null;
  readonly order_id: string | null;
  readonly payment_id: string | null;
  readonly created_at: string;
  readonly actor: string;
  readonly traceparent: string | null;
}

/** Columns and their types, for reading rows back out of JSON in one statement. */
export const TRANSFER_COLUMNS = {
  id: 'text',
  fact_key: 'text',
  linked_group: 'text',
  debit_account_id: 'text',
  credit_account_id: 'text',
  amount_minor: 'bigint',
  currency: 'text',
  state: 'text',
  code: 'text',
  note: 'text',
  reason: 'text',
  debit_sequence: 'bigint',
  credit_sequence: 'bigint',
  debit_balance_after: 'bigint',
  credit_balance_after: 'bigint',
  debit_available_after: 'bigint',
  credit_available_after: 'bigint',
  expires_at: 'timestamptz',
  resolves: 'text',
  reverses: 'text',
  order_id: 'text',
  payment_id: 'text',
  created_at: 'timestamptz',
  actor: 'text',
  traceparent: 'text',
} as const satisfies Record<keyof TransferRow, string>;

export function postedRow(transfer: PostedTransfer, { actor, traceparent }: PostRequest, now: Date): TransferRow {
  const { debit, credit } = transfer;
  return {
    id: transfer.id,
    fact_key: transfer.factKey,
    linked_group: transfer.linkedGroup,
    debit_account_id: debit.accountId,
    credit_account_id: credit.accountId,
    amount_minor: transfer.amountMinor.toString(),
    currency: transfer.currency,
    state: transfer.state,
    code: transfer.code,
    note: transfer.note,
    reason: null,
    debit_sequence: debit.sequence.toString(),
    credit_sequence: credit.sequence.toString(),
    debit_balance_after: debit.balanceMinor.toString(),
    credit_balance_after: credit.balanceMinor.toString(),
    debit_available_after: debit.availableMinor.toString(),
    credit_available_after: credit.availableMinor.toString(),
    expires_at: transfer.expiresAt?.toISOString() ?? null,
    resolves: transfer.resolves,
    reverses: transfer.reverses,
    order_id: transfer.orderId,
    payment_id: transfer.paymentId,
    created_at: now.toISOString(),
    actor,
    traceparent,
  };
}

/**
 * Rows of a refused request: one per leg that names two known accounts and an amount that a row can hold. What cannot be a row is
 * remembered by its key alone. Only the leg at fault has the reason; the others went down with it.
 */
export function refusedRows(request: PostRequest, refusal: Refusal, books: Books): TransferRow[] {
  const rows = request.legs.flatMap((leg, index) => {
    const row = refusedRow(leg, request, books);
    return row ? [{ ...row, reason: index === refusal.leg ? refusal.reason : 'LINKED_LEG_REFUSED' }] : [];
  });
  const linkedGroup = rows.length > 1 ? (rows[0]?.id ?? null) : null;
  return rows.map((row) => ({ ...row, linked_group: linkedGroup }));
}

const NOTHING_MOVED = {
  linked_group: null,
  debit_sequence: null,
  credit_sequence: null,
  debit_balance_after: null,
  credit_balance_after: null,
  debit_available_after: null,
  credit_available_after: null,
  resolves: null,
} as const;

function refusedRow(leg: Leg, request: PostRequest, books: Books): TransferRow | null {
  if (leg.kind !== 'MOVE' && leg.kind !== 'HOLD') return null;
  const debit = books.ids.get(leg.debit);
  const credit = books.ids.get(leg.credit);
  if (!debit || !credit || leg.amount.minor <= 0n || leg.amount.minor > MAX_MINOR) return null;
  return {
    ...NOTHING_MOVED,
    id: books.newId('transfer'),
    fact_key: factKeyOf(request),
    debit_account_id: debit,
    credit_account_id: credit,
    amount_minor: leg.amount.minor.toString(),
    currency: leg.amount.currency,
    state: 'REFUSED',
    code: leg.code,
    note: leg.kind === 'MOVE' ? (leg.note ?? null) : null,
    reason: null,
    expires_at: leg.kind === 'HOLD' ? leg.expiresAt.toISOString() : null,
    reverses: leg.kind === 'MOVE' ? (leg.reverses ?? null) : null,
    order_id: request.orderId ?? null,
    payment_id: request.paymentId ?? null,
    created_at: books.now.toISOString(),
    actor: request.actor,
    traceparent: request.traceparent,
  };
}
