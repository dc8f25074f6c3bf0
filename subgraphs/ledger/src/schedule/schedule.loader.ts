import type { Loader } from '@tessera/service-kit/graphql';
import type { LedgerServices } from '../services.ts';
import { maySee } from '../wallet/wallet.loader.ts';
import { ScheduleEntity } from './schedule.entity.ts';
import { TransferSchedule } from './schedule.type.ts';

/** A schedule that the viewer may see, by id; one of strangers is not there. */
export const visibleSchedule: Loader<TransferSchedule, LedgerServices> = {
  name: 'visibleSchedule',
  batch: async (ids, { em, viewer }) => {
    const schedules = await em.find(ScheduleEntity, { id: { $in: [...ids] } });
    const visible = schedules.filter(({ ownerId }) => maySee(ownerId, viewer));
    return new Map(visible.map((schedule) => [schedule.id, new TransferSchedule(schedule)]));
  },
};
