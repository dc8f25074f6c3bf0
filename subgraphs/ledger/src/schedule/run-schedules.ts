import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { databaseNow } from '../database-now.ts';
import { type DefaultLimits, type PostOutcome, type PostRequest, post, type Refusal, receiverOf, walletOpened } from '../engine/index.ts';
import { transferTold } from '../transfer/post-transfer.ts';
import { problemOf } from '../transfer/transfer-answer.ts';
import { undoable } from '../undoable.ts';
import { ScheduleEntity, ScheduleRunEntity } from './schedule.entity.ts';
import { afterRun, type RunResult } from './schedule.ts';

const BATCH = 100;
const ACTOR = 'service:ledger';
/** How long a schedule rests whose run failed by a fault of ours: nobody else waits for it, and it goes on by itself once that is mended. */
const REST_SECONDS = 60;

/** Told of each schedule whose run failed, which is no refusal but a fault. */
export type OnFailed = (scheduleId: string, error: unknown) => void;

/**
 * Makes the runs that are due by the database's clock: of each schedule the oldest one, so that runs which were missed are caught up in
 * their order. Transfer, run, events and the schedule's next date are one commit, and the key of the transfer is that of the run: whatever
 * dies in between, each run is made once. Replicas may run it at once: each skips what another has locked. What fails together is tried one by
 * one, and what fails alone rests.
 */
export const runSchedules =
  (defaultLimits: DefaultLimits, onFailed: OnFailed) =>
  async (unit: UnitOfWork): Promise<boolean> => {
    const ids = await dueSchedules(unit.em);
    if (ids.length === 0) return false;
    const run = (some: readonly string[]) => undoable(unit, (inner) => makeRuns(some, inner, defaultLimits));
    const together = await run(ids);
    if (together.isDone) return together.result || ids.length === BATCH;
    for (const id of ids) {
      const alone = await run([id]);
      if (alone.isDone) continue;
      await rawSql(
        unit.em,
        `update transfer_schedules set retry_at = clock_timestamp() + interval '${REST_SECONDS} seconds' where id = $1`,
        [id],
      );
      onFailed(id, alone.error);
    }
    return true;
  };

/** Locked until the commit. */
async function dueSchedules(em: EntityManager): Promise<string[]> {
  const rows = await rawSql<{ id: string }>(
    em,
    `select id from transfer_schedules
     where state = 'ACTIVE' and next_run_at <= clock_timestamp() and (retry_at is null or retry_at <= clock_timestamp())
     order by next_run_at, id limit ${BATCH} for update skip locked`,
  );
  return rows.map(({ id }) => id);
}

/** The caller has locked them. @returns whether one of them is due again already */
async function makeRuns(ids: readonly string[], unit: UnitOfWork, defaultLimits: DefaultLimits): Promise<boolean> {
  const { em, publish } = unit;
  const schedules = await em.find(ScheduleEntity, { id: { $in: [...ids] } }, { orderBy: { nextRunAt: 'asc', id: 'asc' } });
  const requests = schedules.map(requestOf);
  const outcomes = await post(em, requests, defaultLimits, (wallet) => publish(walletOpened(wallet)));
  const now = await databaseNow(em);
  for (const [at, outcome] of outcomes.entries()) {
    const schedule = ensure(schedules[at], 'the schedule of an outcome');
    const request = ensure(requests[at], 'the request of an outcome');
    if (outcome.kind === 'KEY_REUSED') throw new InvariantViolation(`${request.key} was used for another fact.`);
    if (!outcome.isReplayed) for (const event of transferTold(request, outcome, schedule.id)) publish(event);
    record(em, schedule, outcome, now);
  }
  return schedules.some(({ nextRunAt }) => nextRunAt && nextRunAt <= now);
}

/** A user receives in the wallet that is theirs when the run comes. */
function receiving({ toUserId, toWalletId, currency }: ScheduleEntity): string {
  return toUserId ? receiverOf(toUserId, currency) : ensure(toWalletId, 'the wallet that receives');
}

/** What makes it the same fact is which run it is: the wallet of its recipient may be another by the time that it is asked for again. */
function requestOf(schedule: ScheduleEntity): PostRequest {
  const { id, nextRun, ownerId, fromWalletId, currency, amountMinor, note, actor, traceparent } = schedule;
  const leg = {
    kind: 'MOVE',
    debit: fromWalletId,
    debitOwnerId: ownerId,
    credit: receiving(schedule),
    code: 'SCHEDULED',
    note: note ?? null,
  } as const;
  return {
    scope: `${ACTOR}/schedule`,
    key: `${id}/${nextRun}`,
    fingerprint: { schedule: id, run: String(nextRun) },
    legs: [{ ...leg, amount: { currency, minor: amountMinor } }],
    actor,
    traceparent: traceparent ?? null,
  };
}

function record(em: EntityManager, schedule: ScheduleEntity, outcome: Exclude<PostOutcome, { kind: 'KEY_REUSED' }>, now: Date): void {
  em.create(ScheduleRunEntity, {
    id: newId('scheduleRun'),
    scheduleId: schedule.id,
    run: schedule.nextRun,
    dueAt: ensure(schedule.nextRunAt, 'when a run was due'),
    ranAt: now,
    transferId: outcome.kind === 'POSTED' ? ensure(outcome.transfers[0], 'the only leg').id : null,
    refusal: outcome.kind === 'REFUSED' ? problemOf(outcome.refusal, { path: [], currency: schedule.currency }).code : null,
  });
  const next = afterRun(schedule, schedule, resultOf(schedule, outcome), now);
  em.assign(schedule, { ...next, ...(next.state === 'ACTIVE' ? {} : { endedAt: now, endedBy: ACTOR }) });
}

function resultOf({ toUserId }: ScheduleEntity, outcome: Exclude<PostOutcome, { kind: 'KEY_REUSED' }>): RunResult {
  if (outcome.kind === 'POSTED') return 'POSTED';
  return isForGood(outcome.refusal, toUserId !== null && toUserId !== undefined) ? 'REFUSED_FOR_GOOD' : 'REFUSED';
}

/** A wallet that is closed stays closed; only a recipient who is a user may have another one next time. */
function isForGood({ reason, side }: Refusal, isToUser: boolean): boolean {
  return reason === 'ACCOUNT_CLOSED' && !(isToUser && side === 'credit');
}
