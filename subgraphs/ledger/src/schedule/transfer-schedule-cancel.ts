import { LockMode } from '@mikro-orm/core';
import { type InvalidInput, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import type { LedgerUseCaseContext } from '../services.ts';
import { ScheduleEntity } from './schedule.entity.ts';
import {
  ScheduleEnded,
  ScheduleNotFound,
  type TransferScheduleCancelInput,
  TransferScheduleCancelled,
} from './transfer-schedule-cancel.type.ts';

const MAX_ID = 100;
const rules = z.object({ scheduleId: z.string().min(1).max(MAX_ID) });

/** Ends a schedule of the caller. A run that holds the row is finished first; none starts afterwards. */
export async function transferScheduleCancel(
  input: TransferScheduleCancelInput,
  { em, viewer, now }: LedgerUseCaseContext,
): Promise<TransferScheduleCancelled | ScheduleNotFound | ScheduleEnded | InvalidInput> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const where = { id: input.scheduleId, ownerId: viewer.userId };
  const schedule = await em.findOne(ScheduleEntity, where, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!schedule) return new ScheduleNotFound();
  if (schedule.state !== 'ACTIVE') return new ScheduleEnded();
  em.assign(schedule, { state: 'CANCELLED', nextRunAt: null, endedAt: now, endedBy: viewer.principal });
  return new TransferScheduleCancelled(schedule.id);
}
