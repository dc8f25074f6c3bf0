import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensure } from '@tessera/service-kit/errors';
import { unitOfWork } from '@tessera/service-kit/messaging';
import { type MikroORM, rawSql } from '@tessera/service-kit/persistence';
import type { ProviderName } from '../provider/provider-name.ts';
import { type Act, actOfWorker, type PaymentsServices } from '../services.ts';
import type { ApplyAnswer, CallEnd, CallHandlers } from './call-handler.ts';
import { CALL_KINDS, type CallKind } from './call-kind.ts';
import { decideFailure } from './failure.ts';
import { createGuards, type Guards } from './guard.ts';
import { ProviderCallEntity } from './provider-call.entity.ts';

const POLL_MS = 500;
const CLOSE_WITHIN_MS = 15_000;
/** How much longer than a request a claim lasts: whoever does not come back by then has died, and somebody else asks again. */
const LEASE_FACTOR = 3;
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
 * the answer. A process may die between any two: the claim runs out, and the same is asked again under the same key. Replicas share the work.
 */
export function createCallRunner({ orm, services, handlers, concurrency }: CallRunnerOptions): CallRunner {
  const stopped = new AbortController();
  const running = new Set<Promise<void>>();
  const guards = createGuards(namesOf(services), services.log);
  let alarmClock = new AbortController();
  let loop: Promise<void> | null = null;

  const wake = () => alarmClock.abort();
  const startOne = (call: ProviderCallEntity) => {
    const work = makeCall({ orm, services, handlers, guards }, call)
      .catch((error: unknown) => services.log.error({ err: error, call: call.id }, 'a call could not be carried out'))
      .finally(() => {
        running.delete(work);
        wake();
      });
    running.add(work);
  };
  const rounds = async () => {
    while (!stopped.signal.aborted) {
      alarmClock = new AbortController();
      const free = concurrency - running.size;
      const claimed = free > 0 ? await claim(orm, services, guards.open(), free) : [];
      for (const call of claimed) startOne(call);
      if (claimed.length === 0 || claimed.length < free) {
        const woken = AbortSignal.any([alarmClock.signal, stopped.signal]);
        await sleep(POLL_MS, undefined, { signal: woken }).catch(() => undefined);
      } else if (running.size >= concurrency) {
        await Promise.race(running);
      }
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

/** What is due, as this process's own until the lease ends. */
async function claim(
  orm: MikroORM,
  services: PaymentsServices,
  providers: readonly ProviderName[],
  limit: number,
): Promise<ProviderCallEntity[]> {
  if (providers.length === 0) return [];
  const em = orm.em.fork();
  const now = new Date();
  const lease = new Date(now.getTime() + services.settings.providerTimeoutMs * LEASE_FACTOR);
  const rows = await rawSql<{ id: string }>(
    em,
    `update provider_calls set state = 'SENT', sends = sends + 1, first_sent_at = coalesce(first_sent_at, $1::timestamptz), due_at = $2::timestamptz
     where id in (select id from provider_calls where due_at <= $1::timestamptz and provider = any($4::text[])
       order by due_at limit $3 for update skip locked)
     returning id`,
    [now.toISOString(), lease.toISOString(), limit, providers],
  );
  if (rows.length === 0) return [];
  return em.find(ProviderCallEntity, { id: { $in: rows.map(({ id }) => id) } });
}

interface CallParts {
  readonly orm: MikroORM;
  readonly services: PaymentsServices;
  readonly handlers: CallHandlers;
  readonly guards: Guards;
}

async function makeCall({ orm, services, handlers, guards }: CallParts, call: ProviderCallEntity): Promise<void> {
  const handler = handlers[call.kind];
  const adapter = ensure(services.adapters[call.provider], 'the provider of a claimed call');
  const now = new Date();
  const isKeyStale = call.firstSentAt ? now.getTime() - call.firstSentAt.getTime() > KEY_RETENTION_MS : false;
  services.crashPoint(crashPointOf(call.kind, 'claimed'));
  let apply: ApplyAnswer;
  try {
    apply = await guards.run(call.provider, () => handler.perform(call, { adapter, em: orm.em.fork(), services, now, isKeyStale }));
  } catch (error) {
    return commit({ orm, services }, call, decideFailure(call, handler, error, services));
  }
  services.crashPoint(crashPointOf(call.kind, 'answered'));
  await commit({ orm, services }, call, async (act) => {
    const after = await apply(act);
    return after.kind === 'DONE' ? { state: 'DONE' } : { state: 'DUE', dueAt: after.at, failures: 0 };
  });
  services.crashPoint(crashPointOf(call.kind, 'applied'));
}

/** Names of the places where a process can be made to die, before and after each step: tests go through all of them. */
function crashPointOf(kind: CallKind, step: 'claimed' | 'answered' | 'applied'): string {
  return `payments.${kind.toLowerCase().replaceAll('_', '-')}.${step}`;
}

export const CALL_CRASH_POINTS: readonly string[] = CALL_KINDS.flatMap((kind) =>
  (['claimed', 'answered', 'applied'] as const).map((step) => crashPointOf(kind, step)),
);

/** Writes what the answer leads to, and the end of the call, in one transaction. What was planned anew meanwhile stays due. */
async function commit(
  { orm, services }: Pick<CallParts, 'orm' | 'services'>,
  call: ProviderCallEntity,
  work: (act: Act) => Promise<CallEnd>,
): Promise<void> {
  const origin = {
    actor: 'service:payments',
    correlationId: randomUUID(),
    causationId: null,
    traceparent: call.traceparent ?? null,
    now: new Date(),
  };
  await unitOfWork(orm.em, origin, async (unit) => {
    const act = actOfWorker(unit, services, call.traceparent ?? null);
    const end = await work(act);
    await rawSql(
      unit.em,
      `update provider_calls set state = $3, due_at = $4::timestamptz, settled_at = $5::timestamptz, failures = $6, last_error = $7
       where id = $1 and sends = $2 and state = 'SENT'`,
      [
        call.id,
        call.sends,
        end.state,
        end.state === 'DUE' ? end.dueAt.toISOString() : null,
        end.state === 'DONE' ? unit.now.toISOString() : null,
        end.state === 'DUE' ? end.failures : call.failures,
        end.state === 'DONE' ? null : (end.error ?? null),
      ],
    );
  });
}
