import type { Account } from '../account/account.ts';
import { format } from '../money/currencies.ts';
import type { Charge, PaymentIntent } from '../objects/money-types.ts';
import type { DeliveryRecord } from '../webhooks/types.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';

const TONES: Readonly<Record<string, 'good' | 'bad' | 'wait'>> = {
  succeeded: 'good',
  won: 'good',
  DELIVERED: 'good',
  failed: 'bad',
  lost: 'bad',
  disputed: 'bad',
  needs_response: 'bad',
  FAILED: 'bad',
  pending: 'wait',
  processing: 'wait',
  requires_action: 'wait',
  requires_capture: 'wait',
  under_review: 'wait',
  PENDING: 'wait',
  RETRYING: 'bad',
  HELD: 'wait',
};

/** `requires_action` becomes "Requires action". */
export function badge(status: string): Html {
  const words = status.toLowerCase().replaceAll('_', ' ');
  return html`<span class="badge ${TONES[status] ?? ''}">${words.charAt(0).toUpperCase()}${words.slice(1)}</span>`;
}

/** What became of a payment in one word. */
export function paymentBadge(account: Account, intent: PaymentIntent): Html {
  const charge = intent.latest_charge === null ? undefined : account.store.get('charge', intent.latest_charge);
  if (charge && intent.status === 'succeeded') {
    if (account.store.list('dispute').some(({ charge: id, status }) => id === charge.id && status !== 'won')) return badge('disputed');
    if (charge.refunded) return badge('refunded');
    if (charge.amount_refunded > 0) return badge('partly_refunded');
  }
  return badge(intent.status === 'requires_payment_method' && intent.last_payment_error ? 'failed' : intent.status);
}

export function cardLine(charge: Charge | undefined): string {
  if (!charge) return 'No card yet';
  const { brand, last4, country } = charge.payment_method_details.card;
  return `${brand.charAt(0).toUpperCase()}${brand.slice(1)} •••• ${last4} (${country})`;
}

/** A form of one button. */
export function action(path: string, label: string, back: string, style = ''): Html {
  return html`<form method="post" action="/actions/${path}"><input type="hidden" name="back" value="${back}"><button class="small ${style}">${label}</button></form>`;
}

export function instant(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;
}

export function money(amount: number, currency: string): Html {
  return html`<span class="amount">${format(amount, currency)}</span>`;
}

/** One line about a delivery: where to, how it stands, what was answered. */
export function deliveryLine({ kind, url, state, attempts }: DeliveryRecord, dueMs: number | undefined): Html {
  const last = attempts.at(-1);
  const isRetried = state === 'PENDING' && attempts.length > 0;
  const answer = last && (last.status === null ? (last.error ?? 'no answer') : `HTTP ${last.status}`);
  const tries = attempts.length === 1 ? '1 try' : `${attempts.length} tries`;
  return html`<li>${badge(isRetried ? 'RETRYING' : state)}${kind !== 'EVENT' && badge(kind)}<code>${url}</code><span class="soft">${tries}${answer && html`, last: ${answer}`}${dueMs !== undefined && html`, next ${instant(dueMs)}`}</span></li>`;
}

export function dashboardPage(account: Account, title: string, body: Html): string {
  const isDisplaced = account.clock.offsetMs > 0;
  return page(
    { title: `${title} · Stripe simulator`, kind: 'dashboard' },
    html`<header><div class="bar">
<a class="name" href="/"><img src="/assets/icon.svg" alt="">Stripe simulator</a>
<nav aria-label="Sections"><a href="/#payments">Payments</a><a href="/#events">Events</a><a href="/#faults">Faults</a><a href="/#clock">Clock</a></nav>
<span class="soft small now">${instant(account.clock.nowMs())} UTC${isDisplaced && ', moved'}</span>
</div></header>
<main>${body}</main>`,
  );
}
