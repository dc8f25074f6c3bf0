import type { FaultFamily, FaultPlan } from '../faults/plan.ts';
import type { Settlement } from '../money/settlement.ts';
import type { StripeEvent } from '../objects/event-types.ts';
import type { DisputeStatus, RefundStatus } from '../objects/money-types.ts';
import type { BalanceTransaction, Metadata } from '../objects/types.ts';
import type { DeliveryKind, DeliveryState } from '../webhooks/types.ts';

/** How a person pays. */
export interface Payment {
  /** A test card by number or by token (`pm_card_visa`); 4242 4242 4242 4242 when left out. */
  readonly card?: string;
  /** What the person does at the 3-D Secure page, should it come; left out: the page stays open. */
  readonly threeDSecure?: 'COMPLETE' | 'FAIL';
  /** How long the bank takes, on the simulated clock; the call waits for the outcome. */
  readonly delayMs?: number;
  readonly name?: string;
  readonly email?: string;
}

export interface ConfirmPayment extends Payment {
  /** The saved payment method of the intent is used when neither this nor a card is named. */
  readonly paymentMethod?: string;
  readonly offSession?: boolean;
}

export interface PaymentOutcome {
  /** SET_UP: a card was saved in setup mode. REQUIRES_ACTION: the 3-D Secure page is open. */
  readonly status: 'SUCCEEDED' | 'AUTHORIZED' | 'SET_UP' | 'DECLINED' | 'REQUIRES_ACTION' | 'PROCESSING' | 'CANCELED';
  readonly paymentIntent: string | null;
  readonly setupIntent: string | null;
  readonly charge: string | null;
  /** Of a decline: Stripe's code, its decline code, and the sentence for the customer. */
  readonly code: string | null;
  readonly declineCode: string | null;
  readonly message: string | null;
  /** The page that is open. */
  readonly threeDSecureUrl: string | null;
}

export interface BookEntry {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Metadata;
  readonly payment_intent: string;
}

/** Successful. `amount` is what was captured; `authorized` what the bank set aside. */
export interface ChargeEntry extends BookEntry {
  readonly captured: boolean;
  readonly authorized: number;
}

/** Not failed and not canceled. */
export interface RefundEntry extends BookEntry {
  readonly charge: string;
  readonly status: RefundStatus;
}

export interface DisputeEntry extends BookEntry {
  readonly charge: string;
  readonly status: DisputeStatus;
  readonly reason: string;
}

/** Minor units of one currency: charged − refunded − disputed − fees = net, the balance at Stripe. */
export interface CurrencyTotals {
  readonly charged: number;
  readonly refunded: number;
  /** What disputes took and did not give back. */
  readonly disputed: number;
  readonly fees: number;
  readonly net: number;
}

export interface Books {
  readonly currencies: Readonly<Record<string, CurrencyTotals>>;
  readonly charges: readonly ChargeEntry[];
  readonly refunds: readonly RefundEntry[];
  /** All, the won ones as well. */
  readonly disputes: readonly DisputeEntry[];
}

export interface Attempt {
  /** Instant of the simulated clock, ISO 8601. */
  readonly at: string;
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
}

export interface Delivery {
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly event: string;
  readonly type: string;
  readonly endpoint: string;
  readonly url: string;
  readonly state: DeliveryState;
  readonly attempts: readonly Attempt[];
  /** ISO 8601; null when nothing more is sent. */
  readonly nextAttemptAt: string | null;
}

export interface ResetOptions {
  /** Default false: ids begin with the first again. */
  readonly keepIds?: boolean;
}

/**
 * What only the simulator can do: tests and operators turn its clock, act for the customer and the bank, and ask what really happened.
 * In process and over HTTP it is the same. @throws SimulatorError for what cannot be
 */
export interface SimulatorControl {
  /**
   * Everything as at the start: no objects, first ids, real time, the faults of the options. The webhook that was set stays.
   * A shop that goes on and remembers ids needs `keepIds`: they go on then, and none comes a second time.
   */
  reset(options?: ResetOptions): Promise<void>;
  /** Milliseconds forward; sessions expire and webhooks are sent on the way, each at its instant, before the call returns. */
  advanceClock(ms: number): Promise<void>;
  /** Epoch milliseconds of the simulated clock. */
  now(): Promise<number>;
  /** What is not named does not happen from now on; `{}` ends all faults, and an outage that runs. */
  setFaults(plan: Partial<FaultPlan>): Promise<void>;
  faults(): Promise<FaultPlan>;
  /** How often each fault happened. */
  injected(): Promise<Readonly<Record<FaultFamily, number>>>;
  /** Of the endpoint that options and this call set. */
  setWebhook(webhook: { readonly url: string; readonly secret: string }): Promise<void>;
  /** Answers the new secret. Both sign for the next 24 hours. */
  rotateWebhookSecret(): Promise<{ readonly secret: string }>;
  payCheckoutSession(id: string, payment?: Payment): Promise<PaymentOutcome>;
  /** The same at a session that has expired: a charge that nobody should be able to make, for shops that have to bear it. */
  payAfterAll(id: string, payment?: Payment): Promise<PaymentOutcome>;
  /** The person leaves: the session stays open until it expires. Answers where the shop wanted them back. */
  abandonCheckoutSession(id: string): Promise<{ readonly cancelUrl: string | null }>;
  /** As the customer's browser does it with the client secret. */
  confirmPaymentIntent(id: string, payment?: ConfirmPayment): Promise<PaymentOutcome>;
  /** @param id of a PaymentIntent, or a SetupIntent */
  resolveThreeDSecure(id: string, ok: boolean): Promise<PaymentOutcome>;
  openDispute(chargeId: string, dispute?: { readonly amount?: number; readonly reason?: string }): Promise<DisputeEntry>;
  closeDispute(id: string, outcome: 'won' | 'lost'): Promise<DisputeEntry>;
  /** A refund that is pending or succeeded comes back. */
  failRefund(id: string): Promise<void>;
  /**
   * From now on the account is paid out in this currency only: balance transactions of all others are turned into it, at this rate. Without
   * arguments each currency is its own again.
   */
  settleIn(settlement?: Settlement): Promise<void>;
  /** A refund that is pending arrives. */
  succeedRefund(id: string): Promise<void>;
  /** The successful charges whose own metadata, or that of their PaymentIntent or Checkout Session, has this value. */
  chargesFor(metadataKey: string, value: string): Promise<readonly ChargeEntry[]>;
  /** The refunds, failed ones left out, whose own metadata or that of their charge has this value. */
  refundsFor(metadataKey: string, value: string): Promise<readonly RefundEntry[]>;
  books(): Promise<Books>;
  /** Oldest first. */
  balanceTransactions(): Promise<readonly BalanceTransaction[]>;
  /** Oldest first. */
  events(): Promise<readonly StripeEvent[]>;
  /** Oldest first. */
  deliveries(): Promise<readonly Delivery[]>;
  /** Sends the event once more to every endpoint, and answers how that went. */
  resend(eventId: string): Promise<readonly Delivery[]>;
  /** Twice at the same time. */
  resendTwice(eventId: string): Promise<readonly Delivery[]>;
  /** Nothing of this event, or of any event from now on, is sent until it is released. */
  hold(eventId: string | 'ALL'): Promise<void>;
  release(eventId: string | 'ALL'): Promise<void>;
  /** Sends the event with a wrong signature. */
  forge(eventId: string): Promise<readonly Delivery[]>;
  /** How many are on their way or wait for their next try; held ones are not counted. */
  pendingDeliveries(): Promise<number>;
}

/** `code` is Stripe's where there is one. */
export class SimulatorError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SimulatorError';
    this.code = code;
  }
}
