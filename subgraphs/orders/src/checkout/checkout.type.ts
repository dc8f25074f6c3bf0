import type { CurrencyCode } from '@tessera/schema/contract';
import {
  CurrencyCodeScalar,
  DateTime,
  Money,
  mutationResult,
  PaymentClientActionKindEnum,
  type PaymentClientActionKindName,
  Problem,
  TenderEnum,
  type TenderName,
} from '@tessera/service-kit/graphql';
import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { CartNotFound, NotSoldInCurrency } from '../cart/cart.type.ts';
import type { Shortage } from '../stock/stock.ts';
import { PostalAddressInput } from './postal-address.ts';

const KEY = 'One per intent; a retry repeats it.';

@ObjectType({ description: 'What a cart costs, held until it expires.' })
export class CheckoutQuote {
  @Field(() => ID, { description: 'Opaque.' }) id!: string;
  @Field(() => CurrencyCodeScalar, { description: 'The currency of all its amounts.' }) currency!: CurrencyCode;
  @Field(() => DateTime, { description: 'Until when it holds.' }) expiresAt!: Date;
}

@ObjectType({ description: 'One variant in a quote.' })
export class CheckoutQuoteLine {
  @Field(() => String, { description: 'What it is.' }) title!: string;
  @Field(() => String, { description: "The vendor's number for it." }) sku!: string;
  @Field(() => Int, { description: 'How many.' }) quantity!: number;
}

@InputType({ description: 'The cart to price.' })
export class CheckoutQuoteInput {
  @Field(() => ID, { description: 'The cart: your own, or an anonymous one.' }) cartId!: string;
  @Field(() => CurrencyCodeScalar, { nullable: true, description: 'The currency to pay in; that of the cart when left out.' })
  currency?: CurrencyCode | null;
  @Field(() => PostalAddressInput, { nullable: true, description: 'Where it shall go, as far as known; for shipping and tax.' })
  shippingAddress?: PostalAddressInput | null;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'The purchase to make.' })
export class CheckoutCompleteInput {
  @Field(() => ID, { description: 'The cart: your own, or an anonymous one.' }) cartId!: string;
  @Field(() => ID, { description: 'A quote of this cart that has not expired.' }) quoteId!: string;
  @Field(() => PostalAddressInput, { nullable: true, description: 'Where the parcels go; required as soon as one line is physical.' })
  shippingAddress?: PostalAddressInput | null;
  @Field(() => TenderEnum, {
    description: 'What to pay with: WALLET or CARD; PAYPAL and SPLIT are not taken yet, and answer InvalidInput.',
  })
  tender!: TenderName;
  @Field(() => ID, {
    nullable: true,
    description: 'The wallet to pay from; required for WALLET, and to be in the currency of the quote; InvalidInput with CARD.',
  })
  walletId?: string | null;
  @Field(() => ID, {
    nullable: true,
    description:
      'A saved card of yours to charge at once, with CARD only; when left out the customer pays by the clientAction of the payment.',
  })
  paymentMethodId?: string | null;
  @Field(() => PaymentClientActionKindEnum, {
    nullable: true,
    description: 'How the client lets the customer pay by CARD; at a page of the provider, HOSTED_PAGE, when left out.',
  })
  clientMode?: PaymentClientActionKindName | null;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

/** Outcomes hold ids and facts only: they are stored under the idempotency key and resolved again for each caller. */
@ObjectType({ description: 'The cart is priced.' })
export class CheckoutQuoted {
  readonly __typename = 'CheckoutQuoted';
  constructor(readonly quoteId: string) {}
}

@ObjectType({ description: 'The order is placed and its stock reserved; it is confirmed as soon as its money is certain.' })
export class CheckoutCompleted {
  readonly __typename = 'CheckoutCompleted';
  constructor(readonly orderId: string) {}
}

@ObjectType({ description: 'A variant that there is too little of.' })
export class StockShortage {
  @Field(() => Int, { description: 'How many were wanted.' }) requested!: number;
  @Field(() => Int, { description: 'How many can be had; 0 also for what is no longer on sale.' }) available!: number;
}

@ObjectType({ implements: Problem, description: 'There is too little of something; nothing was reserved.' })
export class OutOfStock extends Problem {
  readonly __typename = 'OutOfStock';
  readonly code = 'OUT_OF_STOCK';
  readonly isRetryable = false;
  readonly message = 'There is too little in stock: change the cart, and ask with a new idempotency key.';
  constructor(readonly shortages: readonly Shortage[]) {
    super();
  }
}

@ObjectType({
  implements: Problem,
  description: 'Cart or prices are not what was quoted any more: confirm the new quote with a new idempotency key.',
})
export class PriceChanged extends Problem {
  readonly __typename = 'PriceChanged';
  readonly code = 'PRICE_CHANGED';
  readonly isRetryable = false;
  readonly message = 'Cart or prices are not what was quoted any more: confirm the new quote with a new idempotency key.';
  constructor(readonly quoteId: string) {
    super();
  }
}

@ObjectType({ implements: Problem, description: 'The quote holds no longer, or an order was made of it: ask for a new one.' })
export class QuoteExpired extends Problem {
  readonly __typename = 'QuoteExpired';
  readonly code = 'QUOTE_EXPIRED';
  readonly isRetryable = false;
  readonly message = 'The quote holds no longer, or an order was made of it: ask for a new one.';
  override readonly path: string[] = ['input', 'quoteId'];
}

@ObjectType({ implements: Problem, description: 'There is no such quote of this cart.' })
export class QuoteNotFound extends Problem {
  readonly __typename = 'QuoteNotFound';
  readonly code = 'QUOTE_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such quote of this cart.';
  override readonly path: string[] = ['input', 'quoteId'];
}

@ObjectType({ implements: Problem, description: 'There is nothing in the cart.' })
export class CartEmpty extends Problem {
  readonly __typename = 'CartEmpty';
  readonly code = 'CART_EMPTY';
  readonly isRetryable = false;
  readonly message = 'There is nothing in the cart.';
  override readonly path: string[] = ['input', 'cartId'];
}

/** The same type as in payments, letter by letter: composition wants shared types identical. */
@Directive('@shareable')
@ObjectType({
  implements: Problem,
  description: 'A card is not charged this amount: it is too small, too large, or no step of the currency.',
})
export class AmountNotChargeable extends Problem {
  readonly __typename = 'AmountNotChargeable';
  readonly code = 'AMOUNT_NOT_CHARGEABLE';
  readonly isRetryable = false;
  readonly message: string;
  override readonly path = ['input', 'tender'];
  @Field(() => Money, { description: 'The least that can be charged.' }) readonly minimum: Money;
  @Field(() => Money, { description: 'The most that can be charged.' }) readonly maximum: Money;
  constructor(minimum: Money, maximum: Money, isStep: boolean) {
    super();
    this.minimum = minimum;
    this.maximum = maximum;
    this.message = isStep
      ? `Cards are charged in steps of 0.010 ${minimum.currency}: pay otherwise, or change the cart.`
      : `Cards are charged from ${minimum.decimal} to ${maximum.decimal} ${minimum.currency}: pay otherwise, or change the cart.`;
  }
}

export const CheckoutQuoteResult = mutationResult(
  'CheckoutQuoteResult',
  CheckoutQuoted,
  CartNotFound,
  CartEmpty,
  OutOfStock,
  NotSoldInCurrency,
);
export const CheckoutCompleteResult = mutationResult(
  'CheckoutCompleteResult',
  CheckoutCompleted,
  CartNotFound,
  CartEmpty,
  OutOfStock,
  PriceChanged,
  QuoteExpired,
  QuoteNotFound,
  NotSoldInCurrency,
  AmountNotChargeable,
);
