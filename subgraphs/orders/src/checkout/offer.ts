import type { CurrencyCode } from '@tessera/schema/contract';
import { type InvalidInput, invalidField } from '@tessera/service-kit/graphql';
import type { CartRow } from '../cart/cart.store.ts';
import type { CartLineFacts } from '../cart/cart.ts';
import { NotSoldInCurrency } from '../cart/cart.type.ts';
import type { ActContext } from '../services.ts';
import { loadVariants } from '../variant/variant.load.ts';
import { OutOfStock } from './checkout.type.ts';
import type { PostalAddressFacts } from './postal-address.ts';
import { storeQuote } from './quote.store.ts';
import { MAX_DIGITAL_UNITS, priceLines, type QuoteLine, shippingFor } from './quote.ts';

export type Offer = { readonly lines: readonly QuoteLine[] } | { readonly refusal: OutOfStock | NotSoldInCurrency | InvalidInput };

/** What the cart costs today, or why it cannot be bought. */
export async function offerOf({ em }: Pick<ActContext, 'em'>, lines: readonly CartLineFacts[], currency: CurrencyCode): Promise<Offer> {
  const decision = priceLines(
    lines,
    await loadVariants(
      em,
      lines.map((line) => line.variantId),
    ),
    currency,
  );
  switch (decision.outcome) {
    case 'priced':
      return { lines: decision.lines };
    case 'not sold': {
      const gone = new Set(decision.variantIds);
      const shortages = lines.filter((line) => gone.has(line.variantId));
      return { refusal: new OutOfStock(shortages.map(({ variantId, quantity }) => ({ variantId, requested: quantity, available: 0 }))) };
    }
    case 'not in currency':
      return { refusal: new NotSoldInCurrency(currency, [...decision.variantIds]) };
    case 'too many units':
      return { refusal: invalidField('cartId', 'too_big', `one order takes at most ${MAX_DIGITAL_UNITS} digital units`) };
  }
}

/** Holds today's prices for a while. */
export async function quoteOffer(
  { em, now, services }: ActContext,
  cart: CartRow,
  currency: CurrencyCode,
  lines: readonly QuoteLine[],
  address: PostalAddressFacts | null,
): Promise<string> {
  const shippingMinor = shippingFor(lines, currency, services.flatShipping);
  const taxMinor = services.tax({ currency, lines, shippingMinor, address });
  const expiresAt = new Date(now.getTime() + services.quoteTtlMs);
  return storeQuote(em, { cartId: cart.id, currency, lines, shippingMinor, taxMinor, createdAt: now, expiresAt });
}
