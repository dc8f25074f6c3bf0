import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensure } from '@tessera/service-kit/errors';
import { unitOfWork } from '@tessera/service-kit/messaging';
import { type EntityManager, type MikroORM, rawSql } from '@tessera/service-kit/persistence';
import { ProviderError } from '../provider/provider-error.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import { type Act, actOfWorker, type PaymentsServices } from '../services.ts';
import type { ApplyAnswer, CallEnd, CallHandlers } from './call-handler.ts';
import { CALL_KINDS, type CallKind } from './call-kind.ts';
import { decideFailure } from './failure.ts';
import { createGuards, type Guards } from './guard.ts';
import { ProviderCallEntity } from './provider-call.entity.ts';
import { endSilence } from './silence.ts';

const POLL_MS = 500;
const CLOSE_WITHIN_MS = 15_000;
/** A call may make several requests. Whoever does not come back within its lease has lost it, and somebody else asks again. */
const LEASE_FACTOR = 4;
/** A little before the lease ends, its holder gives up by itself. */
const PATIENCE_FACTOR = 3.5;
/** Providers keep keys for a day at least; an hour is left for clocks and queues. */
const KEY_RETENTION_MS = 23 * 3_600_000;

export interface CallRunner {
  wake(): void;
  start(): void;
  /** Lets what is under way come to its end, a bounded time: what does not is asked again by the next start. */
  close(): Promise<void>;
}

export interface CallRunnerOptions {
  readonly orm: MikroORM;
  readonly services: PaymentsServices;
  readonly handlers: CallHandlers;
  readonly concurrency: number;
}

/**
 * Asks providers for what `planCall` wrote down, in three committed phases each: the claim, the request (no transaction is open during it),
 * the answer. A process may die between any two, or sleep: the claim runs out, the same is asked again under the same key, and an answer that
 * comes too late is not used. Replicas share the work.
 */
export function createCallRunner({ orm, services, handlers, concurrency }: CallRunnerOptions): CallRunner {
  const stopped = new AbortController();
  const running = new Set<Promise<void>>();
  const guards = createGuards(namesOf(services), services.log);
  let alarmClock = new AbortController();
  let loop: Promise<void> | null = null;

  const wake = () => alarmClock.abort();
  const startOne = (claimed: ClaimedCall) => {
    const work = makeCall({ orm, services, handlers, guards }, claimed)
      .catch((error: unknown) => services.log.error({ err: error, call: claimed.call.id }, 'a call could not be carried out'))
      .finally(() => {
        running.delete(work);
        wake();
      });
    running.add(work);
  };
  const rounds = async () => {
    while (!stopped.signal.aborted) {
      alarmClock = new AbortController();
      for (const [provider, limit] of guards.allowances(concurrency - running.size))
        for (const call of limit > 0 ? await claim(orm, services, provider, limit) : []) startOne(call);
      const woken = AbortSignal.any([alarmClock.signal, stopped.signal]);
      await sleep(POLL_MS, undefined, { signal: woken }).catch(() => undefined);
    }
  };

  return {
    wake,
    start: () => {
      loop ??= (async () => {
        while (!stopped.signal.aborted)
          await rounds().catch(async (error: unknown) => {
            services.log.error({ err: error }, 'calls to providers cannot be looked up');
            await sleep(POLL_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
          });
      })();
    },
    close: async () => {
      stopped.abort();
      wake();
      await loop;
      await Promise.race([Promise.allSettled(running), sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}

function namesOf({ adapters }: PaymentsServices): ProviderName[] {
  return Object.values(adapters).map(({ name }) => name);
}

/** What is due, as this process's own until the lease ends. By the clock of the database, which all processes share. */
async function claim(orm: MikroORM, { settings }: PaymentsServices, provider: ProviderName, limit: number): Promise<ClaimedCall[]> {
  const em = orm.em.fork();
  const rows = await rawSql<{ id: string; sends: number; was_given_up: boolean; is_first_time: boolean }>(
    em,
    `update provider_calls c set state = 'SENT', sends = c.sends + 1, first_sent_at = coalesce(c.first_sent_at, clock_timestamp()),
       due_at = clock_timestamp() + $3 * interval '1 millisecond'
     from (select id, state, first_sent_at from provider_calls where due_at <= clock_timestamp() and provider = $1
           order by due_at limit $2 for update skip locked) due
     where c.id = due.id
     returning c.id, c.sends, due.state = 'GIVEN_UP' as was_given_up, due.first_sent_at is null as is_first_time`,
    [provider, limit, settings.providerTimeoutMs * LEASE_FACTOR],
  );
  if (rows.length === 0) return [];
  const calls = new Map((await em.find(ProviderCallEntity, { id: { $in: rows.map(({ id }) => id) } })).map((call) => [call.id, call]));
  return rows.flatMap(({ id, sends, was_given_up, is_first_time }) => {
    const call = calls.get(id);
    if (!call) return [];
    call.sends = sends; // of this claim, whoever may have claimed it since
    if (was_given_up) call.state = 'GIVEN_UP';
    return [{ call, isFirstTime: is_first_time }];
  });
}

interface ClaimedCall {
  readonly call: ProviderCallEntity;
  readonly isFirstTime: boolean;
}

interface CallParts {
  readonly orm: MikroORM;
  readonly services: PaymentsServices;
  readonly handlers: CallHandlers;
  readonly guards: Guards;
}

async function makeCall(parts: CallParts, { call, isFirstTime }: ClaimedCall): Promise<void> {
  const { orm, services, handlers, guards } = parts;
  const handler = handlers[call.kind];
  const adapter = ensure(services.adapters[call.provider], 'the provider of a claimed call');
  const now = new Date();
  const isKeyStale = call.firstSentAt ? now.getTime() - call.firstSentAt.getTime() > KEY_RETENTION_MS : false;
  services.crashPoint(crashPointOf(call.kind, 'claimed'));
  const fail = (error: unknown) => commit(parts, call, isFirstTime, decideFailure(call, handler, error, services));
  let apply: ApplyAnswer;
  try {
    const means = { adapter, em: orm.em.fork(), services, now, isFirstTime, isKeyStale };
    apply = await guards.run(call.provider, () =>
      within(handler.perform(call, means), services.settings.providerTimeoutMs * PATIENCE_FACTOR),
    );
  } catch (error) {
    return fail(error);
  }
  services.crashPoint(crashPointOf(call.kind, 'answered'));
  try {
    await commit(parts, call, isFirstTime, async (act) => {
      const after = await apply(act);
      if (call.paymentId) await endSilence(call.paymentId, act);
      return after.kind === 'DONE' ? { state: 'DONE' } : { state: 'DUE', dueAt: after.at, failures: 0 };
    });
  } catch (error) {
    // What cannot be written is no answer: it counts, so that somebody is told in the end.
    return fail(error);
  }
  services.crashPoint(crashPointOf(call.kind, 'applied'));
}

/** A holder that is slower than its lease has lost the call: what it still learns is not used. */
async function within<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  const timer = new AbortController();
  const tooLate = sleep(patienceMs, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new ProviderError('UNKNOWN', 'TOO_SLOW');
  });
  tooLate.catch(() => undefined);
  return Promise.race([work, tooLate]).finally(() => timer.abort());
}

/** Names of the places where a process can be made to die, before and after each step: tests go through all of them. */
function crashPointOf(kind: CallKind, step: 'claimed' | 'answered' | 'applied'): string {
  return `payments.${kind.toLowerCase().replaceAll('_', '-')}.${step}`;
}

export const CALL_CRASH_POINTS: readonly string[] = CALL_KINDS.flatMap((kind) =>
  (['claimed', 'answered', 'applied'] as const).map((step) => crashPointOf(kind, step)),
);

/**
 * Writes what the answer leads to, and the end of the call, in one transaction; nothing at all when somebody else has claimed the call since. What
 * was planned anew meanwhile stays due.
 */
async function commit(
  { orm, services }: Pick<CallParts, 'orm' | 'services'>,
  call: ProviderCallEntity,
  isFirstTime: boolean,
  work: (act: Act) => Promise<CallEnd>,
): Promise<void> {
  const traceparent = call.traceparent ?? null;
  const origin = { actor: 'service:payments', correlationId: randomUUID(), causationId: null, traceparent, now: new Date() };
  try {
    await unitOfWork(orm.em, origin, async (unit) => {
      const end = await work(actOfWorker(unit, services, traceparent));
      await unit.em.flush();
      const [row] = await rawSql<{ sends: number; state: string }>(
        unit.em,
        'select sends, state from provider_calls where id = $1 for update',
        [call.id],
      );
      if (row?.sends !== call.sends) throw new LostCall();
      if (row.state === 'SENT') await leave(unit.em, call, isFirstTime, end);
    });
  } catch (error) {
    if (!(error instanceof LostCall)) throw error;
    services.log.warn({ call: call.id, sends: call.sends }, 'a call was made again by somebody else: this answer is not used');
  }
}

class LostCall extends Error {}

async function leave(em: EntityManager, call: ProviderCallEntity, isFirstTime: boolean, end: CallEnd): Promise<void> {
  const isDone = end.state === 'DONE';
  const isUnheard = !isDone && isFirstTime && end.wasNotSent === true;
  await rawSql(
    em,
    `update provider_calls set state = $2, due_at = $3::timestamptz, settled_at = case when $2 = 'DONE' then clock_timestamp() end,
       failures = $4, last_error = $5, first_sent_at = case when $6 then null else first_sent_at end
     where id = $1`,
    [
      call.id,
      end.state,
      isDone ? null : end.dueAt.toISOString(),
      isDone ? 0 : end.failures,
      isDone ? null : (end.error ?? null),
      isUnheard,
    ],
  );
}
