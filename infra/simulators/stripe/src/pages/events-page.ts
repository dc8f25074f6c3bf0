import type { Account } from '../account/account.ts';
import { eventRow } from './event-row.ts';
import { html } from './html.ts';
import { dashboardPage } from './parts.ts';

const PAGE_SIZE = 100;

/** Every event, newest first, a page at a time. @param before the id of the last event of the page before; null: from the newest */
export function eventsPage(account: Account, before: string | null): string {
  const events = account.store.list('event').reverse();
  const start = before === null ? 0 : events.findIndex(({ id }) => id === before) + 1; // one that is gone: from the newest
  const shown = events.slice(start, start + PAGE_SIZE);
  const last = shown.at(-1);
  const back = start === 0 ? '/events' : `/events?before=${before}`;
  const rows = shown.map((event) => eventRow(account, event, back));
  return dashboardPage(
    account,
    'Events',
    html`<section id="events"><div class="head"><h1>Events</h1><span class="soft small">${events.length > 0 && `${start + 1} to ${start + shown.length} of ${events.length}`}</span></div>
${rows.length > 0 ? html`<ul class="rows">${rows}</ul>` : html`<p class="empty">No events here.</p>`}
<p class="actions">${start > 0 && html`<a class="button" href="/events">Newest events</a>`}${last && start + shown.length < events.length && html`<a class="button" href="/events?before=${last.id}">Older events</a>`}</p>
</section>`,
  );
}
