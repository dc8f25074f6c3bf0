import { ensure } from '@tessera/service-kit/errors';
import { rawSql } from '@tessera/service-kit/persistence';
import { AccountEntity } from '../account/account.entity.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { mayOpen } from './wallet.ts';
import { WalletLimitReached, WalletOpened, type WalletOpenInput } from './wallet.type.ts';
import { openWallet, receivingWallet } from './wallet-ensure.ts';

/** Opens a further wallet for the caller. One at a time per user, so that the limit holds; the first of a currency receives what is sent. */
export async function walletOpen({ currency }: WalletOpenInput, context: LedgerUseCaseContext): Promise<WalletOpened | WalletLimitReached> {
  const { em, viewer } = context;
  const userId = ensure(viewer.userId, 'the user of an authenticated mutation');
  await rawSql(em, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`wallets:${userId}`]);
  const openWallets = await em.count(AccountEntity, { ownerId: userId, kind: 'WALLET', isClosed: false });
  if (!mayOpen(openWallets)) return new WalletLimitReached();
  const isDefault = (await receivingWallet(em, userId, currency)) === null;
  const opened =
    (await openWallet({ userId, currency, isDefault }, context)) ?? (await openWallet({ userId, currency, isDefault: false }, context));
  return new WalletOpened(ensure(opened, 'the wallet just opened').id);
}
