import type { Account } from '../account/account.ts';
import { format } from '../money/currencies.ts';
import type { PaymentIntent } from '../objects/money-types.ts';
import { contextOf } from '../objects/payment-intents/create.ts';
import type { SetupIntent } from '../objects/types.ts';
import { html } from './html.ts';
import { notice } from './layout.ts';

const GO_ON_SECONDS = 1;

/** The bank's page: complete or fail. */
export function authenticationPage(account: Account, intent: PaymentIntent | SetupIntent): string {
  if (intent.status !== 'requires_action') return donePage(account, intent);
  const method = intent.payment_method === null ? undefined : account.store.get('payment_method', intent.payment_method);
  const amount = intent.object === 'payment_intent' ? format(intent.amount, intent.currency) : 'Nothing now, the card is saved';
  const answer = (value: string, label: string, style: string) =>
    html`<form method="post" action="/3d-secure/${intent.id}"><button class="${style}" name="answer" value="${value}">${label}</button></form>`;
  return notice({
    title: '3-D Secure',
    tone: 'calm',
    text: html`<p>Your bank wants to know that it is you. (The bank is simulated as well.)</p>
<dl class="facts"><dt>Amount</dt><dd>${amount}</dd>${method && html`<dt>Card</dt><dd>•••• ${method.card.last4}</dd>`}</dl>`,
    actions: html`${answer('COMPLETE', 'Complete', 'primary')}${answer('FAIL', 'Fail', '')}`,
  });
}

/** After the answer, on to the checkout or to the shop. */
function donePage(account: Account, intent: PaymentIntent | SetupIntent): string {
  const url = continuationOf(account, intent);
  const isGood = intent.status === 'succeeded' || intent.status === 'requires_capture';
  return notice({
    title: isGood ? 'Authentication complete' : 'Not authenticated',
    tone: isGood ? 'good' : 'bad',
    ...(url && { goTo: { url, seconds: GO_ON_SECONDS } }),
    text: url ? html`<p>You go on in a moment.</p>` : html`<p>There is nothing more to do here. You can close this page.</p>`,
    ...(url && { actions: html`<a class="button primary" href="${url}">Continue</a>` }),
  });
}

function continuationOf(account: Account, intent: PaymentIntent | SetupIntent): string | undefined {
  const { checkout_session: session, return_url: returnUrl } = contextOf(account, intent.id);
  if (session !== null) return `/c/pay/${session}?returning=1`;
  if (returnUrl === null || !URL.canParse(returnUrl)) return undefined;
  // What Stripe adds, so that the shop's page knows whose return this is.
  const url = new URL(returnUrl);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret);
  url.searchParams.set('redirect_status', intent.status === 'requires_payment_method' ? 'failed' : 'succeeded');
  return url.href;
}
