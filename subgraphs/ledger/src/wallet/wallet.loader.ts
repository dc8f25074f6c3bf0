import type { Loader } from '@tessera/service-kit/graphql';
import { hasScope, type Viewer } from '@tessera/service-kit/identity';
import { rawSql } from '@tessera/service-kit/persistence';
import { AccountEntity } from '../account/account.entity.ts';
import type { LedgerServices } from '../services.ts';
import { Wallet } from './wallet.type.ts';

const MAX_WALLETS_PER_USER = 200;

/** Wallets that the viewer may see; somebody else's is not there. */
export const visibleWallet: Loader<Wallet, LedgerServices> = {
  name: 'visibleWallet',
  batch: async (ids, { viewer, services }) => {
    const accounts = [...(await services.balances.read(ids)).values()];
    return new Map(accounts.filter(({ ownerId }) => maySee(ownerId ?? null, viewer)).map((account) => [account.id, new Wallet(account)]));
  },
};

/** Each has a limit of its own: nobody's many wallets take the places of another's. */
const WALLETS = `
  select w.id from unnest($1::text[]) as u (owner_id) cross join lateral (
    select id from accounts a where a.owner_id = u.owner_id and a.kind = 'WALLET' order by a.is_closed, a.id limit ${MAX_WALLETS_PER_USER}) w`;

/** At most 200 wallets of a user, open ones before closed, the oldest first; nothing for a user whose wallets the viewer may not see. */
export const walletsOfUser: Loader<Wallet[], LedgerServices> = {
  name: 'walletsOfUser',
  batch: async (userIds, { em, viewer }) => {
    const visible = userIds.filter((userId) => maySee(userId, viewer));
    if (visible.length === 0) return new Map();
    const rows = await rawSql<{ id: string }>(em, WALLETS, [visible]);
    const accounts = await em.find(AccountEntity, { id: { $in: rows.map(({ id }) => id) } }, { orderBy: { isClosed: 'asc', id: 'asc' } });
    const wallets = new Map(visible.map((userId): [string, Wallet[]] => [userId, []]));
    for (const account of accounts) wallets.get(account.ownerId ?? '')?.push(new Wallet(account));
    return wallets;
  },
};

export function maySee(ownerId: string | null, viewer: Viewer): boolean {
  return hasScope(viewer, 'ledger:read') || (ownerId !== null && ownerId === viewer.userId);
}
