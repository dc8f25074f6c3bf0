import type Stripe from 'stripe';
import type { MethodReport, OpenMethod } from '../provider-adapter.ts';
import { ProviderError } from '../provider-error.ts';
import { cardFacts } from './attempt-report.ts';
import { ask } from './errors.ts';
import { isReplayed } from './requests.ts';

const METHOD_EXPANSION = ['setup_intent.payment_method'];

export async function openCustomer(stripe: Stripe, userId: string, key: string): Promise<string> {
  const { id } = await ask(() => stripe.customers.create({ metadata: { user_id: userId } }, { idempotencyKey: key }));
  return id;
}

export async function openMethodPage(stripe: Stripe, request: OpenMethod, key: string): Promise<MethodReport> {
  const { methodId, providerCustomerId, returnUrl, cancelUrl } = request;
  const metadata = { method_id: methodId };
  const session = await ask(() =>
    stripe.checkout.sessions.create(
      {
        mode: 'setup',
        customer: providerCustomerId,
        client_reference_id: methodId,
        allowed_payment_method_types: ['card'],
        success_url: returnUrl,
        cancel_url: cancelUrl,
        metadata,
        setup_intent_data: { metadata },
        expand: METHOD_EXPANSION,
      },
      { idempotencyKey: key },
    ),
  );
  return isReplayed(session) ? await readMethod(stripe, session.id) : reportOf(session);
}

export async function readMethod(stripe: Stripe, sessionId: string): Promise<MethodReport> {
  return reportOf(await ask(() => stripe.checkout.sessions.retrieve(sessionId, { expand: METHOD_EXPANSION })));
}

/** Done as well when the card was not attached any more. */
export async function removeMethod(stripe: Stripe, providerMethodId: string): Promise<void> {
  try {
    await ask(() => stripe.paymentMethods.detach(providerMethodId));
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code !== 'REJECTED') throw error;
    const { customer } = await ask(() => stripe.paymentMethods.retrieve(providerMethodId));
    if (customer !== null) throw error;
  }
}

/** @throws ProviderError UNKNOWN while Stripe is still at a page that is complete */
function reportOf(session: Stripe.Checkout.Session): MethodReport {
  const { id: sessionId, status, url } = session;
  if (status === 'expired') return { kind: 'CLOSED', sessionId, reason: 'SESSION_EXPIRED' };
  if (status === 'open' && url !== null) return { kind: 'ACTION_REQUIRED', sessionId, url };
  const method = methodOf(session);
  if (!method?.card) throw new ProviderError('UNKNOWN', 'METHOD_NOT_READY');
  const { card } = method;
  return {
    kind: 'ACTIVE',
    sessionId,
    providerMethodId: method.id,
    card: { ...cardFacts(card), expiresYear: card.exp_year, expiresMonth: card.exp_month },
  };
}

function methodOf({ setup_intent: intent }: Stripe.Checkout.Session): Stripe.PaymentMethod | null {
  if (intent === null || typeof intent === 'string' || intent.status !== 'succeeded') return null;
  return typeof intent.payment_method === 'object' ? intent.payment_method : null;
}
