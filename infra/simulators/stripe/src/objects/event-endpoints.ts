import type { Account } from '../account/account.ts';
import { listPage, listParameters } from '../api/lists.ts';
import { flag, list, text } from '../api/parameters.ts';
import { endpoint } from '../api/routes.ts';
import type { StripeEvent } from './event-types.ts';
import { expectRecord } from './records.ts';

const PATH = '/v1/events';

export const eventEndpoints = [
  endpoint('GET', PATH, { ...listParameters, type: text(), types: list(text()), delivery_success: flag() }, (account, parameters) => {
    const { type, types, delivery_success: isDelivered } = parameters;
    const pending = undelivered(account);
    const page = listPage(
      account,
      'event',
      PATH,
      parameters,
      (event) =>
        (type === undefined || matches(event.type, type)) &&
        (types === undefined || types.some((one) => matches(event.type, one))) &&
        (isDelivered === undefined || isDelivered === !pending.has(event.id)),
    );
    return { ...page, data: withPending(account, page.data) };
  }),
  endpoint('GET', `${PATH}/:id`, {}, (account, _, id) => withPending(account, [expectRecord(account, 'event', id)])[0] ?? {}),
];

/** With the number of endpoints that have not got it yet. */
export function withPending(account: Account, events: readonly StripeEvent[]): readonly StripeEvent[] {
  const pending = undelivered(account);
  return events.map((event) => ({ ...event, pending_webhooks: pending.get(event.id) ?? 0 }));
}

/** Counts of deliveries by event. */
function undelivered({ store }: Account): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind, state, event } of store.list('delivery')) {
    if (kind === 'EVENT' && state !== 'DELIVERED') counts.set(event, (counts.get(event) ?? 0) + 1);
  }
  return counts;
}

/** `charge.*` means all of charges. */
function matches(type: string, pattern: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}
