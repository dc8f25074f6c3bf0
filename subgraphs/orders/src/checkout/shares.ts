import type { CurrencyCode } from '@tessera/schema/contract';
import { allocate, money } from '@tessera/service-kit/money';
import type { QuoteLine, QuoteTotals } from './quote.ts';

export interface VendorShare {
  readonly vendorId: string;
  readonly minor: bigint;
}

/**
 * What each vendor gets of the total, before the platform's fee; the shares add up to it exactly. Their lines, less their part of the
 * discount, with their part of the tax; shipping goes to who sends parcels, by the worth of the parcels.
 */
export function vendorShares(lines: readonly QuoteLine[], totals: QuoteTotals, currency: CurrencyCode): VendorShare[] {
  const vendorIds = [...new Set(lines.map((line) => line.vendorId))].sort();
  const worthOf = (vendorId: string, isCounted: (line: QuoteLine) => boolean): bigint =>
    lines.reduce((sum, line) => (line.vendorId === vendorId && isCounted(line) ? sum + line.unitMinor * BigInt(line.quantity) : sum), 0n);
  const worth = vendorIds.map((vendorId) => worthOf(vendorId, () => true));
  const parcels = vendorIds.map((vendorId) => worthOf(vendorId, (line) => line.kind === 'PHYSICAL'));
  const sends = vendorIds.map((vendorId) => lines.some((line) => line.vendorId === vendorId && line.kind === 'PHYSICAL'));

  const shipping = split(totals.shippingMinor, parcels, sends, currency);
  const tax = split(
    totals.taxMinor,
    worth,
    vendorIds.map(() => true),
    currency,
  );
  const discount = split(
    totals.discountMinor,
    worth,
    vendorIds.map(() => true),
    currency,
  );
  return vendorIds
    .map((vendorId, index) => ({
      vendorId,
      minor: (worth[index] ?? 0n) + (shipping[index] ?? 0n) + (tax[index] ?? 0n) - (discount[index] ?? 0n),
    }))
    .filter((share) => share.minor > 0n);
}

/** By weight; where all weights are 0 (things given away), evenly among those who take part. */
function split(minor: bigint, weights: readonly bigint[], takesPart: readonly boolean[], currency: CurrencyCode): bigint[] {
  if (minor === 0n) return weights.map(() => 0n);
  const isWeighted = weights.some((weight) => weight > 0n);
  return allocate(money(currency, minor), isWeighted ? weights : takesPart.map((takes) => (takes ? 1n : 0n))).map((part) => part.minor);
}
