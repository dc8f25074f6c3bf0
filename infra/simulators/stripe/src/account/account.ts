import type { FaultInjector } from '../faults/injector.ts';
import { type Clock, toSeconds } from './clock.ts';
import type { Ids } from './ids.ts';
import type { Store } from './store.ts';
import type { Setting, TaskKind } from './tables.ts';

/** The API version that answers and events have, and that of the SDK which the tests use. */
export const API_VERSION = '2026-10-28.endive';

/** The API request whose effects are being made, for `event.request`; none for what happens by itself or at a page. */
export interface CurrentRequest {
  readonly id: string;
  readonly idempotencyKey: string | null;
  /** The events that it made, for those who wait for their delivery. */
  readonly eventIds: string[];
}

/** One Stripe account in test mode, with all that its operations need. Operations are synchronous, so that each is one transaction. */
export interface Account {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly faults: FaultInjector;
  /** Where its pages are; known once the server listens. */
  baseUrl: string;
  currentRequest: CurrentRequest | null;
}

/** Now, in the whole seconds of Stripe's objects. */
export function nowSeconds({ clock }: Account): number {
  return toSeconds(clock.nowMs());
}

/** Lets something happen by itself later on. */
export function schedule({ store, ids, clock }: Account, kind: TaskKind, target: string, delayMs: number): void {
  store.put('task', { id: ids.next('task'), kind, target, at_ms: clock.nowMs() + delayMs });
}

export function unschedule({ store }: Account, kind: TaskKind, target: string): void {
  for (const task of store.list('task')) {
    if (task.kind === kind && task.target === target) store.remove('task', task.id);
  }
}

export function readSetting({ store }: Account): Setting {
  return store.get('setting', 'account') ?? { id: 'account', clock_offset_ms: 0, is_holding_all: false };
}

export function changeSetting(account: Account, change: Partial<Omit<Setting, 'id'>>): void {
  account.store.put('setting', { ...readSetting(account), ...change });
}
