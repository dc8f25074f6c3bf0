import type { Account } from '../account/account.ts';
import { readSetting } from '../account/account.ts';
import { booksOf } from '../control/books.ts';
import { format } from '../money/currencies.ts';
import type { PaymentIntent } from '../objects/money-types.ts';
import { eventRow } from './event-row.ts';
import { faultForm } from './fault-form.ts';
import { type Html, html } from './html.ts';
import { action, cardLine, dashboardPage, instant, money, paymentBadge } from './parts.ts';

const MAX_PAYMENTS = 40;
const MAX_EVENTS = 10;

/** Everything at a glance. */
export function overviewPage(account: Account): string {
  return dashboardPage(
    account,
    'Overview',
    html`<h1>Overview</h1>
${balanceSection(account)}
${paymentSection(account)}
${eventSection(account)}
${faultForm(account)}
${clockSection(account)}`,
  );
}

function balanceSection(account: Account): Html {
  const { currencies } = booksOf(account);
  const tiles = Object.entries(currencies).map(
    ([currency, { charged, refunded, disputed, fees, net }]) => html`<div class="card">
<p class="soft small">Balance ${currency.toUpperCase()}</p>
<p class="big">${format(net, currency)}</p>
<dl class="sums"><dt>Charged</dt><dd>${format(charged, currency)}</dd><dt>Refunded</dt><dd>${minus(refunded, currency)}</dd><dt>Disputed</dt><dd>${minus(disputed, currency)}</dd><dt>Fees</dt><dd>${minus(fees, currency)}</dd></dl>
</div>`,
  );
  return html`<section aria-label="Balance">${tiles.length > 0 ? html`<div class="tiles">${tiles}</div>` : html`<p class="empty">The balance is empty. It fills with the first payment.</p>`}</section>`;
}

function paymentSection(account: Account): Html {
  const intents = account.store.list('payment_intent').reverse();
  const rows = intents.slice(0, MAX_PAYMENTS).map((intent) => paymentRow(account, intent));
  return html`<section id="payments">
<div class="head"><h2>Payments</h2>${shownOf(intents.length, MAX_PAYMENTS)}</div>
${rows.length > 0 ? html`<ul class="rows">${rows}</ul>` : html`<p class="empty">No payments yet. Create a Checkout Session or a PaymentIntent with the SDK, and it appears here.</p>`}
</section>`;
}

function paymentRow(account: Account, intent: PaymentIntent): Html {
  const charge = intent.latest_charge === null ? undefined : account.store.get('charge', intent.latest_charge);
  const isRefundable = charge?.captured && !charge.disputed && !charge.refunded;
  return html`<li>
${money(intent.amount, intent.currency)}<span class="state">${paymentBadge(account, intent)}</span>
<span class="grow"><a href="/payments/${intent.id}">${cardLine(charge)}</a> ${charge && charge.amount_refunded > 0 && html`<span class="soft small">refunded ${format(charge.amount_refunded, intent.currency)}</span>`}<br><code>${intent.id}</code></span>
<span class="soft small">${instant(intent.created * 1000)}</span>
<span class="actions">${isRefundable && charge && [action(`refund/${charge.id}`, 'Refund', '/'), action(`dispute/${charge.id}`, 'Dispute', '/')]}</span>
</li>`;
}

function eventSection(account: Account): Html {
  const events = account.store.list('event').reverse();
  const isHolding = readSetting(account).is_holding_all;
  const rows = events.slice(0, MAX_EVENTS).map((event) => eventRow(account, event, '/'));
  const endpoints = account.store.list('webhook_endpoint');
  return html`<section id="events">
<div class="head"><h2>Events</h2>
<span class="actions">${shownOf(events.length, MAX_EVENTS)}${isHolding ? action('release/ALL', 'Release all', '/') : action('hold/ALL', 'Hold back all', '/')}</span></div>
${isHolding && html`<p class="hint">Webhooks are held back until you release them.</p>`}
${endpoints.length === 0 && html`<p class="hint">No webhook endpoint is set: events are recorded and sent to nobody.</p>`}
${rows.length > 0 ? html`<ul class="rows">${rows}</ul>` : html`<p class="empty">Nothing has happened yet.</p>`}
${events.length > MAX_EVENTS && html`<p><a href="/events">All ${events.length} events</a></p>`}
</section>`;
}

function clockSection(account: Account): Html {
  const steps = [
    ['5 minutes', 300_000],
    ['1 hour', 3_600_000],
    ['1 day', 86_400_000],
    ['3 days', 259_200_000],
  ] as const;
  return html`<section id="clock"><h2>Clock and reset</h2>
<div class="columns">
<div class="card"><p>It is ${instant(account.clock.nowMs())} UTC. Sessions expire and webhooks are tried again on the way.</p>
<form class="actions" method="post" action="/actions/clock"><input type="hidden" name="back" value="/#clock">${steps.map(([label, ms]) => html`<button class="small" name="ms" value="${ms}">+ ${label}</button>`)}</form></div>
<div class="card danger-zone"><p>Forgets all objects, events and faults here, and sets the clock back to real time. Webhook address and ids go on: no id comes a second time. Payments under way in a shop stay behind: the shop still has them, and asks here in vain.</p>${action('reset', 'Reset everything', '/', 'danger')}</div>
</div></section>`;
}

function shownOf(count: number, most: number): Html {
  return html`<span class="soft small">${count > most ? `the newest ${most} of ${count}` : count > 0 && count}</span>`;
}

/** Nothing is not "minus nothing". */
function minus(amount: number, currency: string): string {
  return format(amount === 0 ? 0 : -amount, currency);
}
