import { type Books, type Difference, isWithin, type LedgerEntry, type OwnObject } from './books.ts';
import type { ProviderFact } from './provider-facts.ts';

const FEE = 'PROVIDER_FEE';

/**
 * What the ledger has of each object that the day touches in any book, whenever it was posted; and what it has of nothing that is known.
 * Against what payments knows: where that differs from the provider it is a difference of its own.
 */
export function compareWithLedger(facts: readonly ProviderFact[], { day, objects, entries }: Books): Difference[] {
  const byFactKey = Map.groupBy(entries, ({ factKey }) => factKey);
  const entriesOf = ({ factKeys, currency, feeCurrency }: OwnObject) =>
    factKeys
      .flatMap((factKey) => byFactKey.get(factKey) ?? [])
      .filter((entry) => entry.currency === (entry.code === FEE ? feeCurrency : currency));
  const touched = new Set(facts.filter(({ isOfDay }) => isOfDay).map(({ object, providerId }) => `${object}:${providerId}`));
  const isTouched = (object: OwnObject, own: readonly LedgerEntry[]) =>
    touched.has(`${object.kind}:${object.providerId}`) ||
    object.movements.some(({ isCertain, latestAt }) => isCertain && isWithin(day, latestAt)) ||
    own.some(({ postedAt }) => isWithin(day, postedAt));

  const claimed = new Set<LedgerEntry>();
  const differences: Difference[] = [];
  for (const object of objects) {
    const own = entriesOf(object);
    for (const entry of own) claimed.add(entry);
    if (isTouched(object, own)) differences.push(...compareObject(object, own));
  }
  return [...differences, ...strays(entries, claimed, facts, day)];
}

function compareObject({ providerId, paymentId, currency, feeCurrency, ...object }: OwnObject, own: readonly LedgerEntry[]): Difference[] {
  const { ledgerAmountMinor, ledgerFeeMinor } = object;
  const about = { book: 'LEDGER', providerId, paymentId } as const;
  const amount = (minor: bigint) => ({ currency, minor });
  const feeAmount = (minor: bigint) => ({ currency: feeCurrency, minor });
  if (own.length === 0) {
    if (ledgerAmountMinor === 0n && ledgerFeeMinor === 0n) return [];
    const expected = ledgerAmountMinor === 0n ? feeAmount(-ledgerFeeMinor) : amount(ledgerAmountMinor);
    return [{ kind: 'MISSING_IN_LEDGER', ...about, expected, actual: null }];
  }
  const differences: Difference[] = [];
  const posted = sum(own.filter(({ code }) => code !== FEE));
  const fee = -sum(own.filter(({ code }) => code === FEE));
  if (posted !== ledgerAmountMinor)
    differences.push({ kind: 'AMOUNT_DIFFERS', ...about, expected: amount(ledgerAmountMinor), actual: amount(posted) });
  if (fee !== ledgerFeeMinor)
    differences.push({ kind: 'FEE_DIFFERS', ...about, expected: feeAmount(ledgerFeeMinor), actual: feeAmount(fee) });
  return differences;
}

/** Postings of the day that belong to nothing. Where the provider has the fact, and only payments has not, that is told already. */
function strays(
  entries: readonly LedgerEntry[],
  claimed: ReadonlySet<LedgerEntry>,
  facts: readonly ProviderFact[],
  day: Books['day'],
): Difference[] {
  const known = new Set(facts.map(({ providerId }) => providerId));
  return entries
    .filter((entry) => isWithin(day, entry.postedAt) && !claimed.has(entry) && !entry.factKey.split(':').some((part) => known.has(part)))
    .map(({ factKey, paymentId, currency, amountMinor }) => ({
      kind: 'MISSING_THERE',
      book: 'PROVIDER',
      providerId: factKey,
      paymentId,
      expected: { currency, minor: amountMinor },
      actual: null,
    }));
}

function sum(entries: readonly LedgerEntry[]): bigint {
  return entries.reduce((sofar, { amountMinor }) => sofar + amountMinor, 0n);
}
