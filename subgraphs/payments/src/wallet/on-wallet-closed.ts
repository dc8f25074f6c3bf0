import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../services.ts';

export async function onWalletClosed({ payload }: ReceivedEvent<'WalletClosed'>, { em }: Act): Promise<void> {
  await rawSql(
    em,
    `insert into wallets (id, owner_id, currency, is_closed) values ($1, $2, $3, true)
     on conflict (id) do update set is_closed = true`,
    [payload.walletId, payload.ownerId, payload.currency],
  );
}
