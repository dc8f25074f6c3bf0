/** Rules of an order: what may happen next. Plain data in, decision out; no I/O, no clock, no randomness. */
import type { TenderName } from '@tessera/service-kit/graphql';

export type OrderState = 'PENDING_PAYMENT' | 'CONFIRMED' | 'PARTIALLY_SHIPPED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED' | 'EXPIRED';

/**
 * What payments last told. `NONE`: there is nothing to pay. `UNDER_REVIEW` and `REJECTED`: the money has been taken, but it is not certain
 * that it may stay, or certain that it may not.
 */
export const PAYMENT_STATES = [
  'NONE',
  'REQUESTED',
  'REQUIRES_ACTION',
  'AUTHORISED',
  'UNDER_REVIEW',
  'CAPTURED',
  'REJECTED',
  'FAILED',
  'VOIDED',
] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** What a client may ask for next. */
export type OrderAct = 'PAY' | 'CANCEL';

export interface OrderFacts {
  readonly state: OrderState;
  readonly paymentState: PaymentState;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
}

/** The database holds the same table (trigger `orders_state_moves_forward`). */
export const TRANSITIONS: Readonly<Record<OrderState, readonly OrderState[]>> = {
  PENDING_PAYMENT: ['CONFIRMED', 'CANCELLED', 'EXPIRED'],
  CONFIRMED: ['PARTIALLY_SHIPPED', 'SHIPPED', 'CANCELLED'],
  PARTIALLY_SHIPPED: ['SHIPPED'],
  SHIPPED: ['DELIVERED'],
  DELIVERED: [],
  CANCELLED: [],
  EXPIRED: [],
};

function isClosed(state: OrderState): boolean {
  return state === 'CANCELLED' || state === 'EXPIRED';
}

/** Nobody is asked to pay for what is paid and only being looked at. */
export function allowedActs({ state, paymentState }: Pick<OrderFacts, 'state' | 'paymentState'>, hasRevealedUnits: boolean): OrderAct[] {
  if (state === 'PENDING_PAYMENT') return paymentState === 'UNDER_REVIEW' ? ['CANCEL'] : ['PAY', 'CANCEL'];
  return state === 'CONFIRMED' && !hasRevealedUnits ? ['CANCEL'] : [];
}

/** Where the end of an order sends its money: nothing was ever asked for, the payment is void, or what was captured goes back. */
export type Settlement = { readonly kind: 'NONE' } | { readonly kind: 'VOID' } | { readonly kind: 'REFUND'; readonly minor: bigint };

export type CancelDecision =
  | { readonly outcome: 'cancelled'; readonly stock: 'RELEASE' | 'RETURN'; readonly settlement: Settlement }
  | { readonly outcome: 'refused'; readonly why: 'STATE' | 'REVEALED' };

/** Nothing can call a parcel back, nor a secret that somebody has read. */
export function decideCancel(order: OrderFacts, hasRevealedUnits: boolean): CancelDecision {
  if (!TRANSITIONS[order.state].includes('CANCELLED')) return { outcome: 'refused', why: 'STATE' };
  if (hasRevealedUnits) return { outcome: 'refused', why: 'REVEALED' };
  return { outcome: 'cancelled', stock: order.state === 'PENDING_PAYMENT' ? 'RELEASE' : 'RETURN', settlement: settlementOf(order) };
}

/** A void is asked for even where no money has been seen: the payment may be on its way. One that is void already stays so. */
export function settlementOf({ paymentState, capturedMinor, refundedMinor }: OrderFacts): Settlement {
  if (capturedMinor > refundedMinor) return { kind: 'REFUND', minor: capturedMinor - refundedMinor };
  if (paymentState === 'NONE' || paymentState === 'VOIDED' || capturedMinor > 0n) return { kind: 'NONE' };
  return { kind: 'VOID' };
}

/** Everything that a payment tells may come twice, late and in any order; what an order knows of its money only moves forward. */
type Told = Pick<OrderFacts, 'state' | 'paymentState'>;

/** The money was taken, whether it may stay or not. An order that has ended with it has asked for it back. */
function isTaken(paymentState: PaymentState): boolean {
  return paymentState === 'UNDER_REVIEW' || paymentState === 'CAPTURED' || paymentState === 'REJECTED';
}

/**
 * The customer has to do something; of no interest once money is there or the order has ended. `TELL`: known, but it may be about another
 * attempt with a page of its own, so whoever watches looks again.
 */
export function decideRequiresAction({ state, paymentState }: Told): 'RECORD' | 'TELL' | 'IGNORE' {
  if (isClosed(state) || paymentState === 'NONE' || paymentState === 'AUTHORISED' || isTaken(paymentState)) return 'IGNORE';
  return paymentState === 'REQUIRES_ACTION' ? 'TELL' : 'RECORD';
}

/** `CAPTURE`: the order was delivered, lost its first payment, and is paid after all. */
export function decideAuthorised({ state, paymentState }: Told): 'CONFIRM' | 'CAPTURE' | 'RECORD' | 'VOID' | 'IGNORE' {
  if (paymentState === 'NONE' || isTaken(paymentState)) return 'IGNORE';
  if (isClosed(state)) return 'VOID';
  if (state === 'PENDING_PAYMENT') return 'CONFIRM';
  return paymentState === 'AUTHORISED' ? 'RECORD' : 'CAPTURE';
}

/** Also the end of a review that went well. An order that ended while it ran has asked for its money back then. */
export function decideCaptured({ state, paymentState }: Told): 'CONFIRM' | 'RECORD' | 'REFUND' | 'IGNORE' {
  if (paymentState === 'NONE' || paymentState === 'CAPTURED' || paymentState === 'REJECTED') return 'IGNORE';
  if (isClosed(state)) return isTaken(paymentState) ? 'RECORD' : 'REFUND';
  return state === 'PENDING_PAYMENT' ? 'CONFIRM' : 'RECORD';
}

/** Taken, but somebody decides whether it may stay. `WAIT`: the order waits for that, and no longer for its money. */
export function decideUnderReview({ state, paymentState }: Told): 'WAIT' | 'RECORD' | 'REFUND' | 'IGNORE' {
  if (paymentState === 'NONE' || isTaken(paymentState)) return 'IGNORE';
  if (isClosed(state)) return 'REFUND';
  return state === 'PENDING_PAYMENT' ? 'WAIT' : 'RECORD';
}

/** Taken, and it may not stay: the last word about a payment, whatever was told before. */
export function decideRejected({ state, paymentState }: Told): 'CANCEL' | 'RECORD' | 'REFUND' | 'IGNORE' {
  if (paymentState === 'NONE' || paymentState === 'REJECTED') return 'IGNORE';
  if (isClosed(state)) return isTaken(paymentState) ? 'RECORD' : 'REFUND';
  return 'CANCEL';
}

/** What the loss of a payment does: a confirmed order without its money must not stay confirmed. */
export function decidePaymentLost({ state, paymentState }: Told): 'RECORD' | 'CANCEL' | 'IGNORE' {
  if (paymentState === 'NONE' || isTaken(paymentState)) return 'IGNORE';
  return state === 'PENDING_PAYMENT' || isClosed(state) ? 'RECORD' : 'CANCEL';
}

/** Money goes back the way it came. */
export function refundDestinationOf(tender: TenderName): 'WALLET' | 'ORIGINAL' {
  return tender === 'WALLET' ? 'WALLET' : 'ORIGINAL';
}

/** Payments had less left than was asked for: other refunds are under way, or have gone back. */
const CROWDED_OUT: ReadonlySet<string | null> = new Set(['EXCEEDS_CAPTURED', 'NOT_REFUNDABLE']);

/**
 * Whether a refusal is a failure to tell. Ours that was crowded out by other refunds is none: it is followed up once these have ended. A
 * dispute crowds it out too, and nothing follows.
 */
export function isFailure(isOwn: boolean, reason: string | null, decision: RefundDecision, isDisputed: boolean): boolean {
  return !isOwn || !CROWDED_OUT.has(reason) || (decision.kind === 'FLAG' && isDisputed);
}

/** The refund that the end of an order asked for. */
export interface OwnRefund {
  readonly refundId: string;
  readonly askedMinor: bigint;
  /** Why it needs a person; null while it does not. */
  readonly failure: string | null;
}

export interface RefundAnswer {
  readonly refundId: string;
  readonly hasSucceeded: boolean;
  readonly reason: string | null;
}

/** `GIVEN_BACK`: nothing is left to go back, and it was not ours that gave it. */
export type RefundDecision = { readonly kind: 'LEAVE' | 'DONE' | 'GIVEN_BACK' | 'FLAG' } | { readonly kind: 'ASK'; readonly minor: bigint };

/**
 * What the answer to a refund, our own or an operator's, does to our own. One that was crowded out by others is asked for again, for what is
 * left, as soon as it is known how one of these ended.
 * @param order with this answer counted
 */
export function decideRefundAnswered(
  { capturedMinor, refundedMinor }: Pick<OrderFacts, 'capturedMinor' | 'refundedMinor'>,
  own: OwnRefund | null,
  answer: RefundAnswer,
): RefundDecision {
  if (!own) return { kind: 'LEAVE' };
  const leftMinor = capturedMinor - refundedMinor;
  const isOwn = own.refundId === answer.refundId;
  if (isOwn && answer.hasSucceeded) return { kind: 'DONE' };
  if (leftMinor <= 0n) return { kind: 'GIVEN_BACK' };
  if (!isOwn) return CROWDED_OUT.has(own.failure) ? { kind: 'ASK', minor: leftMinor } : { kind: 'LEAVE' };
  return CROWDED_OUT.has(answer.reason) && own.askedMinor > leftMinor ? { kind: 'ASK', minor: leftMinor } : { kind: 'FLAG' };
}
