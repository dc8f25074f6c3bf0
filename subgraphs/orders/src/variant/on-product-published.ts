import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';

export async function onProductPublished(event: ReceivedEvent<'ProductPublished'>, unit: UnitOfWork): Promise<void> {
  await setPublished(event, unit, true);
}

export async function onProductArchived(event: ReceivedEvent<'ProductArchived'>, unit: UnitOfWork): Promise<void> {
  await setPublished(event, unit, false);
}

async function setPublished(
  { payload, position }: ReceivedEvent<'ProductPublished' | 'ProductArchived'>,
  { em }: UnitOfWork,
  isPublished: boolean,
): Promise<void> {
  await rawSql(
    em,
    `insert into products as p (id, is_published, position) values ($1, $2, $3)
     on conflict (id) do update set is_published = excluded.is_published, position = excluded.position
     where p.position < excluded.position`,
    [payload.productId, isPublished, position],
  );
}
