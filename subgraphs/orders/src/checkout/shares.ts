import type { CurrencyCode } from '@tessera/schema/contract';
import { allocate, money } from '@tessera/service-kit/money';
import type { QuoteLine, QuoteTotals } from './quote.ts';

type PricedLine = Pick<QuoteLine, 'vendorId' | 'kind' | 'quantity' | 'unitMinor'>;

/**
 * What falls to each vendor of the totals, before the platform's fee; the parts add up to them exactly. Their lines, less their part of the
 * discount, with their part of the tax; shipping goes to who sends parcels, by the worth of the parcels.
 */
export function vendorParts(lines: readonly PricedLine[], totals: QuoteTotals, currency: CurrencyCode): ReadonlyMap<string, QuoteTotals> {
  const vendorIds = [...new Set(lines.map((line) => line.vendorId))].sort();
  const linesOf = vendorIds.map((vendorId) => lines.filter((line) => line.vendorId === vendorId));
  const parcelsOf = linesOf.map((own) => own.filter((line) => line.kind === 'PHYSICAL'));
  const subtotals = linesOf.map(worth);
  const everybody = vendorIds.map(() => true);

  const discounts = split(totals.discountMinor, subtotals, everybody, currency);
  const taxes = split(totals.taxMinor, subtotals, everybody, currency);
  const senders = parcelsOf.map((parcels) => parcels.length > 0);
  const shipping = split(totals.shippingMinor, parcelsOf.map(worth), senders, currency);
  return new Map(
    vendorIds.map((vendorId, index) => {
      const [subtotalMinor = 0n, discountMinor = 0n, shippingMinor = 0n, taxMinor = 0n] = [subtotals, discounts, shipping, taxes].map(
        (parts) => parts[index],
      );
      return [
        vendorId,
        { subtotalMinor, discountMinor, shippingMinor, taxMinor, totalMinor: subtotalMinor - discountMinor + shippingMinor + taxMinor },
      ];
    }),
  );
}

/** The totals of `vendorParts`, without those that get nothing: what payments pays out. */
export function vendorShares(lines: readonly PricedLine[], totals: QuoteTotals, currency: CurrencyCode) {
  return [...vendorParts(lines, totals, currency)]
    .map(([vendorId, { totalMinor }]) => ({ vendorId, minor: totalMinor }))
    .filter((share) => share.minor > 0n);
}

function worth(lines: readonly PricedLine[]): bigint {
  return lines.reduce((sum, { unitMinor, quantity }) => sum + unitMinor * BigInt(quantity), 0n);
}

/** By weight; where all weights are 0 (things given away), evenly among those who take part. */
function split(minor: bigint, weights: readonly bigint[], takesPart: readonly boolean[], currency: CurrencyCode): bigint[] {
  if (minor === 0n) return weights.map(() => 0n);
  const isWeighted = weights.some((weight) => weight > 0n);
  return allocate(money(currency, minor), isWeighted ? weights : takesPart.map((takes) => (takes ? 1n : 0n))).map((part) => part.minor);
}
