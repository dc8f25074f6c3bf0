import type { EventPayload } from '@tessera/schema/contract';
import { newId } from '@tessera/service-kit/ids';
import type { Act } from '../cause.ts';
import { confirmOrder } from '../order/confirm-order.ts';
import { recordHistory } from '../order/history.ts';
import { OrderEntity, OrderLineEntity } from '../order/order.entity.ts';
import { orderPayload } from '../order/order-event.ts';
import { newOrderNumber } from '../order/order-number.ts';
import { recordStep, requestStep } from '../saga/steps.ts';
import type { ActServices } from '../services.ts';
import type { PostalAddressFacts } from './postal-address.ts';
import type { Quote } from './quote.store.ts';
import { vendorShares } from './shares.ts';
import type { TenderChoice } from './tender.ts';

export interface NewOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly quote: Quote;
  readonly shippingAddress: PostalAddressFacts | null;
  readonly payWith: TenderChoice;
  readonly risk: EventPayload<'PaymentRequested'>['risk'];
}

/** Writes the order whose stock has just been reserved, and asks for its payment; one that costs nothing is confirmed at once. */
export async function placeOrder(act: Act, placed: NewOrder, services: ActServices): Promise<void> {
  const { em, now } = act;
  const order = em.create(OrderEntity, orderData(placed, now, services));
  const lines = placed.quote.lines.map((line, index) =>
    em.create(OrderLineEntity, { ...line, id: newId('orderLine'), orderId: placed.orderId, place: index + 1 }),
  );
  await em.flush();

  await recordHistory(act, order, 'PLACED');
  await recordStep(act, placed.orderId, 'RESERVE_STOCK');
  act.publish({ type: 'OrderPlaced', aggregateId: placed.orderId, payload: orderPayload(order, lines) });
  if (order.paymentId) await requestPayment(act, order, order.paymentId, placed, services);
  else await confirmOrder(act, order, lines, services);
}

function orderData({ orderId, customerId, quote, shippingAddress, payWith }: NewOrder, now: Date, services: ActServices) {
  const { subtotalMinor, discountMinor, shippingMinor, taxMinor, totalMinor, currency } = quote;
  const isFree = totalMinor === 0n;
  return {
    id: orderId,
    number: newOrderNumber(),
    customerId,
    vendorIds: [...new Set(quote.lines.map((line) => line.vendorId))].sort(),
    quoteId: quote.id,
    state: 'PENDING_PAYMENT',
    currency,
    subtotalMinor,
    discountMinor,
    shippingMinor,
    taxMinor,
    totalMinor,
    authorisedMinor: 0n,
    capturedMinor: 0n,
    refundedMinor: 0n,
    paymentId: isFree ? null : newId('payment'),
    paymentState: isFree ? 'NONE' : 'REQUESTED',
    tender: payWith.tender,
    shippingAddress,
    placedAt: now,
    expiresAt: new Date(now.getTime() + services.paymentDeadlineMs),
    confirmedAt: null,
    closedAt: null,
  } as const;
}

async function requestPayment(
  act: Act,
  order: OrderEntity,
  paymentId: string,
  placed: NewOrder,
  { answerDeadlineMs }: ActServices,
): Promise<void> {
  const { currency } = order;
  const payload = {
    paymentId,
    orderId: order.id,
    customerId: order.customerId,
    ...placed.payWith,
    amount: { currency, minor: order.totalMinor.toString() },
    description: `Order ${order.number}`,
    risk: placed.risk,
    deadline: order.expiresAt.toISOString(),
    shares: vendorShares(placed.quote.lines, placed.quote, currency).map(({ vendorId, minor }) => ({
      vendorId,
      amount: { currency, minor: minor.toString() },
    })),
  } satisfies EventPayload<'PaymentRequested'>;
  const command = { type: 'PaymentRequested', payload } as const;
  await requestStep(act, order, { name: 'REQUEST_PAYMENT', command, amountMinor: order.totalMinor, answerDeadlineMs });
}
