import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';

/** Not sold from now on; orders and stock keep what they say about it. */
export async function onVariantRemoved({ payload, position }: ReceivedEvent<'VariantRemoved'>, { em }: UnitOfWork): Promise<void> {
  await rawSql(em, 'update variants set is_removed = true, position = $2 where id = $1 and position < $2', [payload.variantId, position]);
}
