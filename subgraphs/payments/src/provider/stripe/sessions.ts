import type Stripe from 'stripe';
import type { AttemptReport, OpenAttempt } from '../provider-adapter.ts';
import { ProviderError } from '../provider-error.ts';
import { toStripe } from './amounts.ts';
import { intentOf, isOpen, reportOfSession, SESSION_EXPANSION } from './attempt-report.ts';
import { ask } from './errors.ts';
import { cancelIntent } from './intents.ts';
import { isReplayed, type MethodTypes, metadataOf } from './requests.ts';

type Session = Stripe.Checkout.Session;

/** The shortest that Stripe allows, counted from the request. */
const MIN_PAGE_MS = 30 * 60_000;
/** How long after it was first asked for a page may still be opened. */
const OPENING_MS = 30 * 60_000;
/** A product's name may not be longer. */
const MAX_NAME_CHARACTERS = 250;

export async function openPage(stripe: Stripe, methods: MethodTypes, request: OpenAttempt, key: string): Promise<AttemptReport> {
  const session = await ask(() => stripe.checkout.sessions.create(pageOf(request, methods), { idempotencyKey: key }));
  // What is kept for the key is how the session was then.
  return reportOfSession(isReplayed(session) ? await retrieveSession(stripe, session.id) : session);
}

export async function readPage(stripe: Stripe, sessionId: string): Promise<AttemptReport> {
  return reportOfSession(await retrieveSession(stripe, sessionId));
}

/** An intent of a page can be cancelled only after the page has ended. */
export async function closePage(stripe: Stripe, sessionId: string, key: string): Promise<AttemptReport> {
  const session = await expire(stripe, sessionId, `${key}:expire`);
  const intent = intentOf(session);
  if (!intent || !isOpen(intent)) return reportOfSession(session);
  return reportOfSession(session, await cancelIntent(stripe, intent.id, `${key}:cancel`));
}

function pageOf(request: OpenAttempt, methods: MethodTypes): Stripe.Checkout.SessionCreateParams {
  const { attemptId, amount, description, firstAskedAt, returnUrl, cancelUrl } = request;
  const { amount: unitAmount, currency } = toStripe(amount);
  const metadata = metadataOf(request);
  return {
    mode: 'payment',
    client_reference_id: attemptId,
    line_items: [
      {
        quantity: 1,
        price_data: { currency, unit_amount: unitAmount, product_data: { name: description.slice(0, MAX_NAME_CHARACTERS) } },
      },
    ],
    allowed_payment_method_types: methods,
    // What is asked is what is paid: no conversion to the customer's own currency.
    adaptive_pricing: { enabled: false },
    success_url: returnUrl,
    cancel_url: cancelUrl,
    expires_at: Math.ceil((firstAskedAt.getTime() + MIN_PAGE_MS + OPENING_MS) / 1_000),
    metadata,
    payment_intent_data: { description, metadata },
    expand: SESSION_EXPANSION,
  };
}

async function retrieveSession(stripe: Stripe, sessionId: string): Promise<Session> {
  return await ask(() => stripe.checkout.sessions.retrieve(sessionId, { expand: SESSION_EXPANSION }));
}

/** The session when nobody can pay any more: by us, by what happened before, or while a payment is under way. */
async function expire(stripe: Stripe, sessionId: string, key: string): Promise<Session> {
  try {
    return await ask(() => stripe.checkout.sessions.expire(sessionId, { expand: SESSION_EXPANSION }, { idempotencyKey: key }));
  } catch (error) {
    if (error instanceof ProviderError && (error.code === 'REJECTED' || error.code === 'UNKNOWN')) {
      const session = await retrieveSession(stripe, sessionId);
      const intent = intentOf(session);
      if (session.status !== 'open' || (intent && !isOpen(intent))) return session;
    }
    throw error;
  }
}
