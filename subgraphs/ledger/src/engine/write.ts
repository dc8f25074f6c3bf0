import { ensure } from '@tessera/service-kit/errors';
import type { AccountState } from './account.ts';
import type { LockedBooks } from './books.ts';
import { lineOf } from './copy.ts';
import { digestOf } from './digest.ts';
import type { Decision } from './evaluate.ts';
import { storedRefusal } from './keys.ts';
import { limitsToWrite, writeLimits } from './lock-limits.ts';
import { openedBy, openReceivers } from './receivers.ts';
import type { Fingerprint, PostedTransfer, PostRequest } from './request.ts';
import { postedRow, refusedRows, TRANSFER_COLUMNS } from './rows.ts';
import { type Columns, type Sql, type TextRow, turn } from './sql.ts';
import { STATEMENTS } from './statements.ts';

/** A request that was new, and what was decided. */
export interface Decided {
  readonly request: PostRequest;
  readonly hash: string;
  readonly fingerprint: Fingerprint;
  readonly decision: Decision;
}

interface Written {
  readonly opened: readonly AccountState[];
  readonly writes: readonly Promise<unknown>[];
}

/**
 * Writes set-based: one statement per table, whatever the number of requests. While the database works on one, the text of the next is made;
 * all are done when the promises are that come back.
 */
export async function writeDecisions(sql: Sql, books: LockedBooks, decided: readonly Decided[]): Promise<Written> {
  if (decided.length === 0) return { opened: [], writes: [] };
  const createdAt = books.now.toISOString();
  const moved = decided.flatMap(({ decision }) => (decision.kind === 'POSTED' ? decision.transfers : []));
  const writes: Promise<unknown>[] = [];
  const start = (write: Promise<unknown>): Promise<void> => {
    writes.push(write);
    return turn();
  };
  const opened = openedBy(moved, books.receivers);
  const openedIds = new Set(opened.map(({ id }) => id));
  for (const id of books.receivers.unopened.keys()) if (!openedIds.has(id)) books.accounts.delete(id); // no row may name it
  if (opened.length > 0) await start(openReceivers(sql, opened, createdAt));
  if (moved.length > 0) {
    const ids = new Set<string>();
    for (const { debit, credit } of moved) ids.add(debit.accountId).add(credit.accountId);
    await start(sql.guard([...ids]));
    await start(updateAccounts(sql, books, ids, createdAt));
  }
  const limits = limitsToWrite(books.limits, books.limitsBefore);
  if (limits.length > 0) await start(writeLimits(sql, limits, createdAt));
  const transfers = sql.inserting('transfers', TRANSFER_COLUMNS);
  const keys = sql.inserting('transfer_keys', KEY_COLUMNS);
  const lines: string[] = [];
  for (const item of decided) {
    const rows = rowsOf(item, books, createdAt);
    for (const row of rows) {
      const line = lineOf(row);
      lines.push(line);
      transfers.add(row, line);
    }
    keys.add(keyRow(item, rows, createdAt, books.batchId));
  }
  await start(transfers.send());
  for (const write of onceOnly(sql, moved)) await start(write);
  // In the order of their places: two transactions that write the same new keys then wait for each other in one direction only.
  await start(keys.sendSorted());
  if (lines.length > 0)
    await start(sql.insert('ledger_batches', BATCH_COLUMNS, [[books.batchId, createdAt, String(lines.length), `\\x${digestOf(lines)}`]]));
  return { opened, writes };
}

function rowsOf({ request, decision }: Decided, books: LockedBooks, createdAt: string): TextRow[] {
  if (decision.kind === 'REFUSED') return refusedRows(request, decision.refusal, books, createdAt);
  return decision.transfers.map((transfer) => postedRow(transfer, request, books, createdAt));
}

/** Counters of accounts, in the order of the statement's parameters. */
const COUNTERS = ['debitsPosted', 'creditsPosted', 'debitsPending', 'creditsPending', 'sequence'] as const;

function updateAccounts(sql: Sql, books: LockedBooks, ids: ReadonlySet<string>, movedAt: string): Promise<unknown> {
  const columns = COUNTERS.map((name) => ({ name, values: [] as string[] }));
  for (const id of ids) {
    const account = ensure(books.accounts.get(id), 'an account that moved');
    for (const { name, values } of columns) values.push(account[name].toString());
  }
  const texts = [[...ids], ...columns.map(({ values }) => values)].map((values) => `{${values.join(',')}}`);
  return sql.query(STATEMENTS.updateAccounts, [...texts, movedAt]);
}

/** What may happen once: resolving a hold, reversing a transfer. A hold may be placed and resolved by the same call. */
function onceOnly(sql: Sql, moved: readonly PostedTransfer[]): Promise<unknown>[] {
  const resolutions = moved.filter(({ resolves }) => resolves !== null);
  const reversals = moved.filter(({ reverses }) => reverses !== null);
  const resolved = new Set(resolutions.map(({ resolves }) => resolves));
  const placed = moved.filter(({ id, state }) => state === 'PENDING' && !resolved.has(id));
  const holdRows = placed.map(({ id, expiresAt }): TextRow => [id, expiresAt?.toISOString() ?? null]);
  const writes: Promise<unknown>[] = [];
  if (holdRows.length > 0) writes.push(sql.insert('open_holds', HOLD_COLUMNS, holdRows));
  if (resolutions.length > 0) {
    const rows = resolutions.map(({ id, resolves }): TextRow => [resolves, id]);
    writes.push(sql.insert('hold_resolutions', RESOLUTION_COLUMNS, rows));
    writes.push(sql.query(STATEMENTS.closeHolds, [[...resolved]]));
  }
  if (reversals.length > 0) {
    const rows = reversals.map(({ id, reverses }): TextRow => [reverses, id]);
    writes.push(sql.insert('reversals', REVERSAL_COLUMNS, rows));
  }
  return writes;
}

const HOLD_COLUMNS: Columns = { hold_id: 'text', expires_at: 'timestamptz' };
const RESOLUTION_COLUMNS: Columns = { hold_id: 'text', transfer_id: 'text' };
const REVERSAL_COLUMNS: Columns = { reversed_id: 'text', transfer_id: 'text' };
const BATCH_COLUMNS: Columns = { id: 'bigint', created_at: 'timestamptz', transfer_count: 'integer', digest: 'bytea' };
const KEY_COLUMNS: Columns = {
  key_hash: 'uuid',
  scope: 'text',
  key: 'text',
  fingerprint: 'json',
  outcome: 'word',
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
