import { MAX_MINOR } from './account.ts';
import type { LockedBooks } from './books.ts';
import { factKeyOf, type Leg, type PostedTransfer, type PostRequest, type Refusal } from './request.ts';
import type { Columns, TextRow } from './sql.ts';

/** Columns of `transfers` and their types, in the order in which rows are written and digested. */
export const TRANSFER_COLUMNS = {
  id: 'id',
  fact_key: 'text',
  linked_group: 'id',
  debit_account_id: 'id',
  credit_account_id: 'id',
  amount_minor: 'bigint',
  currency: 'text',
  state: 'word',
  code: 'text',
  note: 'text',
  reason: 'word',
  debit_sequence: 'bigint',
  credit_sequence: 'bigint',
  debit_balance_after: 'bigint',
  credit_balance_after: 'bigint',
  debit_available_after: 'bigint',
  credit_available_after: 'bigint',
  expires_at: 'timestamptz',
  resolves: 'text',
  released_minor: 'bigint',
  reverses: 'text',
  order_id: 'text',
  payment_id: 'text',
  created_at: 'timestamptz',
  actor: 'text',
  traceparent: 'text',
  batch_id: 'bigint',
} as const satisfies Columns;

export function postedRow(transfer: PostedTransfer, { actor, traceparent }: PostRequest, books: LockedBooks, createdAt: string): TextRow {
  const { debit, credit } = transfer;
  return [
    transfer.id,
    transfer.factKey,
    transfer.linkedGroup,
    debit.accountId,
    credit.accountId,
    transfer.amountMinor.toString(),
    transfer.currency,
    transfer.state,
    transfer.code,
    transfer.note,
    null,
    debit.sequence.toString(),
    credit.sequence.toString(),
    debit.balanceMinor.toString(),
    credit.balanceMinor.toString(),
    debit.availableMinor.toString(),
    credit.availableMinor.toString(),
    transfer.expiresAt?.toISOString() ?? null,
    transfer.resolves,
    transfer.releasedMinor?.toString() ?? null,
    transfer.reverses,
    transfer.orderId,
    transfer.paymentId,
    createdAt,
    actor,
    traceparent,
    books.batchId,
  ];
}

/**
 * Rows of a refused request: one per leg that names two known accounts and an amount that a row can hold. What cannot be a row is
 * remembered by its key alone. Only the leg at fault has the reason; the others went down with it.
 */
export function refusedRows(request: PostRequest, refusal: Refusal, books: LockedBooks, createdAt: string): TextRow[] {
  const recorded = request.legs.flatMap((leg, index) => {
    const sides = sidesOf(leg, books);
    return sides ? [{ ...sides, index, id: books.newId('transfer') }] : [];
  });
  const linkedGroup = recorded.length > 1 ? (recorded[0]?.id ?? null) : null;
  return recorded.map(({ id, leg, debit, credit, index, minor }) => [
    id,
    factKeyOf(request),
    linkedGroup,
    debit,
    credit,
    minor.toString(),
    leg.amount.currency,
    'REFUSED',
    leg.code,
    leg.kind === 'MOVE' ? (leg.note ?? null) : null,
    index === refusal.leg ? refusal.reason : 'LINKED_LEG_REFUSED',
    ...[null, null, null, null, null, null],
    leg.kind === 'HOLD' ? leg.expiresAt.toISOString() : null,
    null,
    null,
    leg.kind === 'MOVE' ? (leg.reverses ?? null) : null,
    request.orderId ?? null,
    request.paymentId ?? null,
    createdAt,
    request.actor,
    request.traceparent,
    books.batchId,
  ]);
}

function sidesOf(leg: Leg, { ids, accounts }: LockedBooks) {
  if (leg.kind !== 'MOVE' && leg.kind !== 'HOLD') return null;
  const debit = accounts.get(ids.get(leg.debit) ?? leg.debit)?.id;
  const credit = accounts.get(ids.get(leg.credit) ?? leg.credit)?.id;
  const { minor } = leg.amount;
  if (!debit || !credit || minor === 'AVAILABLE' || minor <= 0n || minor > MAX_MINOR) return null;
  return { leg, debit, credit, minor };
}
