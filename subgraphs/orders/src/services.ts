import type { Envelope } from '@tessera/service-kit/crypto';
import type { RequestContext, UseCaseContext } from '@tessera/service-kit/graphql';
import type { CartCache } from './cart/cart-cache.ts';
import type { TaxRule } from './checkout/tax.ts';
import type { FlatShipping } from './config.ts';
import type { OrdersOperator } from './operator/orders-operator.ts';

/** What use cases, consumers and workers need beside their transaction. */
export interface ActServices {
  readonly envelope: Envelope;
  /** Recognises a secret that was deposited before, without being able to tell it. */
  readonly digestKey: Buffer;
  /** A key by which payments knows the same text of this kind again, without being able to tell it. */
  readonly recognise: (kind: string, text: string) => string;
  readonly tax: TaxRule;
  readonly flatShipping: FlatShipping;
  readonly paymentDeadlineMs: number;
  readonly quoteTtlMs: number;
  readonly answerDeadlineMs: number;
}

export interface OrdersServices extends ActServices {
  readonly cartCache: CartCache;
  /** For seeds and operators of the platform; not reachable over the graph. */
  readonly operator: OrdersOperator;
}

export type ActContext = UseCaseContext<OrdersServices>;
export type OrdersContext = RequestContext<OrdersServices>;
