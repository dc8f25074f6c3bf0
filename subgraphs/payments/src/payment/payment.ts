/** Rules of a payment: what follows from what was asked and answered. Plain data in, decision out; no I/O, no clock, no randomness. */
import { unreachable } from '@tessera/service-kit/errors';

export type PaymentState = 'PENDING' | 'REQUIRES_ACTION' | 'AUTHORISED' | 'CAPTURED' | 'FAILED' | 'VOIDED';
export type AttemptState = 'INIT' | 'REQUIRES_ACTION' | 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'UNKNOWN';
/** How the customer pays. */
export type Tender = 'CARD' | 'PAYPAL' | 'WALLET' | 'SPLIT';
/**
 * What orders has asked for and the tender has not answered yet. `CAPTURE_ELSE_VOID`: the order ended while the capture was under way.
 * `CAPTURE_REFUSED`: the tender will not, for ever; the hold is still there.
 */
export type Wish = 'NONE' | 'CAPTURE' | 'CAPTURE_ELSE_VOID' | 'CAPTURE_REFUSED' | 'VOID';

export interface PaymentFacts {
  readonly state: PaymentState;
  readonly wish: Wish;
  /** Whether the tender has been asked for the money; not while an attempt waits for its wallet. */
  readonly isAsked: boolean;
}

/** What the tender answered or orders wants. Each may come twice, late, or in any order. */
export type Signal =
  | { readonly kind: 'ACTION_REQUIRED' | 'AUTHORISED' | 'CAPTURED' | 'VOIDED' | 'EXPIRED' | 'CAPTURE_WANTED' }
  | { readonly kind: 'VOID_WANTED' | 'REFUSED' | 'CAPTURE_REFUSED' | 'VOID_REFUSED'; readonly reason: string };

export interface Move {
  readonly state: PaymentState;
  readonly wish: Wish;
  /** Why it fails or is to be voided; null leaves what was said before. */
  readonly reason: string | null;
  /** What the tender is to be asked next. */
  readonly ask: 'CAPTURE' | 'VOID' | null;
  /** The fact that others are told; null where nothing changes for them. */
  readonly tell: 'PaymentRequiresAction' | 'PaymentAuthorised' | 'PaymentCaptured' | 'PaymentFailed' | 'PaymentVoided' | null;
  /** What becomes of the current attempt; null leaves it. */
  readonly attempt: 'REQUIRES_ACTION' | 'SUCCEEDED' | 'FAILED' | null;
  /** What a person has to look at. */
  readonly alarm: string | null;
}

/** The hold lapsed before it was captured. */
const HOLD_EXPIRED = 'HOLD_EXPIRED';
const CONTRADICTION = 'LEDGER_CONTRADICTION';

/** What follows from the signal, or null when it changes nothing. Forward only: a captured or voided payment stays so. */
export function decide(facts: PaymentFacts, signal: Signal): Move | null {
  switch (signal.kind) {
    case 'ACTION_REQUIRED':
      return onActionRequired(facts);
    case 'AUTHORISED':
      return onAuthorised(facts);
    case 'CAPTURED':
      return onCaptured(facts);
    case 'VOIDED':
      return isOpen(facts) ? voided(facts, wantsVoid(facts) ? null : 'VOIDED') : contradiction(facts, facts.state === 'CAPTURED');
    case 'EXPIRED':
      if (!isOpen(facts)) return contradiction(facts, facts.state === 'CAPTURED');
      return wantsVoid(facts) ? voided(facts, null) : failed(HOLD_EXPIRED);
    case 'REFUSED':
      if (!isAwaiting(facts)) return null;
      return facts.wish === 'VOID' ? voided(facts, signal.reason) : failed(signal.reason);
    case 'CAPTURE_WANTED':
      return onCaptureWanted(facts);
    case 'VOID_WANTED':
      return onVoidWanted(facts, signal.reason);
    case 'CAPTURE_REFUSED':
      return onCaptureRefused(facts, signal.reason);
    case 'VOID_REFUSED':
      // The hold is as it was: its deadline ends the matter. Until then a person may still help.
      return isOpen(facts) ? { ...stay(facts), alarm: signal.reason } : null;
    default:
      return unreachable(signal);
  }
}

/** The customer can pay now. Where the order has ended meanwhile, the way is closed again at once. */
function onActionRequired(facts: PaymentFacts): Move | null {
  if (facts.state !== 'PENDING') return null;
  const isUnwanted = facts.wish === 'VOID';
  const tell = isUnwanted ? null : 'PaymentRequiresAction';
  return { ...stay(facts), state: 'REQUIRES_ACTION', ask: isUnwanted ? 'VOID' : null, tell, attempt: 'REQUIRES_ACTION' };
}

function onAuthorised(facts: PaymentFacts): Move | null {
  if (!isAwaiting(facts)) return null;
  const ask = facts.wish === 'CAPTURE' || facts.wish === 'VOID' ? facts.wish : null;
  // Nobody who waits for a void wants to hear first that the money is there.
  const tell = facts.wish === 'VOID' ? null : 'PaymentAuthorised';
  return { ...stay(facts), state: 'AUTHORISED', ask, tell, attempt: 'SUCCEEDED' };
}

/** Also straight from PENDING: the answer about the capture may overtake the one about the hold. */
function onCaptured(facts: PaymentFacts): Move | null {
  if (!isOpen(facts)) return contradiction(facts, facts.state !== 'CAPTURED');
  return { ...stay(facts), state: 'CAPTURED', wish: 'NONE', tell: 'PaymentCaptured', attempt: 'SUCCEEDED' };
}

function onCaptureWanted(facts: PaymentFacts): Move | null {
  if (!isOpen(facts) || facts.wish !== 'NONE') return null;
  return { ...stay(facts), wish: 'CAPTURE', ask: facts.state === 'AUTHORISED' ? 'CAPTURE' : null };
}

/** Where the order has ended meanwhile, nobody has to look: its hold is given back. */
function onCaptureRefused(facts: PaymentFacts, reason: string): Move | null {
  if (!isOpen(facts)) return null;
  if (facts.wish === 'CAPTURE_ELSE_VOID') return { ...stay(facts), wish: 'VOID', ask: 'VOID' };
  return { ...stay(facts), wish: facts.wish === 'CAPTURE' ? 'CAPTURE_REFUSED' : facts.wish, alarm: reason };
}

/** A capture that was asked for before runs its course: once captured, the money goes back by refund; once refused, the hold does. */
function onVoidWanted(facts: PaymentFacts, reason: string): Move | null {
  if (facts.state === 'FAILED') return voided(facts, reason);
  if (!isOpen(facts) || wantsVoid(facts)) return null;
  if (!facts.isAsked) return { ...voided(facts, reason), attempt: 'FAILED' };
  if (facts.state === 'AUTHORISED') {
    if (facts.wish === 'CAPTURE') return { ...stay(facts), wish: 'CAPTURE_ELSE_VOID', reason };
    return { ...stay(facts), wish: 'VOID', reason, ask: 'VOID' };
  }
  return { ...stay(facts), wish: 'VOID', reason, ask: facts.state === 'REQUIRES_ACTION' ? 'VOID' : null };
}

function isAwaiting({ state }: PaymentFacts): boolean {
  return state === 'PENDING' || state === 'REQUIRES_ACTION';
}

function isOpen(facts: PaymentFacts): boolean {
  return isAwaiting(facts) || facts.state === 'AUTHORISED';
}

function wantsVoid({ wish }: PaymentFacts): boolean {
  return wish === 'VOID' || wish === 'CAPTURE_ELSE_VOID';
}

function stay({ state, wish }: PaymentFacts): Move {
  return { state, wish, reason: null, ask: null, tell: null, attempt: null, alarm: null };
}

function failed(reason: string): Move {
  return { state: 'FAILED', wish: 'NONE', reason, ask: null, tell: 'PaymentFailed', attempt: 'FAILED', alarm: null };
}

/** An attempt that got its money keeps its success: it is the payment that was given back. */
function voided(facts: PaymentFacts, reason: string | null): Move {
  const attempt = isAwaiting(facts) ? 'FAILED' : null;
  return { state: 'VOIDED', wish: 'NONE', reason, ask: null, tell: 'PaymentVoided', attempt, alarm: null };
}

/** A hold resolves once, so two different endings of one hold cannot both be true. */
function contradiction(facts: PaymentFacts, isOne: boolean): Move | null {
  return isOne ? { ...stay(facts), alarm: CONTRADICTION } : null;
}

export const MAX_ATTEMPTS = 20;

/**
 * A payment that failed, or that waits for the customer, may be tried otherwise while its order waits for money; one that was voided belongs
 * to an order that is over.
 */
export function mayRetry(
  payment: { readonly state: PaymentState; readonly deadline: Date; readonly attempts: number },
  now: Date,
): boolean {
  const isOpen = payment.state === 'FAILED' || payment.state === 'REQUIRES_ACTION';
  return isOpen && now < payment.deadline && payment.attempts < MAX_ATTEMPTS;
}
