import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { Books, Decision } from './evaluate.ts';
import type { Fingerprint } from './fingerprint.ts';
import { storedRefusal } from './keys.ts';
import type { PostRequest } from './request.ts';
import { TRANSFER_COLUMNS, type TransferRow } from './rows.ts';

/** A request that was new, what was decided, and the rows that record it. */
export interface Decided {
  readonly request: PostRequest;
  readonly fingerprint: Fingerprint;
  readonly decision: Decision;
  readonly rows: readonly TransferRow[];
}

/** Writes set-based: one statement per table, whatever the number of requests. */
export async function writeDecisions(em: EntityManager, books: Books, decided: readonly Decided[]): Promise<void> {
  if (decided.length === 0) return;
  const rows = decided.flatMap((item) => item.rows);
  const moved = rows.filter(({ state }) => state !== 'REFUSED');
  if (moved.length > 0) await updateAccounts(em, books, moved);
  if (rows.length > 0) await rawSql(em, INSERT_TRANSFERS, [JSON.stringify(rows)]);
  await updateOpenHolds(em, moved);
  await rawSql(em, INSERT_KEYS, [JSON.stringify(decided.map(keyRow)), books.now.toISOString()]);
}

async function updateAccounts(em: EntityManager, books: Books, moved: readonly TransferRow[]): Promise<void> {
  const ids = new Set(moved.flatMap((row) => [row.debit_account_id, row.credit_account_id]));
  const accounts = [...ids].map((id) => {
    const account = ensure(books.accounts.get(id), 'an account that moved');
    return {
      id,
      debits_posted: account.debitsPosted.toString(),
      credits_posted: account.creditsPosted.toString(),
      debits_pending: account.debitsPending.toString(),
      credits_pending: account.creditsPending.toString(),
      sequence: account.sequence.toString(),
    };
  });
  await rawSql(em, UPDATE_ACCOUNTS, [JSON.stringify(accounts)]);
}

/** Everything that is open after its own request: a hold may be placed and resolved by the same call. */
async function updateOpenHolds(em: EntityManager, moved: readonly TransferRow[]): Promise<void> {
  const resolved = new Set(moved.flatMap(({ resolves }) => (resolves ? [resolves] : [])));
  const placed = moved.filter(({ id, state }) => state === 'PENDING' && !resolved.has(id));
  if (placed.length > 0) {
    await rawSql(em, 'insert into open_holds (hold_id, expires_at) select * from unnest($1::text[], $2::timestamptz[])', [
      placed.map(({ id }) => id),
      placed.map(({ expires_at }) => expires_at),
    ]);
  }
  if (resolved.size > 0) await rawSql(em, 'delete from open_holds where hold_id = any($1::text[])', [[...resolved]]);
}

function keyRow({ request, fingerprint, decision, rows }: Decided) {
  return {
    scope: request.scope,
    key: request.key,
    fingerprint,
    outcome: decision.kind,
    refusal: decision.kind === 'REFUSED' ? storedRefusal(decision.refusal) : null,
    transfer_ids: rows.map(({ id }) => id),
  };
}

const UPDATE_ACCOUNTS = `
  update accounts a
  set debits_posted = n.debits_posted, credits_posted = n.credits_posted, debits_pending = n.debits_pending,
      credits_pending = n.credits_pending, sequence = n.sequence
  from jsonb_to_recordset($1::jsonb)
    as n (id text, debits_posted bigint, credits_posted bigint, debits_pending bigint, credits_pending bigint, sequence bigint)
  where a.id = n.id`;

const NAMES = Object.keys(TRANSFER_COLUMNS).join(', ');
const TYPED = Object.entries(TRANSFER_COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');
const INSERT_TRANSFERS = `insert into transfers (${NAMES}) select ${NAMES} from jsonb_to_recordset($1::jsonb) as t (${TYPED})`;

const INSERT_KEYS = `
  insert into transfer_keys (scope, key, fingerprint, outcome, refusal, transfer_ids, created_at)
  select k.scope, k.key, k.fingerprint, k.outcome, nullif(k.refusal, 'null'::jsonb), k.transfer_ids, $2::timestamptz
  from jsonb_to_recordset($1::jsonb) as k (scope text, key text, fingerprint jsonb, outcome text, refusal jsonb, transfer_ids text[])`;
