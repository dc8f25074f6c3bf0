import { type CurrencyCode, isCurrencyCode } from '@tessera/schema/contract';

export type ProductKind = 'PHYSICAL' | 'DIGITAL_UNITS';

/** A price as events carry it. */
export interface WirePrice {
  readonly currency: string;
  readonly minor: string;
}

/** A variant as far as selling it goes. */
export interface VariantFacts {
  readonly id: string;
  readonly productId: string;
  readonly vendorId: string;
  readonly sku: string;
  readonly title: string;
  readonly productTitle: string;
  readonly kind: ProductKind;
  readonly prices: readonly WirePrice[];
  /** Published and not removed. */
  readonly isSold: boolean;
}

/** The price in this currency, or null where it is not sold in it: prices are never converted. */
export function priceIn({ prices }: Pick<VariantFacts, 'prices'>, currency: string): bigint | null {
  const price = prices.find((each) => each.currency === currency);
  return price ? BigInt(price.minor) : null;
}

/** The currency that the vendor named first, or null when it has no price yet. */
export function defaultCurrency({ prices }: Pick<VariantFacts, 'prices'>): CurrencyCode | null {
  const currency = prices[0]?.currency;
  return isCurrencyCode(currency) ? currency : null;
}

/** What a buyer reads on a line: product and, where it says more, the variant. */
export function lineTitle({ productTitle, title }: Pick<VariantFacts, 'productTitle' | 'title'>): string {
  return title && title !== productTitle ? `${productTitle} – ${title}` : productTitle;
}
