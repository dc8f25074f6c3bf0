import type { Account } from '../account/account.ts';
import { format } from '../money/currencies.ts';
import type { Charge, Dispute, PaymentIntent, Refund } from '../objects/money-types.ts';
import { eventRow } from './event-row.ts';
import { type Html, html } from './html.ts';
import { action, badge, cardLine, dashboardPage, instant, money, paymentBadge } from './parts.ts';

/** One payment with its attempts, refunds, disputes and events. */
export function paymentPage(account: Account, intent: PaymentIntent): string {
  const { store } = account;
  const back = `/payments/${intent.id}`;
  const belongs = ({ payment_intent: id }: { readonly payment_intent: string }): boolean => id === intent.id;
  const charges = store.list('charge').filter(belongs).reverse();
  const refunds = store.list('refund').filter(belongs).reverse();
  const disputes = store.list('dispute').filter(belongs).reverse();
  const events = store
    .list('event')
    .filter(({ data: { object } }) => object.id === intent.id || ('payment_intent' in object && object.payment_intent === intent.id))
    .reverse();
  return dashboardPage(
    account,
    format(intent.amount, intent.currency),
    html`<div class="head"><h1>${format(intent.amount, intent.currency)} ${paymentBadge(account, intent)}</h1><code>${intent.id}</code></div>
${facts(account, intent)}
${listed(
  'Charges',
  charges.map((charge) => chargeRow(charge, back)),
  'Nobody tried to pay yet.',
)}
${listed(
  'Refunds',
  refunds.map((refund) => refundRow(refund, back)),
  'Nothing was refunded.',
)}
${listed(
  'Disputes',
  disputes.map((dispute) => disputeRow(dispute, back)),
  'Nothing is disputed.',
)}
${listed(
  'Events',
  events.map((event) => eventRow(account, event, back)),
  'Nothing has happened yet.',
)}
<section><h2>PaymentIntent</h2><pre tabindex="0">${JSON.stringify(intent, null, 2)}</pre></section>`,
  );
}

function facts({ store }: Account, intent: PaymentIntent): Html {
  const session = store.get('intent_context', intent.id)?.checkout_session;
  const metadata = Object.entries(intent.metadata);
  return html`<div class="card"><dl class="facts">
<dt>Created</dt><dd>${instant(intent.created * 1000)} UTC</dd>
<dt>Received</dt><dd>${format(intent.amount_received, intent.currency)}</dd>
<dt>Capture</dt><dd>${intent.capture_method}</dd>
<dt>Customer</dt><dd>${intent.customer ? html`<code>${intent.customer}</code>` : 'none'}</dd>
${session && html`<dt>Checkout</dt><dd><a href="/c/pay/${session}">Hosted page</a></dd>`}
${intent.status === 'requires_action' && html`<dt>3-D Secure</dt><dd><a href="/3d-secure/${intent.id}">Page of the bank</a></dd>`}
${metadata.map(([key, value]) => html`<dt>${key}</dt><dd>${value}</dd>`)}
${intent.last_payment_error && html`<dt>Last error</dt><dd>${intent.last_payment_error.message}</dd>`}
</dl></div>`;
}

function chargeRow(charge: Charge, back: string): Html {
  const left = charge.amount_captured - charge.amount_refunded;
  const isRefundable = charge.captured && left > 0 && !charge.disputed;
  return html`<li>${money(charge.amount, charge.currency)}<span class="state">${badge(charge.status)}</span>
<span class="grow">${cardLine(charge)} ${charge.failure_message && html`<span class="soft small">${charge.failure_message}</span>`}<br><code>${charge.id}</code></span>
<span class="soft small">${instant(charge.created * 1000)}</span>
${
  isRefundable &&
  html`<div class="tools"><form class="inline" method="post" action="/actions/refund/${charge.id}"><input type="hidden" name="back" value="${back}">
<label>Refund, in minor units<input name="amount" type="number" min="1" max="${left}" value="${left}"></label><button class="small">Refund</button></form>
${action(`dispute/${charge.id}`, 'Open a dispute', back)}</div>`
}</li>`;
}

function refundRow({ id, amount, currency, status, failure_reason: reason, created }: Refund, back: string): Html {
  return html`<li>${money(amount, currency)}<span class="state">${badge(status)}</span>
<span class="grow"><code>${id}</code> ${reason && html`<span class="soft small">${reason}</span>`}</span>
<span class="soft small">${instant(created * 1000)}</span>
<span class="actions">${status === 'pending' && action(`refund-succeeds/${id}`, 'Let it arrive', back)}${(status === 'pending' || status === 'succeeded') && action(`refund-fails/${id}`, 'Let it fail', back)}</span></li>`;
}

function disputeRow({ id, amount, currency, status, reason, created }: Dispute, back: string): Html {
  const isOpen = status === 'needs_response' || status === 'under_review';
  return html`<li>${money(amount, currency)}<span class="state">${badge(status)}</span>
<span class="grow">${reason.replaceAll('_', ' ')}<br><code>${id}</code></span>
<span class="soft small">${instant(created * 1000)}</span>
<span class="actions">${isOpen && [action(`dispute-won/${id}`, 'Shop wins', back), action(`dispute-lost/${id}`, 'Shop loses', back)]}</span></li>`;
}

function listed(title: string, rows: readonly Html[], empty: string): Html {
  return html`<section><h2>${title}</h2>${rows.length > 0 ? html`<ul class="rows">${rows}</ul>` : html`<p class="empty">${empty}</p>`}</section>`;
}
