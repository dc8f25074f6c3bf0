import { defineEntity, p } from '@mikro-orm/core';
import type { CurrencyCode } from '@tessera/schema/contract';
import type { TenderName } from '@tessera/service-kit/graphql';
import type { PostalAddressFacts } from '../checkout/postal-address.ts';
import type { ProductKind } from '../variant/variant.ts';
import type { OrderState, PaymentState } from './order.ts';

const orderSchema = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: {
    id: p.string().primary(),
    number: p.string(),
    customerId: p.string(),
    /** Everybody who sells a line of it. */
    vendorIds: p.array(),
    quoteId: p.string(),
    state: p.string().$type<OrderState>(),
    currency: p.string().$type<CurrencyCode>(),
    subtotalMinor: p.bigint(),
    discountMinor: p.bigint(),
    shippingMinor: p.bigint(),
    taxMinor: p.bigint(),
    totalMinor: p.bigint(),
    authorisedMinor: p.bigint(),
    capturedMinor: p.bigint(),
    refundedMinor: p.bigint(),
    /** Minted here; null when there is nothing to pay. */
    paymentId: p.string().nullable(),
    paymentState: p.string().$type<PaymentState>(),
    tender: p.string().$type<TenderName>(),
    shippingAddress: p.json<PostalAddressFacts>().nullable(),
    placedAt: p.datetime(),
    /** Until when it waits for its money. */
    expiresAt: p.datetime(),
    confirmedAt: p.datetime().nullable(),
    closedAt: p.datetime().nullable(),
  },
});

/** How an order is stored. What may happen to it is in `order.ts`; how it is seen is in `order.type.ts`. */
export class OrderEntity extends orderSchema.class {}
orderSchema.setClass(OrderEntity);

const orderLineSchema = defineEntity({
  name: 'OrderLine',
  tableName: 'order_lines',
  properties: {
    id: p.string().primary(),
    orderId: p.string(),
    place: p.integer(),
    variantId: p.string(),
    productId: p.string(),
    vendorId: p.string(),
    kind: p.string().$type<ProductKind>(),
    sku: p.text(),
    title: p.text(),
    quantity: p.integer(),
    unitMinor: p.bigint(),
  },
});

/** What was bought, as it was when it was bought. */
export class OrderLineEntity extends orderLineSchema.class {}
orderLineSchema.setClass(OrderLineEntity);
