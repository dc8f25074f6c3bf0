import type { CurrencyCode } from '@tessera/schema/contract';
import { Authenticated, Public } from '@tessera/service-kit/access';
import { Money } from '@tessera/service-kit/graphql';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { ProductVariantStub } from '../foreign/variant.type.ts';
import { Order } from '../order/order.type.ts';
import { visibleOrder } from '../order/order.view.ts';
import type { OrdersContext } from '../services.ts';
import type { Shortage } from '../stock/stock.ts';
import {
  CheckoutCompleted,
  CheckoutCompleteInput,
  CheckoutCompleteResult,
  CheckoutQuote,
  CheckoutQuoted,
  CheckoutQuoteInput,
  CheckoutQuoteLine,
  CheckoutQuoteResult,
  OutOfStock,
  PriceChanged,
  StockShortage,
} from './checkout.type.ts';
import { checkoutComplete } from './checkout-complete.ts';
import { checkoutQuote } from './checkout-quote.ts';
import { findQuote, type Quote } from './quote.store.ts';
import { needsShipping, type QuoteLine } from './quote.ts';

type QuoteLineView = QuoteLine & { readonly currency: CurrencyCode };

@Resolver(() => CheckoutQuote)
export class CheckoutResolver {
  @Public()
  @Mutation(() => CheckoutQuoteResult, { description: 'Holds the price of a cart for a while.' })
  checkoutQuote(
    @Arg('input', () => CheckoutQuoteInput, { description: 'The cart.' }) input: CheckoutQuoteInput,
    @Ctx() context: OrdersContext,
  ) {
    return context.mutate(checkoutQuote, input);
  }

  @Authenticated()
  @Mutation(() => CheckoutCompleteResult, {
    description: 'Places an order for what was quoted. A payment that is declined is a state of `order.payments`, not a problem here.',
  })
  checkoutComplete(
    @Arg('input', () => CheckoutCompleteInput, { description: 'The purchase.' }) input: CheckoutCompleteInput,
    @Ctx() context: OrdersContext,
  ) {
    return context.mutate(checkoutComplete, input);
  }

  @FieldResolver(() => [CheckoutQuoteLine], { description: 'What is priced, at most 100 variants.' })
  lines(@Root() { lines, currency }: Quote): QuoteLineView[] {
    return lines.map((line) => ({ ...line, currency }));
  }

  @FieldResolver(() => Boolean, { description: 'Whether the purchase needs a shipping address.' })
  isShippingAddressRequired(@Root() { lines }: Quote) {
    return needsShipping(lines);
  }

  @FieldResolver(() => Money, { description: 'The lines before discounts, shipping and tax.' })
  subtotal(@Root() { currency, subtotalMinor }: Quote) {
    return new Money(currency, subtotalMinor);
  }

  @FieldResolver(() => Money, { description: 'What discounts take off.' })
  discountTotal(@Root() { currency, discountMinor }: Quote) {
    return new Money(currency, discountMinor);
  }

  @FieldResolver(() => Money, { description: 'What shipping costs.' })
  shippingTotal(@Root() { currency, shippingMinor }: Quote) {
    return new Money(currency, shippingMinor);
  }

  @FieldResolver(() => Money, { description: 'Tax on top.' })
  taxTotal(@Root() { currency, taxMinor }: Quote) {
    return new Money(currency, taxMinor);
  }

  @FieldResolver(() => Money, { description: 'What there is to pay.' })
  total(@Root() { currency, totalMinor }: Quote) {
    return new Money(currency, totalMinor);
  }
}

@Resolver(() => CheckoutQuoteLine)
export class CheckoutQuoteLineResolver {
  @FieldResolver(() => ProductVariantStub, { nullable: true, description: 'The variant; null when the catalog cannot be asked.' })
  variant(@Root() { variantId }: QuoteLineView) {
    return { id: variantId };
  }

  @FieldResolver(() => Money, { description: 'The price of one.' })
  unitPrice(@Root() { currency, unitMinor }: QuoteLineView) {
    return new Money(currency, unitMinor);
  }

  @FieldResolver(() => Money, { description: 'The price of all of them.' })
  total(@Root() { currency, unitMinor, quantity }: QuoteLineView) {
    return new Money(currency, unitMinor * BigInt(quantity));
  }
}

/** Stored outcomes hold ids; what they name is read again for whoever asks now. A quote is known to who may use its cart, and to nobody else. */
@Resolver(() => CheckoutQuoted)
export class CheckoutQuotedResolver {
  @FieldResolver(() => CheckoutQuote, { nullable: true, description: 'The quote; null once it is long over.' })
  quote(@Root() { quoteId }: CheckoutQuoted, @Ctx() { em }: OrdersContext) {
    return findQuote(em, quoteId);
  }
}

@Resolver(() => PriceChanged)
export class PriceChangedResolver {
  @FieldResolver(() => CheckoutQuote, { nullable: true, description: 'The quote at the prices of now; null once it is long over.' })
  quote(@Root() { quoteId }: PriceChanged, @Ctx() { em }: OrdersContext) {
    return findQuote(em, quoteId);
  }
}

@Resolver(() => CheckoutCompleted)
export class CheckoutCompletedResolver {
  @FieldResolver(() => Order, { nullable: true, description: 'The order as it is now.' })
  order(@Root() { orderId }: CheckoutCompleted, @Ctx() context: OrdersContext) {
    return context.load(visibleOrder, orderId);
  }
}

@Resolver(() => OutOfStock)
export class OutOfStockResolver {
  @FieldResolver(() => [StockShortage], { description: 'What there is too little of.' })
  lines(@Root() { shortages }: OutOfStock) {
    return shortages;
  }
}

@Resolver(() => StockShortage)
export class StockShortageResolver {
  @FieldResolver(() => ProductVariantStub, { nullable: true, description: 'The variant; null when the catalog cannot be asked.' })
  variant(@Root() { variantId }: Shortage) {
    return { id: variantId };
  }
}
