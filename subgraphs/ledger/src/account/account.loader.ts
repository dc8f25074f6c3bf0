import type { Loader } from '@tessera/service-kit/graphql';
import type { LedgerServices } from '../services.ts';
import { maySee } from '../wallet/wallet.loader.ts';
import { AccountEntity } from './account.entity.ts';
import { LedgerAccount } from './ledger-account.type.ts';

/** Accounts for those who see a transfer of theirs; what only the owner may know is left out for everybody else. */
export const ledgerAccount: Loader<LedgerAccount, LedgerServices> = {
  name: 'ledgerAccount',
  batch: async (ids, { em, viewer }) => {
    const accounts = await em.find(AccountEntity, { id: { $in: [...ids] } });
    return new Map(accounts.map((account) => [account.id, new LedgerAccount(account, maySee(account.ownerId ?? null, viewer))]));
  },
};
