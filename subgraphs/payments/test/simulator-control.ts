/**
 * What only the simulator can do, over HTTP. Says the part of infra/simulators/stripe/src/control/types.ts that tests of payments use; a
 * method that is missing here is one line.
 */
export interface SimulatorControl {
  advanceClock(ms: number): Promise<void>;
  /** What is not named does not happen from now on; `{}` ends all faults. Names as in infra/simulators/stripe/src/faults/plan.ts. */
  setFaults(plan: Readonly<Record<string, unknown>>): Promise<void>;
  /** How often each fault happened. */
  injected(): Promise<Readonly<Record<string, number>>>;
  setWebhook(webhook: { readonly url: string; readonly secret: string }): Promise<void>;
  /** Both secrets sign for the next 24 hours. */
  rotateWebhookSecret(): Promise<{ readonly secret: string }>;
  payCheckoutSession(id: string, payment?: Payment): Promise<PaymentOutcome>;
  /** Also where the session has expired. */
  payAfterAll(id: string, payment?: Payment): Promise<PaymentOutcome>;
  /** As the customer's browser does it with the client secret. */
  confirmPaymentIntent(id: string, payment?: Payment): Promise<PaymentOutcome>;
  openDispute(chargeId: string, dispute?: { readonly amount?: number; readonly reason?: string }): Promise<{ readonly id: string }>;
  closeDispute(id: string, outcome: 'won' | 'lost'): Promise<unknown>;
  failRefund(id: string): Promise<void>;
  settleIn(settlement?: { readonly currency: string; readonly rate: number }): Promise<void>;
  succeedRefund(id: string): Promise<void>;
  /** What really happened to the charges with this metadata, their own or that of their intent. */
  chargesFor(metadataKey: string, value: string): Promise<readonly BookEntry[]>;
  refundsFor(metadataKey: string, value: string): Promise<readonly BookEntry[]>;
  books(): Promise<Books>;
  /** Oldest first. */
  events(): Promise<readonly SimulatedEvent[]>;
  resend(eventId: string): Promise<unknown>;
  resendTwice(eventId: string): Promise<unknown>;
  /** Nothing of this event, or of any event from now on, is sent until it is released. */
  hold(eventId: string): Promise<void>;
  release(eventId: string): Promise<void>;
  /** Sends the event with a wrong signature. */
  forge(eventId: string): Promise<unknown>;
  pendingDeliveries(): Promise<number>;
}

export interface Payment {
  /** A test card by number, or by token such as `pm_card_visa`. */
  readonly card?: string;
  readonly threeDSecure?: 'COMPLETE' | 'FAIL';
  readonly delayMs?: number;
}

export interface PaymentOutcome {
  readonly status: 'SUCCEEDED' | 'AUTHORIZED' | 'SET_UP' | 'DECLINED' | 'REQUIRES_ACTION' | 'PROCESSING' | 'CANCELED';
  readonly paymentIntent: string | null;
  readonly charge: string | null;
}

export interface BookEntry {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly payment_intent: string;
}

/** Minor units; charged − refunded − disputed − fees = net. */
export interface Books {
  readonly currencies: Readonly<Record<string, Readonly<Record<'charged' | 'refunded' | 'disputed' | 'fees' | 'net', number>>>>;
  readonly charges: readonly BookEntry[];
  readonly refunds: readonly BookEntry[];
  readonly disputes: readonly BookEntry[];
}

export interface SimulatedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly object: Readonly<Record<string, unknown>> };
}

const NAMES: Readonly<Record<keyof SimulatorControl, true>> = {
  advanceClock: true,
  setFaults: true,
  injected: true,
  setWebhook: true,
  rotateWebhookSecret: true,
  payCheckoutSession: true,
  confirmPaymentIntent: true,
  openDispute: true,
  closeDispute: true,
  failRefund: true,
  settleIn: true,
  payAfterAll: true,
  succeedRefund: true,
  chargesFor: true,
  refundsFor: true,
  books: true,
  events: true,
  resend: true,
  resendTwice: true,
  hold: true,
  release: true,
  forge: true,
  pendingDeliveries: true,
};

const CALL_MS = 15_000;

/** @param url `http://127.0.0.1:PORT`. Calls throw Error with what the simulator says. */
export function connectControl(url: string): SimulatorControl {
  const calls = Object.keys(NAMES).map((name) => [name, (...parameters: unknown[]) => call(`${url}/_simulator/${name}`, parameters)]);
  return Object.fromEntries(calls) as SimulatorControl; // NAMES has every name
}

async function call(url: string, parameters: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
    signal: AbortSignal.timeout(CALL_MS),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { code: string; message: string } }; // what the control API answers
  if (answer.error) throw new Error(`The simulator refuses: ${answer.error.message} (${answer.error.code})`);
  return answer.result ?? undefined;
}
