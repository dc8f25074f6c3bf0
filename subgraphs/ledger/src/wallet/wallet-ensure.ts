import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { AccountEntity } from '../account/account.entity.ts';
import { ACCOUNT_RULES } from '../engine/index.ts';

/** The open wallet that receives what is sent to a user in a currency: the default one, else the oldest. */
export async function receivingWallet(em: EntityManager, userId: string, currency: string): Promise<AccountEntity | null> {
  const where = { ownerId: userId, currency, kind: 'WALLET', isClosed: false } as const;
  return em.findOne(AccountEntity, where, { orderBy: { isDefault: 'desc', id: 'asc' } });
}

/** The user's receiving wallet; opened as the default one where there is none. Two may try at once: one default wallet per user and currency is open. */
export async function ensureDefaultWallet(userId: string, currency: string, unit: UnitOfWork): Promise<AccountEntity> {
  const known = await receivingWallet(unit.em, userId, currency);
  if (known) return known;
  const opened = await openWallet({ userId, currency, isDefault: true }, unit);
  return opened ?? ensure(await receivingWallet(unit.em, userId, currency), 'the default wallet that was opened meanwhile');
}

/** Inserts the wallet and tells the others; null when there is an open default one already. */
export async function openWallet(
  { userId, currency, isDefault }: { readonly userId: string; readonly currency: string; readonly isDefault: boolean },
  { em, now, publish }: UnitOfWork,
): Promise<AccountEntity | null> {
  const { normalSide, floorMinor } = ACCOUNT_RULES.WALLET;
  const [row] = await rawSql<{ id: string }>(
    em,
    `insert into accounts (id, kind, owner_id, currency, normal_side, floor_minor, is_default, opened_at)
     values ($1, 'WALLET', $2, $3, $4, $5, $6, $7::timestamptz)
     on conflict (owner_id, currency) where is_default and not is_closed do nothing
     returning id`,
    [newId('wallet'), userId, currency, normalSide, floorMinor?.toString() ?? null, isDefault, now.toISOString()],
  );
  if (!row) return null;
  publish({ type: 'WalletOpened', aggregateId: row.id, payload: { walletId: row.id, ownerId: userId, currency } });
  return em.findOneOrFail(AccountEntity, row.id);
}
