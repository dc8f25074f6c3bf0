/** Compares the provider's books, our own and the ledger's, fact by fact and to the minor unit. Plain data in, differences out. */
import { type Book, type Books, type Difference, isWithin, type OwnMovement, type OwnObject } from './books.ts';
import { compareWithLedger } from './ledger-differences.ts';
import { byKey, type ProviderFact, providerFacts } from './provider-facts.ts';

/**
 * What does not agree about a day. An item counts for the day on which it happened; what it is compared with is looked for by its id, on
 * whatever day it is, and in the provider's book on the neighbouring days too: what crosses midnight between two books is no difference.
 */
export function compareBooks(books: Books): Difference[] {
  const facts = providerFacts(books.movements, books.day);
  const objects = new Map(books.objects.map((object) => [`${object.kind}:${object.providerId}`, object]));
  const differences = [
    ...facts.filter(({ isOfDay }) => isOfDay).flatMap((fact) => compareWithOwn(fact, objects.get(`${fact.object}:${fact.providerId}`))),
    ...missingThere(facts, books),
    ...compareWithLedger(facts, books),
  ];
  return differences.sort(inOrder);
}

/** What the provider says against what we know. Money that we book nowhere (fees of its own, adjustments) is missing here by definition. */
function compareWithOwn(fact: ProviderFact, object: OwnObject | undefined): Difference[] {
  const own = object?.movements.find(({ kind }) => kind === fact.kind);
  const about = { book: 'PAYMENTS' as Book, providerId: fact.providerId, paymentId: object?.paymentId ?? null };
  const there = { currency: fact.currency, minor: fact.amountMinor };
  if (!object || !own) return [{ kind: 'MISSING_HERE', ...about, expected: there, actual: null }];
  const here = { currency: object.currency, minor: own.amountMinor };
  const isSame = here.currency === there.currency && here.minor === there.minor;
  // What was turned into another currency is told by the totals: which rate was right, no book says.
  const isElsewhere = fact.isConverted && here.currency !== there.currency;
  if (!isSame && !isElsewhere) return [{ kind: 'AMOUNT_DIFFERS', ...about, expected: there, actual: here }];
  if (own.feeMinor === fact.feeMinor && (own.feeMinor === 0n || object.feeCurrency === fact.currency)) return [];
  const expected = { currency: fact.currency, minor: fact.feeMinor };
  return [{ kind: 'FEE_DIFFERS', ...about, expected, actual: { currency: object.feeCurrency, minor: own.feeMinor } }];
}

/** Only what must have happened at the provider within what was read of its book can be missing there. */
function missingThere(facts: readonly ProviderFact[], { day, window, objects }: Books): Difference[] {
  const known = byKey(facts);
  const isDue = ({ isCertain, earliestAt, latestAt }: OwnMovement) => isCertain && isWithin(day, latestAt) && earliestAt >= window.from;
  return objects.flatMap(({ providerId, paymentId, currency, movements }) =>
    movements
      .filter((movement) => isDue(movement) && !known.has(`${movement.kind}:${providerId}`))
      .map(({ amountMinor }) => ({
        kind: 'MISSING_THERE' as const,
        book: 'PROVIDER' as const,
        providerId,
        paymentId,
        expected: { currency, minor: amountMinor },
        actual: null,
      })),
  );
}

function inOrder(left: Difference, right: Difference): number {
  const [a, b] = [left, right].map(({ providerId, kind, book }) => `${providerId}\n${kind}\n${book}`);
  return (a ?? '') < (b ?? '') ? -1 : 1;
}
