import type Stripe from 'stripe';
import type { AttemptReport, CardFacts, ProviderAmount } from '../provider-adapter.ts';
import { feeFromStripe, fromStripe } from './amounts.ts';
import { declineReason } from './errors.ts';

/** What a report needs to be read along; four levels are the most that Stripe gives. */
export const INTENT_EXPANSION = ['latest_charge.balance_transaction'];
export const SESSION_EXPANSION = ['payment_intent.latest_charge.balance_transaction'];

/** In the metadata of an intent that is confirmed in the request that makes it: nobody is there who could act. */
export const SAVED_CARD_FLOW = 'saved_card';

type Intent = Stripe.PaymentIntent;
type Ids = Pick<AttemptReport, 'sessionId' | 'intentId'>;

/** @param session read with SESSION_EXPANSION. `payment_intent` is null until the customer submits the page. */
export function reportOfSession(session: Stripe.Checkout.Session, intent: Intent | null = intentOf(session)): AttemptReport {
  const ids: Ids = { sessionId: session.id, intentId: intent?.id ?? idOf(session.payment_intent) };
  if (intent?.status === 'succeeded') return succeeded(intent, ids);
  if (intent && isUnderWay(intent)) return { kind: 'PROCESSING', ...ids };
  if (session.status === 'open') {
    const action = { kind: 'HOSTED_PAGE', url: session.url, clientSecret: null } as const;
    return { kind: 'ACTION_REQUIRED', ...ids, action, lastDecline: declineOf(intent) };
  }
  if (ids.intentId === null && session.status === 'expired') return { kind: 'CLOSED', ...ids, reason: 'SESSION_EXPIRED' };
  if (intent?.status === 'canceled') return { kind: 'CLOSED', ...ids, reason: declineOf(intent) ?? 'SESSION_EXPIRED' };
  // The page is over, its intent is not: no money is likely and none is excluded, until `closeAttempt` cancels the intent.
  return { kind: 'PROCESSING', ...ids };
}

/** @param intent one without a page, read with INTENT_EXPANSION */
export function reportOfIntent(intent: Intent): AttemptReport {
  const ids: Ids = { sessionId: null, intentId: intent.id };
  if (intent.status === 'succeeded') return succeeded(intent, ids);
  if (intent.status === 'canceled') return { kind: 'CLOSED', ...ids, reason: declineOf(intent) ?? 'CANCELLED' };
  if (isUnderWay(intent) || isSavedCardFlow(intent)) return { kind: 'PROCESSING', ...ids };
  const action = { kind: 'CONFIRM_IN_PAGE', url: null, clientSecret: intent.client_secret } as const;
  return { kind: 'ACTION_REQUIRED', ...ids, action, lastDecline: declineOf(intent) };
}

/** Whether a cancellation would end it. */
export function isOpen({ status }: Intent): boolean {
  return status === 'requires_payment_method' || status === 'requires_confirmation' || status === 'requires_action';
}

export function intentOf({ payment_intent: intent }: Stripe.Checkout.Session): Intent | null {
  return typeof intent === 'object' ? intent : null;
}

export function idOf(reference: string | { readonly id: string } | null): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}

export function cardFacts(
  card: Pick<Stripe.PaymentMethod.Card, 'brand' | 'last4' | 'country'> & { readonly fingerprint?: string | null },
): CardFacts {
  return { brand: card.brand, last4: card.last4, fingerprint: card.fingerprint ?? null, country: card.country };
}

function isUnderWay({ status }: Intent): boolean {
  return status === 'processing' || status === 'requires_capture';
}

/** Declined, it is cancelled by the call that made it; that call may still be about to. */
function isSavedCardFlow({ metadata }: Intent): boolean {
  return metadata.flow === SAVED_CARD_FLOW;
}

function succeeded(intent: Intent, ids: Ids): AttemptReport {
  const { latest_charge: latest, amount_received: amount, currency } = intent;
  const charge = typeof latest === 'object' ? latest : null;
  return {
    kind: 'SUCCEEDED',
    ...ids,
    chargeId: idOf(latest) ?? intent.id,
    amount: fromStripe({ amount, currency }),
    fee: charge && feeOf(charge),
    card: charge && cardOf(charge),
  };
}

/** Null until Stripe has booked the charge; `charge.updated` tells. */
function feeOf({ balance_transaction: booked }: Stripe.Charge): ProviderAmount | null {
  return booked === null || typeof booked === 'string' ? null : feeFromStripe({ amount: booked.fee, currency: booked.currency });
}

function cardOf({ payment_method_details: details }: Stripe.Charge): CardFacts | null {
  const card = details?.card;
  if (!card?.last4) return null;
  return cardFacts({ brand: card.brand ?? 'unknown', last4: card.last4, fingerprint: card.fingerprint ?? null, country: card.country });
}

function declineOf(intent: Intent | null): string | null {
  return intent?.last_payment_error ? declineReason(intent.last_payment_error) : null;
}
