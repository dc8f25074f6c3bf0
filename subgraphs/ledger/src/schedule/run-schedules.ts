import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { databaseNow } from '../database-now.ts';
import { type PostOutcome, type PostRequest, post, type Refusal } from '../engine/index.ts';
import { transferTold } from '../transfer/post-transfer.ts';
import { problemOf } from '../transfer/transfer-create.ts';
import { ensureDefaultWallet } from '../wallet/wallet-ensure.ts';
import { ScheduleEntity, ScheduleRunEntity } from './schedule.entity.ts';
import { afterRun, type RunResult } from './schedule.ts';

const BATCH = 100;
const ACTOR = 'service:ledger';

/**
 * Makes the runs that are due by the database's clock: of each schedule the oldest one, so that runs which were missed are caught up in
 * their order. Transfer, run, events and the schedule's next date are one commit, and the key of the transfer is that of the run: whatever
 * dies in between, each run is made once. Replicas may run it at once: each skips what another has locked.
 */
export async function runSchedules(unit: UnitOfWork): Promise<boolean> {
  const { em, publish } = unit;
  const due = await dueSchedules(em);
  if (due.length === 0) return false;
  const requests: PostRequest[] = [];
  for (const { schedule, toWalletId } of due) requests.push(requestOf(schedule, toWalletId ?? (await receiving(schedule, unit))));
  const outcomes = await post(em, requests);
  const now = await databaseNow(em);
  for (const [at, outcome] of outcomes.entries()) {
    const { schedule } = ensure(due[at], 'the schedule of an outcome');
    const request = ensure(requests[at], 'the request of an outcome');
    if (outcome.kind === 'KEY_REUSED') throw new InvariantViolation(`${request.key} was used for another fact.`);
    if (!outcome.isReplayed) for (const event of transferTold(request, outcome, schedule.id)) publish(event);
    record(em, schedule, outcome, now);
  }
  return due.length === BATCH || due.some(({ schedule }) => schedule.nextRunAt && schedule.nextRunAt <= now);
}

interface Due {
  readonly schedule: ScheduleEntity;
  /** Null where the recipient has no open wallet in the currency yet. */
  readonly toWalletId: string | null;
}

/** Locked until the commit. */
async function dueSchedules(em: EntityManager): Promise<Due[]> {
  const rows = await rawSql<{ id: string; to_wallet_id: string | null }>(
    em,
    `select s.id, coalesce(s.to_wallet_id, r.id) as to_wallet_id from transfer_schedules s
     left join lateral (
       select id from accounts w where w.owner_id = s.to_user_id and w.currency = s.currency and w.kind = 'WALLET' and not w.is_closed
       order by w.is_default desc, w.id limit 1) r on true
     where s.state = 'ACTIVE' and s.next_run_at <= clock_timestamp()
     order by s.next_run_at, s.id limit ${BATCH} for update of s skip locked`,
  );
  const schedules = await em.find(ScheduleEntity, { id: { $in: rows.map(({ id }) => id) } });
  const byId = new Map(schedules.map((schedule) => [schedule.id, schedule]));
  return rows.map(({ id, to_wallet_id }) => ({ schedule: ensure(byId.get(id), 'a schedule just locked'), toWalletId: to_wallet_id }));
}

async function receiving({ toUserId, currency }: ScheduleEntity, unit: UnitOfWork): Promise<string> {
  return (await ensureDefaultWallet(ensure(toUserId, 'the user who receives'), currency, unit)).id;
}

/** What makes it the same fact is which run it is: the wallet of its recipient may be another by the time that it is asked for again. */
function requestOf(schedule: ScheduleEntity, toWalletId: string): PostRequest {
  const { id, nextRun, ownerId, fromWalletId, currency, amountMinor, note, actor, traceparent } = schedule;
  const leg = {
    kind: 'MOVE',
    debit: fromWalletId,
    debitOwnerId: ownerId,
    credit: toWalletId,
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
    refusal: outcome.kind === 'REFUSED' ? problemOf(outcome.refusal, schedule.currency).code : null,
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
