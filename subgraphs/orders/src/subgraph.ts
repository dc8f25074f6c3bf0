import { createEnvelope, deriveKey, recognitionKey } from '@tessera/service-kit/crypto';
import { isId } from '@tessera/service-kit/ids';
import type { EventHandlers } from '@tessera/service-kit/messaging';
import { defineSubgraph, type Platform, type Subgraph, type SubgraphConfig, type Worker } from '@tessera/service-kit/subgraph';
import { CartChangedResolver, CartLineResolver, CartResolver } from './cart/cart.resolver.ts';
import { createCartCache } from './cart/cart-cache.ts';
import { purgeCarts } from './cart/purge-carts.ts';
import * as checkout from './checkout/checkout.resolver.ts';
import { taxIncluded } from './checkout/tax.ts';
import type { OrdersSettings } from './config.ts';
import { UserFieldsResolver } from './foreign/user.resolver.ts';
import { ordersMigrations } from './migrations/index.ts';
import { createOperator } from './operator/operator.ts';
import { expireOrders } from './order/expire-orders.ts';
import { onDisputeClosed, onDisputeOpened } from './order/on-dispute.ts';
import { onPaymentAuthorised } from './order/on-payment-authorised.ts';
import { onPaymentCaptured } from './order/on-payment-captured.ts';
import { onPaymentFailed, onPaymentVoided } from './order/on-payment-lost.ts';
import { onPaymentRequiresAction } from './order/on-payment-requires-action.ts';
import { onPaymentRejected, onPaymentUnderReview } from './order/on-payment-reviewed.ts';
import { onRefundFailed, onRefundSucceeded } from './order/on-refund-answered.ts';
import { onRefundReturned, onStrayRefunded } from './order/on-refund-returned.ts';
import { OrderEntity, OrderLineEntity } from './order/order.entity.ts';
import { OrderResolver } from './order/order.resolver.ts';
import { visibleOrder } from './order/order.view.ts';
import { OrderCancelledResolver, OrderLineResolver } from './order/order-line.resolver.ts';
import { resendCommands } from './saga/resend-commands.ts';
import type { OrdersServices } from './services.ts';
import { AvailabilityResolver, StockAdjustedResolver, StockResolver } from './stock/stock.resolver.ts';
import { StockItemEntity } from './stock/stock-item.entity.ts';
import { UnitEntity } from './unit/unit.entity.ts';
import { ownUnit } from './unit/unit.load.ts';
import { UnitResolver, UnitRevealedResolver, UnitsDepositedResolver } from './unit/unit.resolver.ts';
import { onProductArchived, onProductPublished } from './variant/on-product-published.ts';
import { onVariantChanged } from './variant/on-variant-changed.ts';
import { onVariantRemoved } from './variant/on-variant-removed.ts';
import { ProductEntity, VariantEntity } from './variant/variant.entity.ts';

export { ordersConfig as configShape } from './config.ts';
export type { OrdersServices } from './services.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** The composition root: orders knows nothing about who hosts it, and connects nothing before `start`. */
export function createSubgraph(config: SubgraphConfig & OrdersSettings): Subgraph<OrdersServices> {
  return defineSubgraph<OrdersServices>({
    name: 'orders',
    config,
    services: (platform) => services(config, platform),
    resolvers: [
      AvailabilityResolver,
      StockResolver,
      StockAdjustedResolver,
      CartResolver,
      CartLineResolver,
      CartChangedResolver,
      ...Object.values(checkout),
      OrderResolver,
      OrderLineResolver,
      OrderCancelledResolver,
      UnitResolver,
      UnitRevealedResolver,
      UnitsDepositedResolver,
      UserFieldsResolver,
    ],
    references: {
      Order: ({ id }, context) => (isId('order', id) ? context.load(visibleOrder, id) : null),
      Unit: ({ id }, context) => (isId('unit', id) ? context.load(ownUnit, id) : null),
      ProductVariant: ({ id }) => (isId('variant', id) ? { id } : null),
      User: ({ id }) => (isId('user', id) ? { id } : null),
    },
    entities: [VariantEntity, ProductEntity, StockItemEntity, OrderEntity, OrderLineEntity, UnitEntity],
    migrations: ordersMigrations,
    handlers,
    workers,
  });
}

function services(config: SubgraphConfig & OrdersSettings, { orm, log }: Platform) {
  const envelope = createEnvelope(config.encryptionKeys);
  const digestKey = deriveKey(config.secret, 'unit-digests');
  const cartCache = createCartCache({ url: config.redisUrl, prefix: config.redisKeyPrefix ?? '', log });
  return {
    envelope,
    digestKey,
    cartCache,
    recognise: (kind: string, text: string) => recognitionKey(config.eventsSecret, kind, text),
    tax: taxIncluded,
    flatShipping: config.flatShipping,
    paymentDeadlineMs: config.paymentDeadlineMs,
    quoteTtlMs: config.quoteTtlMs,
    answerDeadlineMs: config.answerDeadlineMs,
    operator: createOperator(() => orm.em.fork(), { envelope, digestKey }),
    close: () => cartCache.close(),
  };
}

function handlers(own: OrdersServices): EventHandlers {
  return {
    VariantAdded: onVariantChanged,
    VariantChanged: onVariantChanged,
    PriceChanged: onVariantChanged,
    VariantRemoved: onVariantRemoved,
    ProductPublished: onProductPublished,
    ProductArchived: onProductArchived,
    PaymentRequiresAction: onPaymentRequiresAction,
    PaymentAuthorised: (event, unit) => onPaymentAuthorised(event, unit, own),
    PaymentCaptured: (event, unit) => onPaymentCaptured(event, unit, own),
    PaymentUnderReview: (event, unit) => onPaymentUnderReview(event, unit, own),
    PaymentRejected: (event, unit) => onPaymentRejected(event, unit, own),
    PaymentFailed: (event, unit) => onPaymentFailed(event, unit, own),
    PaymentVoided: (event, unit) => onPaymentVoided(event, unit, own),
    RefundSucceeded: (event, unit) => onRefundSucceeded(event, unit, own),
    RefundFailed: (event, unit) => onRefundFailed(event, unit, own),
    RefundReturned: onRefundReturned,
    StrayRefunded: onStrayRefunded,
    DisputeOpened: onDisputeOpened,
    DisputeClosed: onDisputeClosed,
  };
}

function workers(own: OrdersServices, { log }: Platform): readonly Worker[] {
  return [
    { name: 'expire-orders', intervalMs: SECOND_MS, run: (unit) => expireOrders(unit, { ...own, log }) },
    { name: 'resend-commands', intervalMs: SECOND_MS, run: (unit) => resendCommands(unit, own.answerDeadlineMs) },
    { name: 'purge-carts', intervalMs: HOUR_MS, run: purgeCarts },
  ];
}
