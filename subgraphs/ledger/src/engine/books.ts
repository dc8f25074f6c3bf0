import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, type Row, rawSql } from '@tessera/service-kit/persistence';
import type { AccountState } from './account.ts';
import type { AccountKind, NormalSide } from './address.ts';
import { referencesOf } from './addresses.ts';
import type { Books, HoldState } from './evaluate.ts';
import type { PostRequest } from './request.ts';

/**
 * Locks what the requests touch and reads it: first the open holds, then all accounts in the order of their ids in one statement, so that
 * no two transactions wait for each other in a circle. Everything read afterwards is as the lock holders before us left it.
 */
export async function lockBooks(em: EntityManager, requests: readonly PostRequest[], newId: Books['newId']): Promise<Books> {
  const holdIds = requests.flatMap(({ legs }) => legs.flatMap((leg) => ('holdId' in leg ? [leg.holdId] : [])));
  if (holdIds.length > 0) await rawSql(em, 'select from open_holds where hold_id = any($1::text[]) order by hold_id for update', [holdIds]);
  const ids = await resolveIds(em, referencesOf(requests), holdIds);
  const accounts = await lockAccounts(em, [...new Set(ids.values())]);
  const reversals = requests.flatMap(({ legs }) => legs.flatMap((leg) => ('reverses' in leg && leg.reverses ? [leg.reverses] : [])));
  return {
    ids,
    accounts,
    holds: holdIds.length > 0 ? await readHolds(em, holdIds) : new Map(),
    reversed: reversals.length > 0 ? await readReversed(em, reversals) : new Set(),
    now: await databaseNow(em),
    newId,
  };
}

async function resolveIds(em: EntityManager, references: readonly string[], holdIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await rawSql<{ reference: string; id: string }>(
    em,
    `select id as reference, id from accounts where id = any($1::text[])
     union all select address, id from accounts where address = any($1::text[])
     union all select debit_account_id, debit_account_id from transfers where id = any($2::text[])
     union all select credit_account_id, credit_account_id from transfers where id = any($2::text[])`,
    [references, holdIds],
  );
  return new Map(rows.map(({ reference, id }) => [reference, id]));
}

async function lockAccounts(em: EntityManager, ids: readonly string[]): Promise<Map<string, AccountState>> {
  const rows = await rawSql(
    em,
    `select id, kind, address, owner_id, currency, normal_side, debits_posted, credits_posted, debits_pending, credits_pending, floor_minor, sequence, is_closed
     from accounts where id = any($1::text[]) order by id for no key update`,
    [ids],
  );
  return new Map(rows.map((row) => [String(row.id), toAccount(row)]));
}

function toAccount(row: Row): AccountState {
  return {
    id: String(row.id),
    kind: row.kind as AccountKind, // held by a check of the table
    address: row.address === null ? null : String(row.address),
    ownerId: row.owner_id === null ? null : String(row.owner_id),
    currency: String(row.currency),
    normalSide: row.normal_side as NormalSide, // held by a check of the table
    debitsPosted: big(row.debits_posted),
    creditsPosted: big(row.credits_posted),
    debitsPending: big(row.debits_pending),
    creditsPending: big(row.credits_pending),
    floorMinor: row.floor_minor === null ? null : big(row.floor_minor),
    sequence: big(row.sequence),
    isClosed: row.is_closed === true,
  };
}

async function readHolds(em: EntityManager, ids: readonly string[]): Promise<Map<string, HoldState>> {
  const rows = await rawSql(
    em,
    `select h.id, h.debit_account_id, h.credit_account_id, h.amount_minor, h.currency, h.code, h.expires_at, r.state as resolution
     from transfers h left join transfers r on r.resolves = h.id where h.id = any($1::text[]) and h.state = 'PENDING'`,
    [ids],
  );
  return new Map(rows.map((row) => [String(row.id), toHold(row)]));
}

function toHold(row: Row): HoldState {
  return {
    id: String(row.id),
    debitAccountId: String(row.debit_account_id),
    creditAccountId: String(row.credit_account_id),
    amountMinor: big(row.amount_minor),
    currency: String(row.currency),
    code: String(row.code),
    expiresAt: instant(row.expires_at),
    resolution: row.resolution as HoldState['resolution'], // held by checks: what resolves is POSTED, VOIDED or EXPIRED
  };
}

async function readReversed(em: EntityManager, ids: readonly string[]): Promise<Set<string>> {
  const rows = await rawSql<{ reverses: string }>(
    em,
    `select reverses from transfers where reverses = any($1::text[]) and state = 'POSTED'`,
    [ids],
  );
  return new Set(rows.map(({ reverses }) => reverses));
}

/** Read after the locks, so that along the sequence of an account time never runs backwards. */
async function databaseNow(em: EntityManager): Promise<Date> {
  const [row] = await rawSql(em, `select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms`);
  return new Date(Number(ensure(row, 'the clock').now_ms));
}

export function big(value: unknown): bigint {
  return BigInt(String(value));
}

/** `timestamptz` comes as text from raw SQL. */
export function instant(value: unknown): Date {
  return value instanceof Date ? value : new Date(String(value));
}
