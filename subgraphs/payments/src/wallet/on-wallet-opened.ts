import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../services.ts';

/** A wallet that was closed stays so, whatever is told again. */
export async function onWalletOpened({ payload }: ReceivedEvent<'WalletOpened'>, { em }: Act): Promise<void> {
  await rawSql(em, 'insert into wallets (id, owner_id, currency, is_closed) values ($1, $2, $3, false) on conflict (id) do nothing', [
    payload.walletId,
    payload.ownerId,
    payload.currency,
  ]);
}
