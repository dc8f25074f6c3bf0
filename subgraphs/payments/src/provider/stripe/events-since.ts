import type Stripe from 'stripe';
import type { ProviderEvent } from '../provider-adapter.ts';
import { ProviderError } from '../provider-error.ts';
import { askEach } from './errors.ts';
import { providerEvent } from './event.ts';
import { PAGE_SIZE } from './lists.ts';

const MAX_EVENTS = 1_000;
/** As many as make it worth while to answer before the present is reached. */
const ENOUGH_EVENTS = 500;
/** Longer than between two polls: of a quiet account it is one request. */
const FIRST_WINDOW_S = 600;
/** After a window that held no more, the next one is twice as long. */
const FEW_EVENTS = 100;
/** More than it takes to halve or double from any length to any other. */
const MAX_WINDOWS = 64;

/**
 * Events from then on, in whole seconds. Stripe lists the newest first, and it is the oldest that must not be skipped: so the time is cut
 * into windows, each as short as it must be to be read whole, oldest window first.
 * @returns what the first windows hold: nothing only when there is nothing up to the present. Windows that were read before one failed
 * count. Of a single second that holds more than 1,000, the newest 1,000.
 * @throws ProviderError when the first window cannot be read
 */
export async function eventsSince(stripe: Stripe, since: Date): Promise<readonly ProviderEvent[]> {
  const presentS = Math.ceil(Date.now() / 1_000);
  const found: ProviderEvent[] = [];
  let [fromS, lengthS] = [Math.floor(since.getTime() / 1_000), FIRST_WINDOW_S];
  for (let windows = 0; windows < MAX_WINDOWS && found.length < ENOUGH_EVENTS; windows += 1) {
    // Clocks differ: what is dated after our own present is read too.
    const isLast = lengthS > 1 && fromS + lengthS >= presentS;
    const created = isLast ? { gte: fromS } : { gte: fromS, lt: fromS + lengthS };
    const window = await readWindow(stripe, created, MAX_EVENTS - found.length).catch((error: unknown) => {
      if (found.length === 0) throw error;
      return null;
    });
    if (!window || (!window.isWhole && found.length > 0)) return found;
    if (!window.isWhole && lengthS > 1) {
      lengthS = shorter(fromS, isLast ? Math.min(fromS + lengthS, presentS) : fromS + lengthS, window.events);
      continue;
    }
    found.push(...window.events);
    if (isLast) return found;
    fromS += lengthS;
    if (window.events.length <= FEW_EVENTS) lengthS *= 2;
  }
  if (found.length === 0) throw new ProviderError('UNKNOWN', 'TOO_MANY_WINDOWS');
  return found;
}

/** Half of it at most; no longer than what the newest events, for which there was room, took. */
function shorter(fromS: number, untilS: number, [oldestRead]: readonly ProviderEvent[]): number {
  const readS = oldestRead ? untilS - oldestRead.createdAt.getTime() / 1_000 : untilS - fromS;
  return Math.max(Math.floor(Math.min((untilS - fromS) / 2, readS)), 1);
}

interface Window {
  /** Oldest first. */
  readonly events: readonly ProviderEvent[];
  readonly isWhole: boolean;
}

/** Stops reading as soon as there is more than there is room for. */
async function readWindow(stripe: Stripe, created: Stripe.RangeQueryParam, room: number): Promise<Window> {
  const events: ProviderEvent[] = [];
  let read = 0;
  for await (const listed of askEach(() => stripe.events.list({ created, limit: PAGE_SIZE }))) {
    if (++read > room) return { events: events.reverse(), isWhole: false };
    const event = providerEvent(listed);
    if (event) events.push(event);
  }
  return { events: events.reverse(), isWhole: true };
}
