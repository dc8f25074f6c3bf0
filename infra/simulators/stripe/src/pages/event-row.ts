import type { Account } from '../account/account.ts';
import type { StripeEvent } from '../objects/event-types.ts';
import type { DeliveryRecord } from '../webhooks/types.ts';
import { type Html, html } from './html.ts';
import { action, badge, deliveryLine, instant } from './parts.ts';

/** An event; opened, its deliveries, what can be done with them, and its body. */
export function eventRow(account: Account, event: StripeEvent, back: string): Html {
  const deliveries = account.store.list('delivery').filter((one) => one.event === event.id);
  const isHeld = deliveries.some(({ state }) => state === 'HELD');
  const isPending = deliveries.some(({ state }) => state === 'PENDING');
  const lines = deliveries.map((one) => deliveryLine(one, account.store.get('due_delivery', one.id)?.at_ms));
  return html`<li id="${event.id}"><details>
<summary><span class="mono grow">${event.type}</span>${summaryBadge(deliveries)}<span class="soft small">${instant(event.created * 1000)}</span></summary>
<div class="inside">
<div class="actions">
${action(`resend/${event.id}`, 'Send again', back)}${action(`resend-twice/${event.id}`, 'Send twice', back)}${isPending && action(`hold/${event.id}`, 'Hold back', back)}${isHeld && action(`release/${event.id}`, 'Release', back)}${action(`forge/${event.id}`, 'Send with a wrong signature', back)}
</div>
${lines.length > 0 ? html`<ul>${lines}</ul>` : html`<p class="soft small">Sent to nobody: no endpoint wanted it.</p>`}
<p class="small"><code>${event.id}</code></p>
<pre tabindex="0">${JSON.stringify(event.data, null, 2)}</pre>
</div></details></li>`;
}

function summaryBadge(deliveries: readonly DeliveryRecord[]): Html | null {
  const first =
    deliveries.find(({ kind, state }) => kind === 'EVENT' && state !== 'DELIVERED') ?? deliveries.find(({ kind }) => kind === 'EVENT');
  if (!first) return null;
  return badge(first.state === 'PENDING' && first.attempts.length > 0 ? 'RETRYING' : first.state);
}
