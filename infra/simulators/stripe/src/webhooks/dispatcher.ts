import { type Account, changeSetting } from '../account/account.ts';
import { toSeconds } from '../account/clock.ts';
import { post } from './post.ts';
import { signatureHeader, validSecrets } from './signature.ts';
import type { DeliveryRecord, DueDelivery } from './types.ts';

const MAX_IN_FLIGHT = 32;
/** What a forged delivery is signed with: nobody's secret. */
const FORGED_SECRET = 'whsec_forged';

/** Sends events to their endpoints: at once, then by the schedule, until somebody takes them. */
export interface Dispatcher {
  /** Starts all that is due. */
  wake(): void;
  /** When nothing is on its way and nothing is due. */
  idle(): Promise<void>;
  /** Sends those of these that are due now, and waits for the outcome. */
  deliverNow(isWanted: (delivery: DeliveryRecord) => boolean): Promise<void>;
  /** Epoch milliseconds of the simulated clock. */
  nextDueMs(): number | undefined;
  hold(eventId: string): void;
  release(eventId: string): void;
  /** Breaks off all that is on its way, without a trace. */
  abandon(): void;
  /** The same for good. */
  stop(): void;
}

export function createDispatcher(account: Account, retryDelaysMs: readonly number[], onChange: () => void): Dispatcher {
  const { store, clock, faults } = account;
  const inFlight = new Map<string, Promise<void>>();
  let abort = new AbortController();
  let isStopped = false;

  const due = (): DueDelivery[] => {
    if (isStopped || clock.nowMs() < faults.outageUntilMs) return [];
    return store.list('due_delivery').filter(({ id, at_ms: atMs }) => atMs <= clock.nowMs() && !inFlight.has(id));
  };
  const start = ({ id }: DueDelivery): Promise<void> => {
    const running = attempt(account, id, retryDelaysMs, abort.signal).finally(() => {
      if (inFlight.get(id) !== running) return;
      inFlight.delete(id);
      wake();
    });
    inFlight.set(id, running);
    return running;
  };
  const wake = (): void => {
    for (const delivery of due().slice(0, Math.max(0, MAX_IN_FLIGHT - inFlight.size))) void start(delivery);
    onChange();
  };
  const abandon = (): void => {
    abort.abort();
    abort = new AbortController();
    inFlight.clear();
  };
  return {
    wake,
    idle: async () => {
      wake();
      while (inFlight.size > 0) await Promise.all(inFlight.values()); // bounded by the schedule: a failed one is due later only
    },
    deliverNow: async (isWanted) => {
      const wanted = store.list('due_delivery').filter(({ id }) => isWantedNow(account, id, isWanted));
      await Promise.all(wanted.map((delivery) => inFlight.get(delivery.id) ?? start(delivery)));
    },
    nextDueMs: () => {
      // When no more can be sent at once, the end of one wakes the next.
      if (inFlight.size >= MAX_IN_FLIGHT) return undefined;
      const waiting = store.list('due_delivery').filter(({ id }) => !inFlight.has(id));
      if (waiting.length === 0) return undefined;
      return Math.max(
        waiting.reduce((least, { at_ms: atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY),
        faults.outageUntilMs,
      );
    },
    hold: (eventId) => hold(account, eventId),
    release: (eventId) => {
      release(account, eventId);
      wake();
    },
    abandon,
    stop: () => {
      isStopped = true;
      abandon();
    },
  };
}

/** One try, and what follows from it. After `abandon` it leaves no trace. */
async function attempt(account: Account, id: string, retryDelaysMs: readonly number[], signal: AbortSignal): Promise<void> {
  const { store, clock, faults } = account;
  const delivery = store.get('delivery', id);
  const event = delivery && store.get('event', delivery.event);
  const endpoint = delivery && store.get('webhook_endpoint', delivery.endpoint);
  const secret = delivery && store.get('endpoint_secret', delivery.endpoint);
  if (!delivery || !event || !endpoint || !secret) return giveUp(account, id, delivery);
  const startedAtMs = clock.nowMs();
  const body = JSON.stringify(event, null, 2);
  const skewMs = faults.happens('clockSkewMs') ? faults.plan.clockSkewMs : 0;
  const secrets = delivery.kind === 'FORGED' ? [FORGED_SECRET] : validSecrets(secret, startedAtMs);
  // Real time, not that of the simulated clock: whoever verifies it has a clock of their own.
  const header = signatureHeader(body, secrets, toSeconds(Date.now() + skewMs));
  const { status, error } = await post(endpoint.url, body, header, signal);
  const current = store.get('delivery', id);
  if (signal.aborted || !current) return;
  const isDelivered = status !== null && status >= 200 && status < 300;
  const attempts = [...current.attempts, { at_ms: startedAtMs, status, error, duration_ms: Math.max(0, clock.nowMs() - startedAtMs) }];
  const retryMs = isDelivered || current.kind !== 'EVENT' ? undefined : retryDelaysMs[attempts.length - 1];
  store.transaction(() => {
    const state = isDelivered ? 'DELIVERED' : retryMs === undefined ? 'FAILED' : current.state;
    store.put('delivery', { ...current, url: endpoint.url, attempts, state });
    if (state === 'PENDING' && retryMs !== undefined) store.put('due_delivery', { id, at_ms: clock.nowMs() + retryMs });
    else store.remove('due_delivery', id);
  });
}

/** The endpoint is gone. */
function giveUp({ store }: Account, id: string, delivery: DeliveryRecord | undefined): void {
  store.transaction(() => {
    store.remove('due_delivery', id);
    if (delivery) store.put('delivery', { ...delivery, state: 'FAILED' });
  });
}

function isWantedNow({ store, clock }: Account, id: string, isWanted: (delivery: DeliveryRecord) => boolean): boolean {
  const delivery = store.get('delivery', id);
  const atMs = store.get('due_delivery', id)?.at_ms ?? Number.POSITIVE_INFINITY;
  return delivery !== undefined && atMs <= clock.nowMs() && isWanted(delivery);
}

function hold(account: Account, eventId: string): void {
  const { store } = account;
  store.transaction(() => {
    if (eventId === 'ALL') changeSetting(account, { is_holding_all: true });
    for (const delivery of deliveriesOf(account, eventId, 'PENDING')) {
      store.put('delivery', { ...delivery, state: 'HELD' });
      store.remove('due_delivery', delivery.id);
    }
  });
}

function release(account: Account, eventId: string): void {
  const { store, clock } = account;
  store.transaction(() => {
    if (eventId === 'ALL') changeSetting(account, { is_holding_all: false });
    for (const delivery of deliveriesOf(account, eventId, 'HELD')) {
      store.put('delivery', { ...delivery, state: 'PENDING' });
      store.put('due_delivery', { id: delivery.id, at_ms: clock.nowMs() });
    }
  });
}

function deliveriesOf({ store }: Account, eventId: string, state: DeliveryRecord['state']): DeliveryRecord[] {
  return store.list('delivery').filter((one) => one.state === state && (eventId === 'ALL' || one.event === eventId));
}
