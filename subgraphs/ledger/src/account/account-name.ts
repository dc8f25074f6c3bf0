import type { FilterQuery } from '@mikro-orm/core';
import { TesseraError } from '@tessera/service-kit/errors';
import type { Loader } from '@tessera/service-kit/graphql';
import { type EntityManager, rawSql, sqlState } from '@tessera/service-kit/persistence';
import type { AccountKind } from '../engine/index.ts';
import { RecipientEntity } from '../recipient/recipient.entity.ts';
import type { LedgerServices } from '../services.ts';
import type { AccountEntity } from './account.entity.ts';

/** How accounts that belong to nobody are called on the other side's statement. */
const SYSTEM_NAMES: Readonly<Record<Exclude<AccountKind, 'WALLET' | 'PAYABLE'>, string>> = {
  ESCROW: 'Order escrow',
  FEES: 'Platform fees',
  EXPENSES: 'Platform expenses',
  DISPUTES: 'Disputes',
  BANK: 'Bank',
  CLEARING: 'Payment provider',
};
const UNKNOWN_USER = 'A Tessera user';

/** Public display names by user id. */
export const displayNameOf: Loader<string, LedgerServices> = {
  name: 'displayNameOf',
  batch: async (userIds, { em }) => {
    const recipients = await em.find(RecipientEntity, { userId: { $in: [...userIds] } });
    return new Map(recipients.map(({ userId, displayName }) => [userId, displayName]));
  },
};

export function accountName(kind: AccountKind, ownersName: string | null): string {
  return kind === 'WALLET' || kind === 'PAYABLE' ? (ownersName ?? UNKNOWN_USER) : SYSTEM_NAMES[kind];
}

const MIN_NAME = 2;
const MAX_NAME = 64;
const MAX_USERS_NAMED = 500;
const OUT_OF_TIME = '57014';

/** The accounts whose name for people holds this text. @throws TesseraError BAD_USER_INPUT for a text that says too little or too much */
export async function accountsNamed(name: string, em: EntityManager): Promise<FilterQuery<AccountEntity>> {
  const text = name.trim().toLowerCase();
  if (text.length < MIN_NAME || text.length > MAX_NAME) throw refused(`where.name takes ${MIN_NAME} to ${MAX_NAME} characters.`);
  const kinds = (Object.keys(SYSTEM_NAMES) as (keyof typeof SYSTEM_NAMES)[]).filter((kind) =>
    SYSTEM_NAMES[kind].toLowerCase().includes(text),
  ); // keys forgets their type
  const rows = await usersNamed(text, em);
  if (rows.length > MAX_USERS_NAMED) throw refused(`More than ${MAX_USERS_NAMED} users have that in their name: give more of it.`);
  return { $or: [{ kind: { $in: kinds } }, { ownerId: { $in: rows.map(({ user_id }) => user_id) } }] };
}

/** All names are looked at, within the time of a statement. */
async function usersNamed(text: string, em: EntityManager): Promise<{ user_id: string }[]> {
  const among = `select user_id from recipients where strpos(lower(display_name), $1) > 0 limit ${MAX_USERS_NAMED + 1}`;
  try {
    return await rawSql<{ user_id: string }>(em, among, [text]);
  } catch (error) {
    if (sqlState(error) !== OUT_OF_TIME) throw error;
    throw refused('There are too many users to look for a name among them: give ownerId or address instead.');
  }
}

function refused(message: string): TesseraError {
  return new TesseraError('BAD_USER_INPUT', message, { path: ['where', 'name'] });
}

/** Whose wallet it is, as others see it. */
export async function readOwnersName(em: EntityManager, walletId: string): Promise<string> {
  const text = 'select display_name from accounts a left join recipients r on r.user_id = a.owner_id where a.id = $1';
  const [row] = await rawSql<{ display_name: string | null }>(em, text, [walletId]);
  return accountName('WALLET', row?.display_name ?? null);
}
