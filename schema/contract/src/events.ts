import { z } from 'zod';

export const SERVICES = ['users', 'catalog', 'orders', 'payments', 'ledger'] as const;
export type ServiceName = (typeof SERVICES)[number];

const id = z.string().min(1);
/** In one way only, and within the 64 bits that every store has for it. */
const minor = z
  .string()
  .regex(/^(0|-?[1-9]\d{0,18})$/, { abort: true })
  .refine((text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text), 'beyond 64 bits');
const money = z.object({ currency: z.string().length(3), minor });
const price = money;

const orderLine = z.object({
  lineId: id,
  variantId: id,
  productId: id,
  vendorId: id,
  quantity: z.number().int().positive(),
  unitPrice: money,
  kind: z.enum(['PHYSICAL', 'DIGITAL_UNITS']),
});
const order = z.object({
  orderId: id,
  number: z.string(),
  customerId: id,
  vendorIds: z.array(id),
  state: z.string(),
  total: money,
  lines: z.array(orderLine),
});
const payment = z.object({
  paymentId: id,
  orderId: id,
  customerId: id,
  tender: z.string(),
  amount: money,
  reason: z.string().nullable().default(null),
});
const dispute = payment.extend({ disputeId: id, disputed: money });
/** One side of a movement as the ledger left it: event-time truth for live balances. */
const side = z.object({
  accountId: id,
  /** Of an account that is not a wallet, such as `system:clearing.stripe:USD`. */
  address: z.string().nullable().default(null),
  ownerId: id.nullable(),
  sequence: z.number().int(),
  balance: money,
  available: money,
});
const movement = z.object({
  transferId: id,
  factKey: z.string(),
  code: z.string(),
  amount: money,
  debit: side,
  credit: side,
  orderId: id.nullable().default(null),
  paymentId: id.nullable().default(null),
});
const refusal = z.object({
  factKey: z.string(),
  amount: money,
  reason: z.string(),
  orderId: id.nullable().default(null),
  paymentId: id.nullable().default(null),
});
const leg = z.object({
  /** A wallet id, or `system:<kind>:<currency>` / `payable:<vendorId>:<currency>`. */
  debit: id,
  credit: id,
  amount: money,
  code: z.string(),
});
/** What tells one purchase from another without naming a person: keyed hashes (`recognitionKey` of the kit), and a country. */
const risk = z.object({
  addressKey: z.string().nullable(),
  shippingKey: z.string().nullable(),
  shippingCountry: z.string().length(2).nullable(),
});
const NO_RISK = { addressKey: null, shippingKey: null, shippingCountry: null };
const reference = { orderId: id.nullable().default(null), paymentId: id.nullable().default(null) };
const variant = z.object({
  variantId: id,
  productId: id,
  vendorId: id,
  sku: z.string(),
  title: z.string(),
  productTitle: z.string(),
  kind: z.enum(['PHYSICAL', 'DIGITAL_UNITS']),
  prices: z.array(price),
});
const product = z.object({ productId: id, vendorId: id, kind: z.enum(['PHYSICAL', 'DIGITAL_UNITS']), title: z.string(), slug: z.string() });
const directoryEntry = z.object({ userId: id, handle: z.string(), displayName: z.string(), emailKey: z.string() });

/** Published language: what every event and command carries. Additive changes only; a consumer ignores what it does not know. */
export const eventPayloads = {
  // users
  UserRegistered: directoryEntry,
  HandleChanged: directoryEntry,
  EmailChanged: directoryEntry,
  EmailVerified: z.object({ userId: id }),
  RoleGranted: z.object({ userId: id, role: z.string() }),
  RoleRevoked: z.object({ userId: id, role: z.string() }),
  UserSuspended: z.object({ userId: id }),
  SessionRevoked: z.object({ userId: id, sessionId: id }),
  // catalog
  ProductPublished: product,
  ProductArchived: product,
  VariantAdded: variant,
  PriceChanged: variant,
  VariantChanged: variant,
  VariantRemoved: z.object({ variantId: id, productId: id }),
  // orders
  OrderPlaced: order,
  OrderConfirmed: order,
  OrderCancelled: order.extend({ reason: z.string().nullable().default(null) }),
  OrderExpired: order,
  OrderRefunded: order,
  OrderPaymentChanged: order.extend({ paymentState: z.string() }),
  UnitsDelivered: order.extend({ unitIds: z.array(id) }),
  StockLow: z.object({ variantId: id, vendorId: id, available: z.number().int() }),
  // payments
  PaymentAuthorised: payment,
  PaymentCaptured: payment,
  PaymentFailed: payment,
  PaymentVoided: payment,
  /** The customer has to do something at the provider: its page is open, or the card asks for a further proof. */
  PaymentRequiresAction: payment,
  /** Captured, but a person decides whether it may stand: the order waits until then. */
  PaymentUnderReview: payment.extend({ reviewUntil: z.string() }),
  /** Captured, and refused by the fraud rules or by whoever reviewed it: the order ends, and its money goes back. */
  PaymentRejected: payment,
  DisputeOpened: dispute,
  DisputeClosed: dispute.extend({ outcome: z.enum(['WON', 'LOST']) }),
  TopUpCaptured: z.object({ paymentId: id, customerId: id, walletId: id, amount: money }),
  RefundSucceeded: payment.extend({ refundId: id, refunded: money }),
  RefundFailed: payment.extend({ refundId: id, refunded: money }),
  /** After RefundSucceeded: the bank sent the money back, and it counts as captured again. */
  RefundReturned: payment.extend({ refundId: id, refunded: money }),
  /** Money that came for an attempt that was over went back; it never counted as captured. May be followed by RefundReturned. */
  StrayRefunded: payment.extend({ refundId: id, refunded: money }),
  // ledger
  WalletOpened: z.object({ walletId: id, ownerId: id, currency: z.string() }),
  WalletClosed: z.object({ walletId: id, ownerId: id, currency: z.string() }),
  /**
   * Also made of a transfer by the ledger's SQL: by `unpack_events` (`ledger-0010-told`), and by `tell_pack` (`ledger-0013-tell-packs`) as the texts that
   * `packedPayloads` reads. A new field, optional or not, needs a migration of both, and its text at the end.
   */
  TransferPosted: movement,
  TransferRefused: refusal,
  HoldPlaced: movement.extend({ holdId: id, expiresAt: z.string() }),
  HoldRefused: refusal,
  HoldPosted: movement.extend({ holdId: id }),
  HoldVoided: movement.extend({ holdId: id }),
  HoldExpired: movement.extend({ holdId: id }),
  PostingCompleted: z.object({ factKey: z.string(), transferIds: z.array(id), ...reference }),
  PostingRefused: z.object({ factKey: z.string(), reason: z.string(), ...reference }),
  // commands to payments
  PaymentRequested: z.object({
    paymentId: id,
    orderId: id,
    customerId: id,
    tender: z.enum(['WALLET', 'CARD']),
    amount: money,
    walletId: id.nullable(),
    /** A saved card to charge at once; without one the customer pays at the provider. */
    paymentMethodId: id.nullable().default(null),
    clientMode: z.enum(['HOSTED_PAGE', 'CONFIRM_IN_PAGE']).default('HOSTED_PAGE'),
    /** What the provider's page calls the purchase, such as an order number. */
    description: z.string().max(200).default('Order'),
    risk: risk.default(NO_RISK),
    /** When the order gives up waiting for money: the hold's deadline. */
    deadline: z.string(),
    /** What each vendor's lines come to before the platform fee; they add up to `amount`. */
    shares: z.array(z.object({ vendorId: id, amount: money })),
  }),
  CaptureRequested: z.object({ paymentId: id, orderId: id }),
  VoidRequested: z.object({ paymentId: id, orderId: id, reason: z.string() }),
  RefundRequested: z.object({
    paymentId: id,
    orderId: id,
    refundId: id,
    amount: money,
    destination: z.enum(['WALLET', 'ORIGINAL']),
    reason: z.string(),
  }),
  // commands to ledger
  HoldRequested: z.object({
    factKey: z.string(),
    walletId: id,
    ownerId: id,
    creditAccount: id,
    amount: money,
    deadline: z.string(),
    code: z.string(),
    ...reference,
  }),
  /** Posts the hold whole and, linked, the legs: all or nothing. */
  HoldPostRequested: z.object({ factKey: z.string(), holdFactKey: z.string(), legs: z.array(leg), ...reference }),
  HoldVoidRequested: z.object({ factKey: z.string(), holdFactKey: z.string(), ...reference }),
  /** With `pendingUntil` the legs are only held, as one, until they are resolved or that time comes. */
  PostingRequested: z.object({
    factKey: z.string(),
    legs: z.array(leg).min(1),
    pendingUntil: z.string().nullable().default(null),
    ...reference,
  }),
  /** Posts or voids, all together, what `pendingFactKey` holds. Answered by PostingCompleted or PostingRefused. */
  PostingResolutionRequested: z.object({
    factKey: z.string(),
    pendingFactKey: z.string(),
    outcome: z.enum(['POST', 'VOID']),
    ...reference,
  }),
} as const;

export type EventType = keyof typeof eventPayloads;
export type EventPayload<T extends EventType> = z.infer<(typeof eventPayloads)[T]>;

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventPayloads, type);
}

/** Who writes which type. A command has a receiver too: it travels on the receiver's stream, one stream per sender. */
const SENDERS: Readonly<Record<EventType, { readonly from: ServiceName; readonly to?: ServiceName }>> = {
  UserRegistered: { from: 'users' },
  HandleChanged: { from: 'users' },
  EmailChanged: { from: 'users' },
  EmailVerified: { from: 'users' },
  RoleGranted: { from: 'users' },
  RoleRevoked: { from: 'users' },
  UserSuspended: { from: 'users' },
  SessionRevoked: { from: 'users' },
  ProductPublished: { from: 'catalog' },
  ProductArchived: { from: 'catalog' },
  VariantAdded: { from: 'catalog' },
  PriceChanged: { from: 'catalog' },
  VariantChanged: { from: 'catalog' },
  VariantRemoved: { from: 'catalog' },
  OrderPlaced: { from: 'orders' },
  OrderConfirmed: { from: 'orders' },
  OrderCancelled: { from: 'orders' },
  OrderExpired: { from: 'orders' },
  OrderRefunded: { from: 'orders' },
  OrderPaymentChanged: { from: 'orders' },
  UnitsDelivered: { from: 'orders' },
  StockLow: { from: 'orders' },
  PaymentAuthorised: { from: 'payments' },
  PaymentCaptured: { from: 'payments' },
  PaymentFailed: { from: 'payments' },
  PaymentVoided: { from: 'payments' },
  PaymentRequiresAction: { from: 'payments' },
  PaymentUnderReview: { from: 'payments' },
  PaymentRejected: { from: 'payments' },
  DisputeOpened: { from: 'payments' },
  DisputeClosed: { from: 'payments' },
  TopUpCaptured: { from: 'payments' },
  RefundSucceeded: { from: 'payments' },
  RefundFailed: { from: 'payments' },
  RefundReturned: { from: 'payments' },
  StrayRefunded: { from: 'payments' },
  WalletOpened: { from: 'ledger' },
  WalletClosed: { from: 'ledger' },
  TransferPosted: { from: 'ledger' },
  TransferRefused: { from: 'ledger' },
  HoldPlaced: { from: 'ledger' },
  HoldRefused: { from: 'ledger' },
  HoldPosted: { from: 'ledger' },
  HoldVoided: { from: 'ledger' },
  HoldExpired: { from: 'ledger' },
  PostingCompleted: { from: 'ledger' },
  PostingRefused: { from: 'ledger' },
  PaymentRequested: { from: 'orders', to: 'payments' },
  CaptureRequested: { from: 'orders', to: 'payments' },
  VoidRequested: { from: 'orders', to: 'payments' },
  RefundRequested: { from: 'orders', to: 'payments' },
  HoldRequested: { from: 'payments', to: 'ledger' },
  HoldPostRequested: { from: 'payments', to: 'ledger' },
  HoldVoidRequested: { from: 'payments', to: 'ledger' },
  PostingRequested: { from: 'payments', to: 'ledger' },
  PostingResolutionRequested: { from: 'payments', to: 'ledger' },
};

const SINGULAR: Readonly<Record<ServiceName, string>> = {
  users: 'user',
  catalog: 'catalog',
  orders: 'order',
  payments: 'payment',
  ledger: 'ledger',
};

/** `order-events`, or for a command `payment-commands:orders` (receiver, then sender): each stream has one writer. */
export type StreamName = `${string}-events` | `${string}-commands:${ServiceName}`;

export function streamOf(type: EventType): StreamName {
  const { from, to } = SENDERS[type];
  return to ? `${SINGULAR[to]}-commands:${from}` : `${SINGULAR[from]}-events`;
}

export function senderOf(type: EventType): ServiceName {
  return SENDERS[type].from;
}
