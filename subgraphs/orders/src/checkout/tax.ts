import type { CurrencyCode } from '@tessera/schema/contract';
import type { PostalAddressFacts } from './postal-address.ts';
import type { QuoteLine } from './quote.ts';

export interface TaxCase {
  readonly currency: CurrencyCode;
  readonly lines: readonly QuoteLine[];
  readonly shippingMinor: bigint;
  /** Null where nothing is sent, or it is not known yet. */
  readonly address: PostalAddressFacts | null;
}

/** What tax comes on top of prices and shipping, in minor units. */
export type TaxRule = (taxed: TaxCase) => bigint;

/** Prices include what tax there is. */
export const taxIncluded: TaxRule = () => 0n;
