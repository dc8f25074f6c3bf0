import { describe, expect, it } from '@jest/globals';
import { CURRENCIES, type CurrencyCode } from '@tessera/schema/contract';
import fc from 'fast-check';
import { assess, type FraudFacts, type FraudOutcome, type FraudRule, outcomeOf } from './fraud.ts';
import { DEFAULT_FRAUD_THRESHOLDS as defaults, type FraudThresholds } from './fraud-config.ts';

const HOUR_MS = 3_600_000;

/** A regular customer with a small payment: nothing to find. */
const facts = (change: Partial<FraudFacts> = {}): FraudFacts => ({
  attempts: { user: 1, card: 1, address: 1, shipping: 1 },
  amount: { currency: 'USD', minor: 5_000n },
  largestEarlierMinor: 100_000n,
  cardCountry: 'DE',
  shippingCountry: 'DE',
  accountAgeMs: 1_000 * HOUR_MS,
  ...change,
});
const attempts = (change: Partial<FraudFacts['attempts']>) => facts({ attempts: { ...facts().attempts, ...change } });
const usd = (minor: bigint) => ({ currency: 'USD', minor }) as const;
const rulesOf = (given: FraudFacts, thresholds: FraudThresholds = defaults): FraudRule[] =>
  assess(given, thresholds).reasons.map(({ rule }) => rule);

describe('the rules', () => {
  it('find nothing in a small payment of a regular customer', () => {
    expect(assess(facts(), defaults)).toEqual({ score: 0, outcome: 'ALLOW', reasons: [] });
  });

  it.each<[FraudRule, keyof FraudFacts['attempts'], number, number]>([
    ['USER_VELOCITY', 'user', defaults.attemptsPerUser, 40],
    ['CARD_VELOCITY', 'card', defaults.attemptsPerCard, 50],
    ['ADDRESS_VELOCITY', 'address', defaults.attemptsPerAddress, 30],
    ['SHIPPING_VELOCITY', 'shipping', defaults.attemptsPerShipping, 30],
  ])('%s counts attempts from its threshold on', (rule, whose, threshold, weight) => {
    expect(rulesOf(attempts({ [whose]: threshold - 1 }))).toEqual([]);
    const { score, reasons } = assess(attempts({ [whose]: threshold }), defaults);
    expect([score, reasons]).toEqual([weight, [{ rule, weight, detail: expect.stringContaining(`${threshold} attempts`) }]]);
  });

  it('AMOUNT_ABOVE_HISTORY takes several times the largest earlier payment, and a large amount', () => {
    const paying = (minor: bigint, largestEarlierMinor: bigint) => rulesOf(facts({ amount: usd(minor), largestEarlierMinor }));
    expect(paying(50_001n, 10_000n)).toEqual(['AMOUNT_ABOVE_HISTORY']);
    expect(paying(50_000n, 10_000n)).toEqual([]);
    expect(paying(19_999n, 1n)).toEqual([]);
    expect(paying(20_000n, 1n)).toEqual(['AMOUNT_ABOVE_HISTORY']);
  });

  it('AMOUNT_ABOVE_HISTORY takes the large amount alone of a first payment', () => {
    expect(rulesOf(facts({ amount: usd(19_999n), largestEarlierMinor: 0n }))).toEqual([]);
    expect(assess(facts({ amount: usd(20_000n), largestEarlierMinor: 0n }), defaults).reasons).toEqual([
      { rule: 'AMOUNT_ABOVE_HISTORY', weight: 30, detail: '200.00 USD is a first payment.' },
    ]);
  });

  it.each<[CurrencyCode, bigint]>([
    ['USD', 20_000n],
    ['KWD', 200_000n],
    ['JPY', 30_000n],
  ])('thresholds of amounts are in units of the currency: %s from %d on', (currency, from) => {
    const first = (minor: bigint) => facts({ amount: { currency, minor }, largestEarlierMinor: 0n });
    expect(rulesOf(first(from - 1n))).toEqual([]);
    expect(rulesOf(first(from))).toEqual(['AMOUNT_ABOVE_HISTORY']);
  });

  it('COUNTRY_MISMATCH takes a card of one country and a delivery to another', () => {
    expect(assess(facts({ cardCountry: 'NG' }), defaults).reasons).toEqual([
      { rule: 'COUNTRY_MISMATCH', weight: 30, detail: 'The card is from NG, the delivery goes to DE.' },
    ]);
    expect(rulesOf(facts({ cardCountry: 'de' }))).toEqual([]);
  });

  it('NEW_ACCOUNT takes a young account that spends much', () => {
    const young = (ageHours: number, minor: bigint) => rulesOf(facts({ accountAgeMs: ageHours * HOUR_MS, amount: usd(minor) }));
    expect(young(23, 50_001n)).toEqual(['NEW_ACCOUNT']);
    expect(young(23, 50_000n)).toEqual([]);
    expect(young(24, 50_001n)).toEqual([]);
  });

  it('never weigh what is not known', () => {
    const unknown = { attempts: { user: 1, card: null, address: null, shipping: null }, accountAgeMs: null } as const;
    expect(rulesOf(facts({ ...unknown, cardCountry: null, shippingCountry: 'US', amount: usd(90_000n) }))).toEqual([]);
    expect(rulesOf(facts({ ...unknown, cardCountry: 'US', shippingCountry: null }))).toEqual([]);
  });

  it('are silent with a weight of 0', () => {
    const thresholds = { ...defaults, weights: { ...defaults.weights, country: 0 } };
    expect(assess(facts({ cardCountry: 'NG' }), thresholds)).toEqual({ score: 0, outcome: 'ALLOW', reasons: [] });
  });

  it('add up: one alone is let through, two are looked at, three are refused', () => {
    const one = facts({ cardCountry: 'NG' });
    const two = { ...one, attempts: { ...one.attempts, user: 10 } };
    const three = { ...two, attempts: { ...two.attempts, card: 8 } };
    expect([one, two, three].map((each) => assess(each, defaults))).toMatchObject([
      { score: 30, outcome: 'ALLOW' },
      { score: 70, outcome: 'REVIEW' },
      { score: 120, outcome: 'BLOCK' },
    ]);
  });
});

const count = fc.integer({ min: 1, max: 50 });
const country = fc.constantFrom('DE', 'FR', 'US');
const minor = fc.bigInt({ min: 0n, max: 10n ** 12n });
const anyFacts: fc.Arbitrary<FraudFacts> = fc.record({
  attempts: fc.record({ user: count, card: fc.option(count), address: fc.option(count), shipping: fc.option(count) }),
  amount: fc.record({ currency: fc.constantFrom(...(Object.keys(CURRENCIES) as CurrencyCode[])), minor }), // keys lose their type
  largestEarlierMinor: minor,
  cardCountry: fc.option(country),
  shippingCountry: fc.option(country),
  accountAgeMs: fc.option(fc.integer({ min: 0, max: 100 * HOUR_MS })),
});
const weight = fc.integer({ min: 0, max: 1_000 });
const anyThresholds: fc.Arbitrary<FraudThresholds> = fc.record({
  reviewFrom: fc.integer({ min: 1, max: 1_000 }),
  blockFrom: fc.integer({ min: 1_000, max: 5_000 }),
  attemptsPerUser: count,
  attemptsPerCard: count,
  attemptsPerAddress: count,
  attemptsPerShipping: count,
  amountTimesHistory: count,
  amountFrom: fc.integer({ min: 1, max: 1_000_000 }),
  newAccountHours: count,
  newAccountAmount: fc.integer({ min: 1, max: 1_000_000 }),
  unitsPerDollar: fc.constantFrom({}, defaults.unitsPerDollar),
  weights: fc.record({
    userVelocity: weight,
    cardVelocity: weight,
    addressVelocity: weight,
    shippingVelocity: weight,
    amount: weight,
    country: weight,
    newAccount: weight,
  }),
});
/** Ways in which an attempt can look worse, or at least not better. */
const worsened: fc.Arbitrary<(given: FraudFacts) => FraudFacts> = fc.oneof(
  fc.tuple(fc.constantFrom('user', 'card', 'address', 'shipping'), count).map(
    ([whose, more]) =>
      (given: FraudFacts): FraudFacts => ({ ...given, attempts: { ...given.attempts, [whose]: (given.attempts[whose] ?? 0) + more } }),
  ),
  minor.map((more) => (given: FraudFacts) => ({ ...given, amount: { ...given.amount, minor: given.amount.minor + more } })),
  minor.map((other) => (given: FraudFacts) => ({
    ...given,
    largestEarlierMinor: other < given.largestEarlierMinor ? other : given.largestEarlierMinor,
  })),
  fc.constant((given: FraudFacts) => ({ ...given, cardCountry: 'NG' })),
  fc.constant((given: FraudFacts) => ({ ...given, accountAgeMs: 0 })),
);
const unknowing: fc.Arbitrary<(given: FraudFacts) => FraudFacts> = fc.oneof(
  fc.constantFrom('card', 'address', 'shipping').map(
    (whose) =>
      (given: FraudFacts): FraudFacts => ({ ...given, attempts: { ...given.attempts, [whose]: null } }),
  ),
  fc.constantFrom('cardCountry', 'shippingCountry', 'accountAgeMs').map(
    (what) =>
      (given: FraudFacts): FraudFacts => ({ ...given, [what]: null }),
  ),
);
const SEVERITY: readonly FraudOutcome[] = ['ALLOW', 'REVIEW', 'BLOCK'];

describe('an assessment', () => {
  it('MUST never score lower when more is found', () => {
    fc.assert(
      fc.property(anyFacts, fc.array(worsened, { maxLength: 5 }), anyThresholds, (given, changes, thresholds) => {
        const before = assess(given, thresholds);
        const after = assess(
          changes.reduce((sofar, change) => change(sofar), given),
          thresholds,
        );
        expect(after.score).toBeGreaterThanOrEqual(before.score);
        expect(after.reasons.map(({ rule }) => rule)).toEqual(expect.arrayContaining(before.reasons.map(({ rule }) => rule)));
        expect(SEVERITY.indexOf(after.outcome)).toBeGreaterThanOrEqual(SEVERITY.indexOf(before.outcome));
      }),
    );
  });

  it('MUST never score higher when less is known', () => {
    fc.assert(
      fc.property(anyFacts, unknowing, anyThresholds, (given, change, thresholds) => {
        expect(assess(change(given), thresholds).score).toBeLessThanOrEqual(assess(given, thresholds).score);
      }),
    );
  });

  it('MUST be the sum of its reasons, one per rule at most, and its outcome MUST follow from the score', () => {
    fc.assert(
      fc.property(anyFacts, anyThresholds, (given, thresholds) => {
        const { score, outcome, reasons } = assess(given, thresholds);
        expect(score).toBe(reasons.reduce((sofar, reason) => sofar + reason.weight, 0));
        expect(new Set(reasons.map(({ rule }) => rule)).size).toBe(reasons.length);
        expect(reasons.every((reason) => reason.weight > 0 && reason.detail.endsWith('.'))).toBe(true);
        expect(outcome).toBe(outcomeOf(score, thresholds));
      }),
    );
  });

  it.each<[number, FraudOutcome]>([
    [59, 'ALLOW'],
    [60, 'REVIEW'],
    [99, 'REVIEW'],
    [100, 'BLOCK'],
  ])('with a score of %d ends as %s', (score, outcome) => {
    expect(outcomeOf(score, defaults)).toBe(outcome);
  });
});
