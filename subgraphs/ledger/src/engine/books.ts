import { ensure } from '@tessera/service-kit/errors';
import type { AccountState } from './account.ts';
import type { AccountKind, NormalSide } from './address.ts';
import { resolveAddresses } from './addresses.ts';
import type { Books, HoldState } from './evaluate.ts';
import type { Item } from './item.ts';
import { findKeys, type KnownFact } from './keys.ts';
import type { DefaultLimits, LimitState } from './limit.ts';
import { lockLimits } from './lock-limits.ts';
import { newId } from './new-id.ts';
import { findReceivers, type Receivers } from './receivers.ts';
import { big, instant, type Sql } from './sql.ts';
import { STATEMENTS } from './statements.ts';

export interface LockedBooks extends Books {
  /** Names what is committed together. */
  readonly batchId: string;
  /** Account ids of the addresses that were named. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly receivers: Receivers;
  /** As they were read. */
  readonly limitsBefore: ReadonlyMap<string, LimitState>;
  /** What was decided before under the keys of the items, by `keyHash`. */
  readonly known: Map<string, KnownFact>;
}

/**
 * Locks what the items touch and reads it: first the open holds, then all accounts in the order of their ids in one statement, so that
 * no two transactions wait for each other in a circle. Everything read afterwards is as the lock holders before us left it: each is a
 * statement of its own behind the locks, and all of them travel together.
 * @param addresses what others have committed of them; an address never changes its account
 */
export async function lockBooks(
  sql: Sql,
  items: readonly Item[],
  addresses: ReadonlyMap<string, string>,
  defaultLimits: DefaultLimits,
): Promise<LockedBooks> {
  const references = new Set(items.flatMap(({ names }) => names));
  const named = await resolveAddresses(sql, references, addresses);
  const receivers = await findReceivers(sql, references);
  const resolved = receivers.ids.size === 0 ? named : new Map([...named, ...receivers.ids]);
  const ids = new Set<string>();
  for (const reference of references) ids.add(resolved.get(reference) ?? reference);
  const holdIds = items.flatMap(({ request: { legs } }) => legs.flatMap((leg) => ('holdId' in leg ? [leg.holdId] : [])));
  if (holdIds.length > 0) await lockHolds(sql, holdIds, ids);
  const reversals = items.flatMap(({ request: { legs } }) =>
    legs.flatMap((leg) => ('reverses' in leg && leg.reverses ? [leg.reverses] : [])),
  );
  const [accounts, clock, known, holds, reversed] = await Promise.all([
    lockAccounts(sql, [...ids].sort()),
    readClock(sql),
    findKeys(
      sql,
      items.map(({ hash }) => hash),
    ),
    holdIds.length > 0 ? readHolds(sql, holdIds) : new Map<string, HoldState>(),
    reversals.length > 0 ? readReversed(sql, reversals) : new Set<string>(),
  ]);
  for (const [id, wallet] of receivers.unopened) accounts.states.set(id, wallet);
  const accountOf = (reference: string) => accounts.states.get(resolved.get(reference) ?? reference);
  const limits = await lockLimits(sql, items, { accountOf, defaults: defaultLimits });
  // Who held the limits before us may have counted in a later day.
  const { now_ms: nowMs, batch_id: batchId } = limits.size > 0 ? await readClock(sql) : clock;
  return {
    ids: resolved,
    addresses: named,
    receivers,
    accounts: accounts.states,
    limits,
    limitsBefore: new Map(limits),
    holds,
    reversed,
    now: new Date(Math.max(Number(nowMs), accounts.movedAtMs)),
    batchId: String(batchId),
    known,
    newId,
  };
}

async function readClock(sql: Sql) {
  return ensure((await sql.query<{ now_ms: string; batch_id: string }>(STATEMENTS.clock, []))[0], 'the clock');
}

async function lockHolds(sql: Sql, holdIds: readonly string[], accountIds: Set<string>): Promise<void> {
  await sql.query(STATEMENTS.lockHolds, [holdIds]);
  const rows = await sql.query<{ debit_account_id: string; credit_account_id: string }>(STATEMENTS.accountsOfHolds, [holdIds]);
  for (const row of rows) accountIds.add(row.debit_account_id).add(row.credit_account_id);
}

type AccountRow = Record<Exclude<keyof typeof ACCOUNT_COLUMNS, 'is_closed' | 'is_limited'>, string | null> &
  Readonly<Record<'is_closed' | 'is_limited', boolean>>;
const ACCOUNT_COLUMNS = {
  id: 0,
  kind: 0,
  address: 0,
  owner_id: 0,
  currency: 0,
  normal_side: 0,
  debits_posted: 0,
  credits_posted: 0,
  debits_pending: 0,
  credits_pending: 0,
  floor_minor: 0,
  sequence: 0,
  is_closed: 0,
  is_limited: 0,
  moved_at: 0,
};

/** `movedAtMs`: when the last of them moved. Time never runs backwards along an account, even where the server's clock does. */
async function lockAccounts(sql: Sql, ids: readonly string[]) {
  const states = new Map<string, AccountState>();
  let movedAt = '';
  for (const row of await sql.query<AccountRow>(STATEMENTS.lockAccounts, [ids])) {
    states.set(String(row.id), toAccount(row));
    if (row.moved_at !== null && row.moved_at > movedAt) movedAt = row.moved_at;
  }
  return { states, movedAtMs: movedAt === '' ? 0 : instant(movedAt).getTime() };
}

function toAccount(row: AccountRow): AccountState {
  return {
    id: String(row.id),
    kind: row.kind as AccountKind, // held by a check of the table
    address: row.address,
    ownerId: row.owner_id,
    currency: String(row.currency),
    normalSide: row.normal_side as NormalSide, // held by a check of the table
    debitsPosted: big(row.debits_posted),
    creditsPosted: big(row.credits_posted),
    debitsPending: big(row.debits_pending),
    creditsPending: big(row.credits_pending),
    floorMinor: row.floor_minor === null ? null : big(row.floor_minor),
    sequence: big(row.sequence),
    isClosed: row.is_closed,
    isLimited: row.is_limited,
  };
}

async function readHolds(sql: Sql, ids: readonly string[]): Promise<Map<string, HoldState>> {
  const rows = await sql.query(STATEMENTS.holds, [ids]);
  return new Map(rows.map((row) => [String(row.id), toHold(row)]));
}

function toHold(row: Readonly<Record<string, unknown>>): HoldState {
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

async function readReversed(sql: Sql, ids: readonly string[]): Promise<Set<string>> {
  const rows = await sql.query<{ reversed_id: string }>(STATEMENTS.reversals, [ids]);
  return new Set(rows.map(({ reversed_id }) => reversed_id));
}
