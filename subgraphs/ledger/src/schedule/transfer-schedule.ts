import { ensure } from '@tessera/service-kit/errors';
import { type InvalidInput, invalidField, RateLimited, refuseInvalid } from '@tessera/service-kit/graphql';
import { newId } from '@tessera/service-kit/ids';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { z } from 'zod';
import { AccountEntity } from '../account/account.entity.ts';
import { databaseNow } from '../database-now.ts';
import { MAX_MISSES, MISS_WINDOW_MS } from '../recipient/recipient.ts';
import { countMiss } from '../recipient/recipient-misses.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { lookUp, type Parties } from '../transfer/parties.ts';
import { askedOf, transferRules } from '../transfer/transfer-create.ts';
import { CurrencyMismatch, RecipientNotFound, SameAccount } from '../transfer/transfer-create.type.ts';
import { AccountClosed, WalletNotFound } from '../wallet/wallet.type.ts';
import { ScheduleEntity } from './schedule.entity.ts';
import { dueAt, MAX_ACTIVE_SCHEDULES, MAX_AHEAD_MS, MAX_RUNS, type Plan } from './schedule.ts';
import { ScheduleLimitReached, TransferScheduled, type TransferScheduleInput } from './transfer-schedule.type.ts';
import { timeZoneOf, wallClockOf } from './wall-clock.ts';

const MAX_DAY_OF_MONTH = 31;
const UTC = 'UTC';

const rules = transferRules.extend({
  startsAt: z.date(),
  repeat: z
    .object({
      every: z.enum(['DAILY', 'WEEKLY', 'MONTHLY']),
      dayOfMonth: z.int().min(1).max(MAX_DAY_OF_MONTH).nullish(),
      timeZone: z
        .string()
        .refine((text) => timeZoneOf(text) !== null, 'an IANA time zone such as Europe/Berlin')
        .nullish(),
      endsAt: z.date().nullish(),
      count: z.int().min(1).max(MAX_RUNS).nullish(),
    })
    .refine(({ every, dayOfMonth }) => every === 'MONTHLY' || (dayOfMonth ?? null) === null, {
      path: ['dayOfMonth'],
      message: 'only with MONTHLY',
    })
    .refine(({ endsAt, count }) => (endsAt ?? null) === null || (count ?? null) === null, 'at most one of endsAt and count')
    .nullish(),
});

type Refused =
  | InvalidInput
  | RateLimited
  | WalletNotFound
  | RecipientNotFound
  | AccountClosed
  | CurrencyMismatch
  | SameAccount
  | ScheduleLimitReached;

/**
 * Plans transfers from a wallet of the caller. Whom an address or handle means is decided now, so that nobody who takes it over later
 * receives the money; what the wallet holds is looked at by each run.
 */
export async function transferSchedule(input: TransferScheduleInput, context: LedgerUseCaseContext): Promise<TransferScheduled | Refused> {
  const { em, viewer, request } = context;
  const now = await databaseNow(em);
  const plan = planOf(input);
  const refused = refuseInvalid(rules, input) ?? refusePlan(plan, now);
  if (refused) return refused;
  const parties = ensure((await lookUp(em, [askedOf(input, { ...context, now })]))[0], 'what was found of the parties');
  const problem = refuseSender(parties, input) ?? (await refuseRecipient(parties, input, now, context));
  if (problem) return problem;
  if (await hasEnoughSchedules(em, input.fromWalletId)) return new ScheduleLimitReached();

  const schedule = em.create(ScheduleEntity, {
    id: newId('schedule'),
    ownerId: ensure(viewer.userId, 'the user of an authenticated mutation'),
    fromWalletId: input.fromWalletId,
    toUserId: parties.toUserId,
    toWalletId: parties.toUserId === null ? parties.toWalletId : null,
    amountMinor: input.amount.minor,
    currency: input.amount.currency,
    note: input.note?.trim() ?? null,
    ...plan,
    state: 'ACTIVE',
    nextRun: 0,
    nextRunAt: dueAt(plan, 0),
    consecutiveRefusals: 0,
    actor: viewer.principal,
    traceparent: request.traceparent,
    createdAt: now,
  });
  return new TransferScheduled(schedule.id);
}

function planOf({ startsAt, repeat }: TransferScheduleInput) {
  const cadence = repeat?.every ?? 'ONCE';
  const timeZone = timeZoneOf(repeat?.timeZone ?? UTC) ?? UTC;
  return {
    cadence,
    timeZone,
    startsAt,
    dayOfMonth: cadence === 'MONTHLY' ? (repeat?.dayOfMonth ?? new Date(wallClockOf(startsAt, timeZone)).getUTCDate()) : null,
    endsAt: repeat?.endsAt ?? null,
    maxRuns: repeat?.count ?? null,
  } satisfies Plan;
}

function refusePlan(plan: Plan, now: Date): InvalidInput | null {
  if (plan.startsAt <= now) return invalidField('startsAt', 'too_small', 'in the future; transferCreate sends money at once');
  if (plan.startsAt.getTime() > now.getTime() + MAX_AHEAD_MS) return invalidField('startsAt', 'too_big', 'at most 5 years ahead');
  return dueAt(plan, 0) === null ? invalidField('repeat.endsAt', 'too_small', 'not before the first run') : null;
}

function refuseSender({ from }: Parties, { amount }: TransferScheduleInput): Refused | null {
  if (!from) return new WalletNotFound();
  if (from.isClosed) return new AccountClosed(['input', 'fromWalletId']);
  return from.currency === amount.currency ? null : new CurrencyMismatch(['input', 'amount', 'currency']);
}

/** Misses are counted together with those of `transferCreate`: there is one directory to try addresses at. */
async function refuseRecipient(
  { toWalletId, toUserId, waitMs }: Parties,
  { fromWalletId, amount }: TransferScheduleInput,
  now: Date,
  { em, viewer }: LedgerUseCaseContext,
): Promise<Refused | null> {
  if (waitMs > 0) return new RateLimited(waitMs);
  if (toWalletId === fromWalletId) return new SameAccount();
  if (toUserId) return null;
  const wallet = toWalletId ? await em.findOne(AccountEntity, toWalletId) : null;
  if (!wallet) {
    const misses = await countMiss(em, ensure(viewer.userId, 'the sender'), now);
    return misses > MAX_MISSES ? new RateLimited(MISS_WINDOW_MS) : new RecipientNotFound();
  }
  if (wallet.isClosed) return new AccountClosed(['input', 'to']);
  return wallet.currency === amount.currency ? null : new CurrencyMismatch(['input', 'to', 'walletId']);
}

/** One at a time per wallet, so that the limit holds. */
async function hasEnoughSchedules(em: EntityManager, walletId: string): Promise<boolean> {
  await rawSql(em, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [`schedules:${walletId}`]);
  return (await em.count(ScheduleEntity, { fromWalletId: walletId, state: 'ACTIVE' })) >= MAX_ACTIVE_SCHEDULES;
}
