import Stripe from 'stripe';
import type { AttemptReport, OpenAttempt, SavedCard } from '../provider-adapter.ts';
import { ProviderError } from '../provider-error.ts';
import { toStripe } from './amounts.ts';
import { INTENT_EXPANSION, isOpen, reportOfIntent, SAVED_CARD_FLOW } from './attempt-report.ts';
import { ask, declineReason, toProviderError } from './errors.ts';
import { isReplayed, type MethodTypes, metadataOf } from './requests.ts';

export async function openIntent(stripe: Stripe, methods: MethodTypes, request: OpenAttempt, key: string): Promise<AttemptReport> {
  const { description, amount } = request;
  const intent = await ask(() =>
    stripe.paymentIntents.create(
      { ...toStripe(amount), description, allowed_payment_method_types: methods, metadata: metadataOf(request), expand: INTENT_EXPANSION },
      { idempotencyKey: key },
    ),
  );
  // What is kept for the key is how the intent was then.
  return reportOfIntent(isReplayed(intent) ? await retrieveIntent(stripe, intent.id) : intent);
}

export async function chargeSaved(stripe: Stripe, request: OpenAttempt & SavedCard, key: string): Promise<AttemptReport> {
  try {
    const intent = await stripe.paymentIntents.create(savedCharge(request), { idempotencyKey: key });
    if (intent.object !== 'payment_intent') throw new ProviderError('UNKNOWN', 'NO_USABLE_ANSWER');
    if (isOpen(intent)) return await closeDeclined(stripe, intent.id, key, 'AUTHENTICATION_REQUIRED');
    return isReplayed(intent) ? await readIntent(stripe, intent.id) : reportOfIntent(intent);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeCardError) || !error.payment_intent) throw toProviderError(error);
    return await closeDeclined(stripe, error.payment_intent.id, key, declineReason(error));
  }
}

export async function readIntent(stripe: Stripe, intentId: string): Promise<AttemptReport> {
  return reportOfIntent(await retrieveIntent(stripe, intentId));
}

export async function closeIntent(stripe: Stripe, intentId: string, key: string): Promise<AttemptReport> {
  return reportOfIntent(await cancelIntent(stripe, intentId, `${key}:cancel`));
}

/** The intent when it cannot be cancelled any more, by us or because it is over or under way. */
export async function cancelIntent(stripe: Stripe, intentId: string, key: string): Promise<Stripe.PaymentIntent> {
  try {
    return await ask(() => stripe.paymentIntents.cancel(intentId, { expand: INTENT_EXPANSION }, { idempotencyKey: key }));
  } catch (error) {
    if (error instanceof ProviderError && (error.code === 'REJECTED' || error.code === 'UNKNOWN')) {
      const intent = await retrieveIntent(stripe, intentId);
      if (!isOpen(intent)) return intent;
    }
    throw error;
  }
}

function savedCharge(request: OpenAttempt & SavedCard): Stripe.PaymentIntentCreateParams {
  return {
    ...toStripe(request.amount),
    description: request.description,
    customer: request.providerCustomerId,
    payment_method: request.providerMethodId,
    allowed_payment_method_types: ['card'],
    // Nobody is there to be sent anywhere.
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    off_session: true,
    confirm: true,
    metadata: { ...metadataOf(request), flow: SAVED_CARD_FLOW },
    expand: INTENT_EXPANSION,
  };
}

/** A declined intent can be confirmed again, also by mistake: only a cancelled one takes no money for certain. */
async function closeDeclined(stripe: Stripe, intentId: string, key: string, reason: string): Promise<AttemptReport> {
  const report = await closeIntent(stripe, intentId, key);
  return report.kind === 'CLOSED' ? { ...report, reason } : report;
}

async function retrieveIntent(stripe: Stripe, intentId: string): Promise<Stripe.PaymentIntent> {
  return await ask(() => stripe.paymentIntents.retrieve(intentId, { expand: INTENT_EXPANSION }));
}
