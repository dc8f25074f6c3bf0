import { ensure } from '@tessera/service-kit/errors';
import type { LockedBooks } from './books.ts';
import { digestOf } from './digest.ts';
import type { Decision } from './evaluate.ts';
import { storedRefusal } from './keys.ts';
import type { Fingerprint, PostedTransfer, PostRequest } from './request.ts';
import { postedRow, refusedRows, TRANSFER_COLUMNS } from './rows.ts';
import type { Sql, TextRow } from './sql.ts';
import { STATEMENTS } from './statements.ts';

/** A request that was new, and what was decided. */
export interface Decided {
  readonly request: PostRequest;
  readonly hash: string;
  readonly fingerprint: Fingerprint;
  readonly decision: Decision;
}

/** Writes set-based: one statement per table, whatever the number of requests. */
export async function writeDecisions(sql: Sql, books: LockedBooks, decided: readonly Decided[]): Promise<void> {
  if (decided.length === 0) return;
  const createdAt = books.now.toISOString();
  const moved = decided.flatMap(({ decision }) => (decision.kind === 'POSTED' ? decision.transfers : []));
  const rows: TextRow[] = [];
  const keys = decided.map((item) => {
    const own = rowsOf(item, books, createdAt);
    rows.push(...own);
    return keyRow(item, own, createdAt, books.batchId);
  });
  if (moved.length > 0) await updateAccounts(sql, books, moved, createdAt);
  await sql.insert('transfers', TRANSFER_COLUMNS, rows);
  await writeOnceOnly(sql, moved);
  await sql.insert('transfer_keys', KEY_COLUMNS, keys);
  if (rows.length > 0)
    await sql.insert('ledger_batches', BATCH_COLUMNS, [[books.batchId, createdAt, String(rows.length), `\\x${digestOf(rows)}`]]);
}

function rowsOf({ request, decision }: Decided, books: LockedBooks, createdAt: string): TextRow[] {
  if (decision.kind === 'REFUSED') return refusedRows(request, decision.refusal, books, createdAt);
  return decision.transfers.map((transfer) => postedRow(transfer, request, books, createdAt));
}

async function updateAccounts(sql: Sql, books: LockedBooks, moved: readonly PostedTransfer[], movedAt: string): Promise<void> {
  const ids = new Set<string>();
  for (const { debit, credit } of moved) ids.add(debit.accountId).add(credit.accountId);
  const accounts = [...ids].map((id) => ensure(books.accounts.get(id), 'an account that moved'));
  await sql.query(STATEMENTS.updateAccounts, [
    accounts.map(({ id }) => id),
    accounts.map(({ debitsPosted }) => debitsPosted.toString()),
    accounts.map(({ creditsPosted }) => creditsPosted.toString()),
    accounts.map(({ debitsPending }) => debitsPending.toString()),
    accounts.map(({ creditsPending }) => creditsPending.toString()),
    accounts.map(({ sequence }) => sequence.toString()),
    movedAt,
  ]);
}

/** What may happen once: resolving a hold, reversing a transfer. A hold may be placed and resolved by the same call. */
async function writeOnceOnly(sql: Sql, moved: readonly PostedTransfer[]): Promise<void> {
  const resolutions = moved.filter(({ resolves }) => resolves !== null);
  const reversals = moved.filter(({ reverses }) => reverses !== null);
  const resolved = new Set(resolutions.map(({ resolves }) => resolves));
  const placed = moved.filter(({ id, state }) => state === 'PENDING' && !resolved.has(id));
  await sql.insert(
    'open_holds',
    HOLD_COLUMNS,
    placed.map(({ id, expiresAt }) => [id, expiresAt?.toISOString() ?? null]),
  );
  await sql.insert(
    'hold_resolutions',
    RESOLUTION_COLUMNS,
    resolutions.map(({ id, resolves }) => [resolves, id]),
  );
  await sql.insert(
    'reversals',
    REVERSAL_COLUMNS,
    reversals.map(({ id, reverses }) => [reverses, id]),
  );
  if (resolved.size > 0) await sql.query(STATEMENTS.closeHolds, [[...resolved]]);
}

const HOLD_COLUMNS = { hold_id: 'text', expires_at: 'timestamptz' };
const RESOLUTION_COLUMNS = { hold_id: 'text', transfer_id: 'text' };
const REVERSAL_COLUMNS = { reversed_id: 'text', transfer_id: 'text' };
const BATCH_COLUMNS = { id: 'bigint', created_at: 'timestamptz', transfer_count: 'integer', digest: 'bytea' };
const KEY_COLUMNS = {
  key_hash: 'uuid',
  scope: 'text',
  key: 'text',
  fingerprint: 'jsonb',
  outcome: 'text',
  refusal: 'jsonb',
  transfer_ids: 'text[]',
  created_at: 'timestamptz',
  batch_id: 'bigint',
};

function keyRow({ request, hash, fingerprint, decision }: Decided, rows: readonly TextRow[], createdAt: string, batchId: string): TextRow {
  return [
    hash,
    request.scope,
    request.key,
    JSON.stringify(fingerprint),
    decision.kind,
    decision.kind === 'REFUSED' ? JSON.stringify(storedRefusal(decision.refusal)) : null,
    `{${rows.map(([id]) => id).join(',')}}`,
    createdAt,
    batchId,
  ];
}
