import type { Account } from '../account/account.ts';
import type { Form } from '../api/request.ts';
import { format } from '../money/currencies.ts';
import { isBeingPaid } from '../objects/checkout/expire.ts';
import type { CheckoutSession } from '../objects/types.ts';
import { type Html, html } from './html.ts';
import { notice, page, simulatorNote } from './layout.ts';

const BACK_TO_SHOP_SECONDS = 1;
const LOOK_AGAIN_SECONDS = 1;

export interface CheckoutView {
  /** Of a card that was not even tried. */
  readonly problem?: string | undefined;
  /** What was in the fields then. */
  readonly typed?: Form;
  /** The person paid a moment ago and goes back to the shop; without it they only look. */
  readonly isReturning: boolean;
}

/** The page at `session.url`, for whatever state the session is in. */
export function checkoutPage(account: Account, session: CheckoutSession, view: CheckoutView): string {
  switch (session.status) {
    case 'complete':
      return completePage(session, view.isReturning);
    case 'expired':
      return expiredPage(session);
    case 'open':
      return isBeingPaid(account, session) ? processingPage(session) : openPage(account, session, view);
    default:
      return session.status satisfies never;
  }
}

/** Where the shop wants its customer back. */
function successUrl({ success_url: url, id }: CheckoutSession): string {
  return url.replaceAll('{CHECKOUT_SESSION_ID}', id);
}

function openPage(account: Account, session: CheckoutSession, { problem, typed = {} }: CheckoutView): string {
  const shop = session.branding_settings.display_name;
  const { last_payment_error: lastError = null, status = null } = session.payment_intent
    ? (account.store.get('payment_intent', session.payment_intent) ?? {})
    : {};
  const setup = session.setup_intent ? account.store.get('setup_intent', session.setup_intent) : undefined;
  const message = problem ?? lastError?.message ?? setup?.last_setup_error?.message;
  const waiting = status === 'requires_action' ? session.payment_intent : setup?.status === 'requires_action' ? setup.id : null;
  const verb = session.mode === 'setup' ? 'Save card' : `Pay ${total(session)}`;
  return page(
    { title: `${verb} · ${shop}`, kind: 'checkout' },
    html`<main>
${summary(session, shop)}
<form class="right" method="post" action="/c/pay/${session.id}" autocomplete="off">
<section class="card pay">
<h1>${session.mode === 'setup' ? 'Save a card' : 'Pay by card'}</h1>
${message && html`<p class="problem" role="alert">${message} You can try again.</p>`}
${waiting && html`<p class="hint">Your bank still waits for you. <a href="/3d-secure/${waiting}">Continue the authentication</a></p>`}
${cardFields(session, typed)}
<button class="primary" name="action" value="PAY">${verb}</button>
</section>
${simulatorButtons(session)}
</form>
</main>
${simulatorNote()}`,
  );
}

function summary(session: CheckoutSession, shop: string): Html {
  const lines = session.line_items.map(
    ({ description, quantity, amount_total: amount, currency, price }) => html`<li>
<span>${description}${quantity > 1 && html`<br><span class="soft small">${quantity} × ${format(price.unit_amount, currency)}</span>`}</span>
<span class="amount">${format(amount, currency)}</span></li>`,
  );
  return html`<section class="summary">
<p class="shop"><img src="/assets/icon.svg" alt="">${shop}</p>
${
  session.mode === 'setup'
    ? html`<p class="soft">Save a card for later</p><p class="total">Nothing to pay</p>`
    : html`<p class="soft">Total</p><p class="total">${total(session)}</p><ul class="lines">${lines}</ul>`
}
</section>`;
}

function cardFields({ customer_email: email }: CheckoutSession, typed: Form): Html {
  const value = (name: string, otherwise: string): string => (typeof typed[name] === 'string' ? typed[name] : otherwise);
  return html`<div class="fields">
<label>Email<input name="email" type="email" value="${email ?? value('email', 'jenny@example.com')}" ${email && html`readonly`}></label>
<label>Card number<input name="number" inputmode="numeric" value="${value('number', '4242 4242 4242 4242')}" required></label>
<div class="pair">
<label>Expiry<input name="expiry" inputmode="numeric" value="${value('expiry', '12 / 34')}" placeholder="MM / YY" required></label>
<label>CVC<input name="cvc" inputmode="numeric" value="${value('cvc', '123')}" maxlength="4" required></label>
</div>
<label>Name on card<input name="name" value="${value('name', 'Jenny Rosen')}"></label>
</div>`;
}

function simulatorButtons({ mode, cancel_url: cancelUrl }: CheckoutSession): Html {
  return html`<section class="simulator" aria-label="Simulator">
<h2>Simulator</h2>
<p class="soft small">Not part of the shop: choose how it ends, whatever card is typed above.</p>
<div class="actions">
<button name="action" value="SUCCEED">Pay</button>
<button name="action" value="DECLINE">Decline</button>
<button name="action" value="INSUFFICIENT_FUNDS">Insufficient funds</button>
<button name="action" value="THREE_D_SECURE">3-D Secure</button>
${mode === 'payment' && html`<button name="action" value="SLOW">Slow (5 seconds)</button>`}
${cancelUrl && html`<button name="action" value="LEAVE">Leave without paying</button>`}
</div>
</section>`;
}

function processingPage(session: CheckoutSession): string {
  return notice({
    title: 'Your bank is thinking',
    tone: 'calm',
    goTo: { url: `/c/pay/${session.id}?returning=1`, seconds: LOOK_AGAIN_SECONDS },
    text: html`<p>${total(session)} to ${session.branding_settings.display_name}. This page goes on by itself.</p>`,
    actions: html`<div class="progress" role="progressbar" aria-label="Processing"><span></span></div>`,
  });
}

function completePage(session: CheckoutSession, isReturning: boolean): string {
  const url = successUrl(session);
  const shop = session.branding_settings.display_name;
  const what = session.mode === 'setup' ? 'Your card is saved' : 'Payment successful';
  return notice({
    title: isReturning ? what : session.mode === 'setup' ? 'Your card was saved already' : 'This was paid already',
    tone: 'good',
    ...(isReturning && { goTo: { url, seconds: BACK_TO_SHOP_SECONDS } }),
    text: html`<p>${session.mode === 'payment' && html`${total(session)} to ${shop}. `}${isReturning && html`You go back to ${shop} in a moment.`}</p>`,
    actions: html`<a class="button primary" href="${url}">Back to ${shop}</a>`,
  });
}

function expiredPage({ cancel_url: url, branding_settings: { display_name: shop } }: CheckoutSession): string {
  return notice({
    title: 'This checkout has expired',
    tone: 'bad',
    text: html`<p>Nothing was charged. Start again at ${shop}.</p>`,
    ...(url && { actions: html`<a class="button primary" href="${url}">Back to ${shop}</a>` }),
  });
}

function total({ amount_total: amount, currency }: CheckoutSession): string {
  return amount === null || currency === null ? '' : format(amount, currency);
}
