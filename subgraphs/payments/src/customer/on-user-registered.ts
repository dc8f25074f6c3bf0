import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../services.ts';

/** Since when there is an account: the fraud rules ask how old it is. What was told first stays, whatever is told again. */
export async function onUserRegistered({ payload, occurredAt }: ReceivedEvent<'UserRegistered'>, { em }: Act): Promise<void> {
  await rawSql(em, 'insert into customers (id, registered_at) values ($1, $2::timestamptz) on conflict (id) do nothing', [
    payload.userId,
    occurredAt,
  ]);
}
