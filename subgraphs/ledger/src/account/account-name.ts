import type { Loader } from '@tessera/service-kit/graphql';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { AccountKind } from '../engine/index.ts';
import { RecipientEntity } from '../recipient/recipient.entity.ts';
import type { LedgerServices } from '../services.ts';

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

/** Whose wallet it is, as others see it. */
export async function readOwnersName(em: EntityManager, walletId: string): Promise<string> {
  const text = 'select display_name from accounts a left join recipients r on r.user_id = a.owner_id where a.id = $1';
  const [row] = await rawSql<{ display_name: string | null }>(em, text, [walletId]);
  return accountName('WALLET', row?.display_name ?? null);
}
