import { ensure } from '@tessera/service-kit/errors';
import { rawSql } from '@tessera/service-kit/persistence';
import { AccountEntity } from '../account/account.entity.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { mayOpenFurther } from './wallet.ts';
import { WalletLimitReached, WalletOpened, type WalletOpenInput } from './wallet.type.ts';
import { openWallet, receivingWallet } from './wallet-ensure.ts';

/**
 * Opens a wallet for the caller. The first of a currency receives what is sent; whoever sends may have it opened, so it does not count for the
 * limit. One at a time per user, so that the limit holds for all others.
 */
export async function walletOpen({ currency }: WalletOpenInput, context: LedgerUseCaseContext): Promise<WalletOpened | WalletLimitReached> {
  const { em, viewer } = context;
  const userId = ensure(viewer.userId, 'the user of an authenticated mutation');
  await rawSql(em, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`wallets:${userId}`]);
  const isFirst = (await receivingWallet(em, userId, currency)) === null;
  const first = isFirst ? await openWallet({ userId, currency, isDefault: true }, context) : null;
  if (first) return new WalletOpened(first.id);
  const further = await em.count(AccountEntity, { ownerId: userId, kind: 'WALLET', isClosed: false, isDefault: false });
  if (!mayOpenFurther(further)) return new WalletLimitReached();
  return new WalletOpened(ensure(await openWallet({ userId, currency, isDefault: false }, context), 'the wallet just opened').id);
}
