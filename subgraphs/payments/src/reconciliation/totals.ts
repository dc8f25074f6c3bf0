import type { ProviderMovement } from '../provider/provider-adapter.ts';
import { type Books, type CurrencyTotal, isWithin } from './books.ts';

type Kind = ProviderMovement['kind'];

/** What a day comes to, per currency, without payouts. Pure. Fees are those of charges and disputes, and what the provider charges by itself. */
export function totalsOf({ day, movements, entries }: Pick<Books, 'day' | 'movements' | 'entries'>): CurrencyTotal[] {
  const moved = movements.filter(({ kind, createdAt }) => kind !== 'PAYOUT' && isWithin(day, createdAt));
  const posted = entries.filter(({ postedAt }) => isWithin(day, postedAt));
  const currencies = [...new Set([...moved, ...posted].map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const own = moved.filter((movement) => movement.currency === currency);
    const amounts = (...kinds: Kind[]) => sum(own.filter(({ kind }) => kinds.includes(kind)).map(({ amountMinor }) => amountMinor));
    return {
      currency,
      chargedMinor: amounts('CHARGE'),
      refundedMinor: -amounts('REFUND', 'REFUND_FAILED'),
      disputedMinor: -amounts('DISPUTE', 'DISPUTE_REVERSED'),
      feesMinor: sum(own.map(({ feeMinor }) => feeMinor)) - amounts('FEE'),
      netMinor: sum(own.map(({ netMinor }) => netMinor)),
      ledgerNetMinor: sum(posted.filter((entry) => entry.currency === currency).map(({ amountMinor }) => amountMinor)),
    };
  });
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sofar, minor) => sofar + minor, 0n);
}
