import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import type { AccountIdentity, AccountState } from './account.ts';
import type { AccountKind, NormalSide } from './address.ts';
import { resolveAddresses } from './addresses.ts';
import type { Books, HoldState } from './evaluate.ts';
import type { Item } from './item.ts';
import { findKeys, type KnownFact } from './keys.ts';
import type { Known, Learned } from './known.ts';
import type { DefaultLimits, LimitState } from './limit.ts';
import { lockLimits } from './lock-limits.ts';
import { newId } from './new-id.ts';
import { findReceivers, type Receivers } from './receivers.ts';
import { big, instant, type Sql } from './sql.ts';
import { STATEMENTS } from './statements.ts';

export interface LockedBooks extends Books {
  /** Names what is committed together. */
  readonly batchId: string;
  readonly learned: Learned;
  readonly receivers: Receivers;
  /** As they were read. */
  readonly limitsBefore: ReadonlyMap<string, LimitState>;
  /** What was decided before under the keys of the items, by `keyHash`. */
  readonly decided: Map<string, KnownFact>;
}

/**
 * Locks what the items touch and reads it: first the open holds, then all accounts in the order of their ids in one statement, so that
 * no two transactions wait for each other in a circle. Everything read afterwards is as the lock holders before us left it: each is a
 * statement of its own behind the locks, and all of them travel together.
 * @param known what is committed
 */
export async function lockBooks(sql: Sql, items: readonly Item[], known: Known, defaultLimits: DefaultLimits): Promise<LockedBooks> {
  const references = new Set(items.flatMap(({ names }) => names));
  const named = await resolveAddresses(sql, references, known.addresses);
  const receivers = await findReceivers(sql, references);
  const resolved = receivers.ids.size === 0 ? named : new Map([...named, ...receivers.ids]);
  const ids = new Set<string>();
  for (const reference of references) ids.add(resolved.get(reference) ?? reference);
  const holdIds = items.flatMap(({ request: { legs } }) => legs.flatMap((leg) => ('holdId' in leg ? [leg.holdId] : [])));
  if (holdIds.length > 0) await lockHolds(sql, holdIds, ids);
  const reversals = items.flatMap(({ request: { legs } }) =>
    legs.flatMap((leg) => ('reverses' in leg && leg.reverses ? [leg.reverses] : [])),
  );
  const [accounts, clock, decided, holds, reversed] = await Promise.all([
    lockAccounts(sql, [...ids].sort(), known.identities),
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
    learned: { addresses: named, identities: accounts.learned },
    receivers,
    accounts: accounts.states,
    limits,
    limitsBefore: new Map(limits),
    holds,
    reversed,
    now: new Date(Math.max(Number(nowMs), accounts.movedAtMs)),
    batchId: String(batchId),
    decided,
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

/** `movedAtMs`: when the last of them moved. Time never runs backwards along an account, even where the server's clock does. */
async function lockAccounts(sql: Sql, ids: readonly string[], known: ReadonlyMap<string, AccountIdentity>) {
  const states = new Map<string, AccountState>();
  const learned: AccountIdentity[] = [];
  const learn = (account: string): AccountIdentity => {
    const identity = identityOf(account);
    learned.push(identity);
    return identity;
  };
  const isEveryKnown = ids.every((id) => known.has(id));
  const [row] = await sql.query<{ accounts: string | null; moved_at: string | null }>(STATEMENTS.lockAccounts, [ids, !isEveryKnown]);
  for (const account of row?.accounts?.split('\u001e') ?? []) {
    const columns = account.split('\u001f');
    if (columns.length !== (isEveryKnown ? COUNTER_COLUMNS : COLUMNS))
      throw new InvariantViolation('An account came without some of its columns.');
    const identity = known.get(columns[0] ?? '') ?? learn(account);
    states.set(identity.id, stateOf(identity, columns));
  }
  return { states, learned, movedAtMs: row?.moved_at ? instant(row.moved_at).getTime() : 0 };
}

/** What `lockAccounts` always asks for, and all that it asks for. */
const COUNTER_COLUMNS = 9;
const COLUMNS = 14;

/** It is kept for long: what is taken from a copy does not hold on to the text of all accounts. */
function identityOf(account: string): AccountIdentity {
  const columns = Buffer.from(account).toString().split('\u001f');
  const [kind, address, ownerId, currency, normalSide] = columns.slice(COUNTER_COLUMNS);
  return {
    id: columns[0] as string, // counted
    kind: kind as AccountKind, // held by a check of the table
    address: address || null,
    ownerId: ownerId || null,
    currency: currency as string,
    normalSide: normalSide as NormalSide, // held by a check of the table
  };
}

function stateOf({ id, kind, address, ownerId, currency, normalSide }: AccountIdentity, columns: readonly string[]): AccountState {
  const [, debitsPosted, creditsPosted, debitsPending, creditsPending, sequence, isClosed, isLimited, floor] = columns;
  return {
    id,
    kind,
    address,
    ownerId,
    currency,
    normalSide,
    debitsPosted: BigInt(debitsPosted as string), // counted, as all of them
    creditsPosted: BigInt(creditsPosted as string),
    debitsPending: BigInt(debitsPending as string),
    creditsPending: BigInt(creditsPending as string),
    floorMinor: floor === '' ? null : BigInt(floor as string),
    sequence: BigInt(sequence as string),
    isClosed: isClosed === 't',
    isLimited: isLimited === 't',
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
