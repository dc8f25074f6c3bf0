import { type Account, changeSetting, schedule } from './account/account.ts';
import type { TaskRecord } from './account/tables.ts';
import { expireSession, isBeingPaid } from './objects/checkout/expire.ts';
import { finishPayment } from './objects/payment-intents/attempt.ts';
import { cancelPaymentIntent } from './objects/payment-intents/cancel.ts';
import { failRefund, succeedRefund } from './objects/refunds.ts';
import type { Dispatcher } from './webhooks/dispatcher.ts';

/** setTimeout takes no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Steps of one advance of the clock; each runs all that is due at one instant. */
const MAX_STEPS = 100_000;
const TRY_AGAIN_MS = 1000;

/** Lets things happen when their instant comes, by itself or because the clock is moved. */
export interface Timeline {
  /** All tasks that are due by now, in their order. */
  runDue(): void;
  /** Sets the timer for what comes next. */
  arm(): void;
  /** Moves the clock from one instant at which something happens to the next, and waits for the webhooks at each. */
  advance(ms: number): Promise<void>;
  /** When a task has happened to this object. */
  afterTask(target: string): Promise<void>;
  /** Those who wait for a task go on: it will not come any more. */
  giveUp(): void;
  stop(): void;
}

export function createTimeline(account: Account, dispatcher: () => Dispatcher): Timeline {
  const { store, clock } = account;
  const waiting = new Map<string, (() => void)[]>();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const nextTaskMs = (): number | undefined => earliest(store.list('task').map(({ at_ms: atMs }) => atMs));
  const nextMs = (): number | undefined => earliest([nextTaskMs(), dispatcher().nextDueMs()].filter((one) => one !== undefined));
  const runDue = (): void => {
    for (const task of dueTasks(account)) {
      store.transaction(() => {
        store.remove('task', task.id);
        perform(account, task);
      });
      for (const resume of waiting.get(task.target) ?? []) resume();
      waiting.delete(task.target);
    }
  };
  const arm = (): void => {
    clearTimeout(timer);
    const next = isStopped ? undefined : nextMs();
    if (next === undefined) return;
    timer = setTimeout(tick, Math.min(Math.max(0, next - clock.nowMs()), MAX_TIMER_MS));
    timer.unref();
  };
  const tick = (): void => {
    runDue();
    dispatcher().wake();
  };
  const giveUp = (): void => {
    for (const resume of [...waiting.values()].flat()) resume();
    waiting.clear();
  };
  return {
    runDue,
    arm,
    advance: async (ms) => {
      const target = clock.nowMs() + ms;
      for (let step = 0; step < MAX_STEPS; step += 1) {
        runDue();
        await dispatcher().idle();
        const next = nextMs();
        if (next === undefined || next > target) break;
        clock.moveTo(next);
      }
      clock.moveTo(target);
      changeSetting(account, { clock_offset_ms: clock.offsetMs });
      tick();
      await dispatcher().idle();
    },
    afterTask: (target) => new Promise((resolve) => waiting.set(target, [...(waiting.get(target) ?? []), resolve])),
    giveUp,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      giveUp();
    },
  };
}

function dueTasks({ store, clock }: Account): TaskRecord[] {
  return store
    .list('task')
    .filter(({ at_ms: atMs }) => atMs <= clock.nowMs())
    .sort((a, b) => a.at_ms - b.at_ms);
}

/** A task whose object has moved on does nothing. */
function perform(account: Account, { kind, target }: TaskRecord): void {
  const { store } = account;
  switch (kind) {
    case 'EXPIRE_SESSION': {
      const session = store.get('checkout_session', target);
      if (session?.status !== 'open') return;
      if (isBeingPaid(account, session)) schedule(account, 'EXPIRE_SESSION', target, TRY_AGAIN_MS);
      else expireSession(account, session);
      return;
    }
    case 'FINISH_PAYMENT': {
      const intent = store.get('payment_intent', target);
      if (intent?.status === 'processing') finishPayment(account, intent, false);
      return;
    }
    case 'RESOLVE_REFUND': {
      const refund = store.get('refund', target);
      if (refund?.status === 'pending') succeedRefund(account, refund);
      else if (refund?.status === 'succeeded') failRefund(account, refund);
      return;
    }
    case 'EXPIRE_AUTHORIZATION': {
      const intent = store.get('payment_intent', target);
      if (intent?.status === 'requires_capture') cancelPaymentIntent(account, intent, 'automatic');
      return;
    }
    default:
      kind satisfies never;
  }
}

function earliest(instants: readonly number[]): number | undefined {
  return instants.length === 0 ? undefined : instants.reduce((a, b) => Math.min(a, b));
}
