import type Stripe from 'stripe';
import type { ProviderEvent } from '../provider-adapter.ts';
import { ProviderError } from '../provider-error.ts';
import { askEach } from './errors.ts';
import { providerEvent } from './event.ts';
import { PAGE_SIZE } from './lists.ts';

const MAX_EVENTS = 1_000;
/** Stripe lists the newest first, and it is the oldest that a poll must not skip: pages are read to the end, within this bound. */
const MAX_READ = 20_000;

/** @throws ProviderError REJECTED when there are more than can be read: then none are given, as the oldest would be missing */
export async function eventsSince(stripe: Stripe, since: Date): Promise<readonly ProviderEvent[]> {
  const created = { gte: Math.floor(since.getTime() / 1_000) };
  const found: ProviderEvent[] = [];
  let read = 0;
  for await (const listed of askEach(() => stripe.events.list({ created, limit: PAGE_SIZE }))) {
    if (++read > MAX_READ) throw new ProviderError('REJECTED', 'TOO_MANY_EVENTS');
    const event = providerEvent(listed);
    if (event) found.push(event);
  }
  return found.reverse().slice(0, MAX_EVENTS);
}
