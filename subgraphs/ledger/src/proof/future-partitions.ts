import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { ensurePartitions, sqlOf } from '../engine/index.ts';

/** Makes the partitions of the next months long before they are needed. */
export async function futurePartitions({ em }: UnitOfWork): Promise<boolean> {
  await ensurePartitions(sqlOf(em));
  return false;
}
