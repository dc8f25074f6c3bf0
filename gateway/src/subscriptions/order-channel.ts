import { type Envelope, eventPayloads } from '@tessera/schema/contract';
import { TesseraError } from '@tessera/service-kit/errors';
import type { Viewer } from '@tessera/service-kit/identity';
import { isId } from '@tessera/service-kit/ids';
import { z } from 'zod';
import type { AskSubgraph, Channel, LiveEvent } from './channel.ts';

/** Event of the orders subgraph → `OrderEventKind`. */
const KINDS = {
  OrderPlaced: 'PLACED',
  OrderConfirmed: 'CONFIRMED',
  OrderCancelled: 'CANCELLED',
  OrderExpired: 'EXPIRED',
  OrderRefunded: 'REFUNDED',
  OrderPaymentChanged: 'PAYMENT_CHANGED',
  UnitsDelivered: 'UNITS_DELIVERED',
} as const;

const STREAM = 'order-events';
const VISIBLE_ORDER = 'query VisibleOrder($id: ID!) { order(id: $id) { id } }';
/** What routing and access need of every order event. */
const factsSchema = eventPayloads.OrderPlaced.pick({ orderId: true, customerId: true, vendorIds: true });
const visibleSchema = z.object({ order: z.object({ id: z.string() }).nullish() });

type OrderFacts = z.infer<typeof factsSchema>;

/** `orderUpdated(orderId, after)`: one order that the viewer may see, or all of their own. */
export function orderChannel(ask: AskSubgraph): Channel {
  return {
    field: 'orderUpdated',
    stream: STREAM,
    routingKeysOf: (envelope) => {
      const facts = factsOf(envelope);
      return facts ? [`order:${facts.orderId}`, `customer:${facts.customerId}`] : [];
    },
    open: async (args, context) => {
      const { viewer } = context;
      const orderId = typeof args.orderId === 'string' ? args.orderId : null;
      if (orderId !== null) {
        const answer = isId('order', orderId) ? await ask('orders', VISIBLE_ORDER, { id: orderId }, context) : {};
        if (!visibleSchema.parse(answer).order) throw new TesseraError('FORBIDDEN', 'There is no such order, or it is not yours.');
      }
      return {
        stream: STREAM,
        routingKey: orderId === null ? `customer:${viewer.userId}` : `order:${orderId}`,
        eventsOf: (envelope) => eventsOf(envelope, orderId, viewer),
        snapshot: async () => [
          { kind: 'RESYNC', sequence: 0, occurredAt: new Date().toISOString(), order: orderId === null ? null : orderReference(orderId) },
        ],
      };
    },
  };
}

function eventsOf(envelope: Envelope, orderId: string | null, viewer: Viewer): readonly LiveEvent[] {
  const facts = factsOf(envelope);
  const kind = isOrderEvent(envelope.type) ? KINDS[envelope.type] : undefined;
  if (!facts || !kind || !concerns(facts, orderId, viewer)) return [];
  const { sequence, occurredAt } = envelope;
  return [{ index: 0, value: { kind, sequence, occurredAt, order: orderReference(facts.orderId) } }];
}

/** Who may see an order may follow it: its customer, vendors of its lines, and whoever may read all orders. */
function concerns({ orderId, customerId, vendorIds }: OrderFacts, wanted: string | null, { userId, scopes }: Viewer): boolean {
  if (wanted === null) return userId !== null && customerId === userId;
  if (wanted !== orderId) return false;
  return (userId !== null && (customerId === userId || vendorIds.includes(userId))) || scopes.has('orders:read');
}

function factsOf({ type, payload }: Envelope): OrderFacts | null {
  return isOrderEvent(type) ? (factsSchema.safeParse(payload).data ?? null) : null;
}

function isOrderEvent(type: string): type is keyof typeof KINDS {
  return Object.hasOwn(KINDS, type);
}

function orderReference(id: string) {
  return { __typename: 'Order', id };
}
