import type { ProviderMovement } from '../provider/provider-adapter.ts';
import { type Books, type CurrencyTotal, isWithin } from './books.ts';
import { providerFacts } from './provider-facts.ts';

type Kind = ProviderMovement['kind'];

/** What a day comes to, per currency, without payouts. Pure. Fees are those of charges and disputes, and what the provider charges by itself. */
export function totalsOf({ day, movements, objects, entries }: Pick<Books, 'day' | 'movements' | 'objects' | 'entries'>): CurrencyTotal[] {
  const moved = movements.filter(({ kind, createdAt }) => kind !== 'PAYOUT' && isWithin(day, createdAt));
  const posted = entries.filter(({ postedAt }) => isWithin(day, postedAt));
  const converted = conversions({ day, movements: moved, objects });
  const currencies = [...new Set([...moved, ...posted, ...converted].map(({ currency }) => currency))].sort();
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
      convertedMinor: sum(converted.filter((part) => part.currency === currency).map(({ amountMinor }) => amountMinor)),
    };
  });
}

interface Converted {
  readonly currency: string;
  readonly amountMinor: bigint;
}

/** Both sides of what the provider turned into another currency: what was paid goes out of its own, and what became of it into the other. */
function conversions({ day, movements, objects }: Pick<Books, 'day' | 'movements' | 'objects'>): Converted[] {
  const known = new Map(objects.map((object) => [`${object.kind}:${object.providerId}`, object]));
  return providerFacts(movements, day).flatMap(({ isConverted, object: kindOfObject, providerId, kind, currency, amountMinor }) => {
    const object = known.get(`${kindOfObject}:${providerId}`);
    const own = object?.movements.find((movement) => movement.kind === kind);
    if (!isConverted || !object || !own || object.currency === currency) return [];
    return [
      { currency: object.currency, amountMinor: -own.amountMinor },
      { currency, amountMinor },
    ];
  });
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sofar, minor) => sofar + minor, 0n);
}
