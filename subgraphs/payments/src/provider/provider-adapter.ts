import type { CardAmountProblem, CurrencyCode } from '@tessera/schema/contract';
import type { ClientAction, ProviderName } from './provider-name.ts';

/**
 * How a provider is asked over the network: the seam behind which each one's SDK lives. Nothing here touches the database. Every method that
 * changes something takes the idempotency key, made from a row's id; asked again with the same key it has no second effect. Amounts are minor
 * units of the ledger's currencies, whatever the provider counts in.
 * @throws ProviderError whenever there is no definitive answer of the kinds below
 */
export interface ProviderAdapter {
  readonly name: ProviderName;
  readonly publishableKey: string | null;
  /** Why this amount cannot be charged, or null; known without asking. */
  chargeable(amount: ProviderAmount): CardAmountProblem | null;

  openPage(request: OpenAttempt, key: string): Promise<AttemptReport>;
  openIntent(request: OpenAttempt, key: string): Promise<AttemptReport>;
  /** Charges a saved card while the customer is away from the provider's pages. */
  chargeSaved(request: OpenAttempt & SavedCard, key: string): Promise<AttemptReport>;
  readAttempt(reference: AttemptReference): Promise<AttemptReport>;
  /** Makes sure that no money comes any more; what came before is told as SUCCEEDED. */
  closeAttempt(reference: AttemptReference, key: string): Promise<AttemptReport>;
  /** Looks for what became of an attempt when only our own id of it is known; null: there is nothing. */
  findAttempt(attemptId: string, since: Date): Promise<AttemptReport | null>;

  refund(request: OpenRefund, key: string): Promise<RefundReport>;
  readRefund(providerRefundId: string): Promise<RefundReport>;
  findRefund(request: OpenRefund): Promise<RefundReport | null>;

  readDispute(providerDisputeId: string): Promise<DisputeReport>;

  /** The provider's customer of a user: made once per key. */
  openCustomer(userId: string, key: string): Promise<string>;
  openMethodPage(request: OpenMethod, key: string): Promise<MethodReport>;
  readMethod(sessionId: string): Promise<MethodReport>;
  removeMethod(providerMethodId: string): Promise<void>;

  /** Verifies the signature over the raw bytes. @throws WebhookRefused */
  verifyWebhook(body: Buffer, signature: string): ProviderEvent;
  /** Events since then, oldest first, at most 1,000; finds what no webhook told. */
  eventsSince(since: Date): Promise<readonly ProviderEvent[]>;
  /** Everything that moved the platform's balance at the provider within [from, to), in any order, as it is read; `signal` ends the reading. */
  movements(from: Date, to: Date, signal?: AbortSignal): AsyncIterable<ProviderMovement>;
}

export interface ProviderAmount {
  readonly currency: CurrencyCode;
  readonly minor: bigint;
}

export interface OpenAttempt {
  readonly attemptId: string;
  readonly paymentId: string;
  readonly orderId: string | null;
  readonly amount: ProviderAmount;
  readonly description: string;
  /** When it was first asked for. A page ends so long after it: asked again with the same key, the request has to be the same. */
  readonly firstAskedAt: Date;
  /** Where the provider's page sends the customer afterwards. */
  readonly returnUrl: string;
  readonly cancelUrl: string;
}

export interface SavedCard {
  readonly providerCustomerId: string;
  readonly providerMethodId: string;
}

export interface AttemptReference {
  readonly attemptId: string;
  readonly sessionId: string | null;
  readonly intentId: string | null;
}

interface ReportedIds {
  readonly sessionId: string | null;
  readonly intentId: string | null;
}

/** How an attempt stands at the provider. SUCCEEDED and CLOSED are final there. */
export type AttemptReport =
  /** The customer has to act; `lastDecline` is why the last card did not do. */
  | (ReportedIds & {
      readonly kind: 'ACTION_REQUIRED';
      readonly action: Pick<ClientAction, 'kind' | 'url' | 'clientSecret'>;
      readonly lastDecline: string | null;
    })
  /** The provider is still at it. */
  | (ReportedIds & { readonly kind: 'PROCESSING' })
  | (ReportedIds & {
      readonly kind: 'SUCCEEDED';
      readonly chargeId: string;
      readonly amount: ProviderAmount;
      readonly fee: ProviderAmount | null;
      readonly card: CardFacts | null;
    })
  /** No money came, and none can come any more. */
  | (ReportedIds & { readonly kind: 'CLOSED'; readonly reason: string });

export interface CardFacts {
  readonly brand: string;
  readonly last4: string;
  readonly fingerprint: string | null;
  readonly country: string | null;
}

export interface OpenRefund {
  readonly refundId: string;
  readonly paymentId: string;
  readonly intentId: string;
  readonly amount: ProviderAmount;
}

export interface RefundReport {
  readonly providerRefundId: string;
  /** Of the payment that it gives back. */
  readonly intentId: string | null;
  readonly state: 'PENDING' | 'SUCCEEDED' | 'FAILED';
  readonly reason: string | null;
  readonly amount: ProviderAmount;
}

export interface DisputeReport {
  readonly providerDisputeId: string;
  readonly intentId: string | null;
  readonly chargeId: string;
  /** INQUIRY: no money has moved. */
  readonly state: 'INQUIRY' | 'OPEN' | 'WON' | 'LOST';
  readonly amount: ProviderAmount;
  readonly fee: ProviderAmount | null;
  readonly reason: string;
  readonly evidenceDueAt: Date | null;
  readonly openedAt: Date;
}

export interface OpenMethod {
  readonly methodId: string;
  readonly providerCustomerId: string;
  readonly returnUrl: string;
  readonly cancelUrl: string;
}

export type MethodReport =
  | { readonly kind: 'ACTION_REQUIRED'; readonly sessionId: string; readonly url: string }
  | {
      readonly kind: 'ACTIVE';
      readonly sessionId: string;
      readonly providerMethodId: string;
      readonly card: CardFacts & { readonly expiresYear: number; readonly expiresMonth: number };
    }
  | { readonly kind: 'CLOSED'; readonly sessionId: string; readonly reason: string };

/** An event as the inbox keeps it. `subject` says what is to be read again. */
export interface ProviderEvent {
  readonly id: string;
  readonly type: string;
  readonly createdAt: Date;
  readonly objectId: string | null;
  readonly subject: EventSubject;
  readonly payload: Readonly<Record<string, unknown>>;
}

export type EventSubject =
  | { readonly kind: 'ATTEMPT'; readonly attemptId: string | null; readonly sessionId: string | null; readonly intentId: string | null }
  | { readonly kind: 'REFUND'; readonly refundId: string | null; readonly providerRefundId: string; readonly intentId: string | null }
  | { readonly kind: 'DISPUTE'; readonly providerDisputeId: string; readonly intentId: string | null; readonly chargeId: string | null }
  | { readonly kind: 'METHOD'; readonly methodId: string | null; readonly sessionId: string | null }
  | { readonly kind: 'NONE' };

/** One line of the provider's own books. `netMinor` is what the balance changed by, signed. */
export interface ProviderMovement {
  readonly id: string;
  readonly kind: 'CHARGE' | 'REFUND' | 'REFUND_FAILED' | 'DISPUTE' | 'DISPUTE_REVERSED' | 'FEE' | 'PAYOUT' | 'OTHER';
  /** Id of the charge, refund or dispute. */
  readonly sourceId: string | null;
  readonly currency: CurrencyCode;
  /** Signed, before the fee. */
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly netMinor: bigint;
  /** The provider settles in another currency than the customer paid in: these amounts are what it turned the money into. */
  readonly isConverted: boolean;
  readonly createdAt: Date;
}
