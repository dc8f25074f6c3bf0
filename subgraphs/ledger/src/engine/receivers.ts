import { ensure } from '@tessera/service-kit/errors';
import type { NewEvent } from '@tessera/service-kit/messaging';
import type { AccountState } from './account.ts';
import { ACCOUNT_RULES } from './address.ts';
import { newId } from './new-id.ts';
import type { PostedTransfer } from './request.ts';
import type { Sql, Statement } from './sql.ts';

/**
 * A user as the one who receives: the open default wallet in a currency, else the oldest. Where there is none it is opened by what is accepted,
 * in the same commit, so that nobody opens wallets for others by what is refused. As the credit side of a movement only.
 */
export function receiverOf(userId: string, currency: string): string {
  return `${RECEIVER}${userId}:${currency}`;
}

const RECEIVER = 'receiver:';

export interface Receivers {
  /** Of each reference, the account that receives. */
  readonly ids: ReadonlyMap<string, string>;
  /** Wallets that are not there yet, by their ids. */
  readonly unopened: ReadonlyMap<string, AccountState>;
}

const NONE: Receivers = { ids: new Map(), unopened: new Map() };

/** Two may find none at once: one default wallet per user and currency is open, so the second finds that of the first when it tries again. */
export async function findReceivers(sql: Sql, references: ReadonlySet<string>): Promise<Receivers> {
  const asked = [...references].filter((reference) => reference.startsWith(RECEIVER));
  if (asked.length === 0) return NONE;
  const holders = asked.map((reference) => reference.split(':'));
  const [owners, currencies] = [holders.map(([, ownerId]) => ownerId), holders.map(([, , currency]) => currency)];
  const known = await sql.query<{ place: number; id: string }>(FIND, [owners, currencies]);
  const ids = new Map(known.map(({ place, id }) => [ensure(asked[Number(place) - 1], 'who was asked for'), id]));
  const unopened = new Map<string, AccountState>();
  for (const [at, reference] of asked.entries()) {
    if (ids.has(reference)) continue;
    const wallet = emptyWallet(ensure(owners[at], 'a user'), ensure(currencies[at], 'a currency'));
    ids.set(reference, wallet.id);
    unopened.set(wallet.id, wallet);
  }
  return { ids, unopened };
}

function emptyWallet(ownerId: string, currency: string): AccountState {
  const { normalSide, floorMinor } = ACCOUNT_RULES.WALLET;
  const counters = { debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n, sequence: 0n };
  const state = { isClosed: false, isLimited: false };
  return { id: newId('wallet'), kind: 'WALLET', address: null, ownerId, currency, normalSide, floorMinor, ...counters, ...state };
}

/** Of the wallets that were not there, those that something moved to. */
export function openedBy(moved: readonly PostedTransfer[], { unopened }: Receivers): AccountState[] {
  if (unopened.size === 0) return [];
  const ids = new Set(moved.map(({ credit }) => credit.accountId));
  return [...ids].flatMap((id) => unopened.get(id) ?? []);
}

export function walletOpened({ id, ownerId, currency }: AccountState): NewEvent<'WalletOpened'> {
  return { type: 'WalletOpened', aggregateId: id, payload: { walletId: id, ownerId: ensure(ownerId, 'the owner of a wallet'), currency } };
}

export function openReceivers(sql: Sql, wallets: readonly AccountState[], openedAt: string): Promise<unknown> {
  const { normalSide, floorMinor } = ACCOUNT_RULES.WALLET;
  const columns = [wallets.map(({ id }) => id), wallets.map(({ ownerId }) => ownerId), wallets.map(({ currency }) => currency)];
  return sql.query(OPEN, [...columns, normalSide, floorMinor?.toString() ?? null, openedAt]);
}

const FIND: Statement = {
  name: 'receivers',
  text: `
    select h.place, w.id from unnest($1::text[], $2::text[]) with ordinality as h (owner_id, currency, place)
    cross join lateral (
      select id from accounts w where w.owner_id = h.owner_id and w.currency = h.currency and (w.kind = 'WALLET') is true and not w.is_closed
      order by w.is_default desc, w.id limit 1) w`,
};

/** In one order, as everything that two may write at once. */
const OPEN: Statement = {
  name: 'open_receivers',
  text: `
    insert into accounts (id, kind, owner_id, currency, normal_side, floor_minor, is_default, opened_at)
    select id, 'WALLET', owner_id, currency, $4::text, $5::bigint, true, $6::timestamptz from unnest($1::text[], $2::text[], $3::text[]) as w (id, owner_id, currency)
    order by owner_id, currency`,
};
