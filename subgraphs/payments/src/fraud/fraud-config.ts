import { CURRENCIES, type CurrencyCode } from '@tessera/schema/contract';
import { z } from 'zod';

const count = z.number().int().min(1).max(1_000_000);
/** Of one finding; 0 switches its rule off. */
const weight = z.number().int().min(0).max(1_000);
const score = z.number().int().min(1).max(100_000);

/** How many units of a currency are worth about one of a dollar, where that is far from one; the same amount then means the same everywhere. */
const UNITS_PER_DOLLAR: Partial<Record<CurrencyCode, number>> = {
  CNY: 7,
  CZK: 20,
  DKK: 7,
  HKD: 8,
  INR: 85,
  JPY: 150,
  KRW: 1_400,
  MXN: 18,
  NOK: 10,
  SEK: 10,
  ZAR: 18,
};

/** What the fraud rules count, and how much each finding weighs. Scores add up; from `reviewFrom` a person decides, from `blockFrom` nobody has to. */
const thresholds = z
  .strictObject({
    reviewFrom: score.default(60),
    blockFrom: score.default(100),
    /** Attempts within the hour from which a velocity rule speaks. */
    attemptsPerUser: count.default(10),
    attemptsPerCard: count.default(8),
    attemptsPerAddress: count.default(20),
    attemptsPerShipping: count.default(10),
    /**
     * More than so many times the largest earlier payment of a customer is told, from this amount on; without an earlier one that amount is
     * enough. In units of the currency (100.00 is 100), times its `unitsPerDollar`.
     */
    amountTimesHistory: count.default(5),
    amountFrom: count.default(200),
    /** Accounts younger than this are new; a new one that spends more than `newAccountAmount` units is told. */
    newAccountHours: count.default(24),
    newAccountAmount: count.default(500),
    /** Both amounts above are multiplied by this; a currency that is left out counts as 1. */
    unitsPerDollar: z.partialRecord(z.enum(Object.keys(CURRENCIES) as [CurrencyCode, ...CurrencyCode[]]), count).default(UNITS_PER_DOLLAR), // keys lose their type
    weights: z
      .strictObject({
        userVelocity: weight.default(40),
        cardVelocity: weight.default(50),
        addressVelocity: weight.default(30),
        shippingVelocity: weight.default(30),
        amount: weight.default(30),
        country: weight.default(30),
        newAccount: weight.default(40),
      })
      .prefault({}),
  })
  .refine(({ reviewFrom, blockFrom }) => reviewFrom <= blockFrom, {
    path: ['blockFrom'],
    message: 'must not be less than reviewFrom',
  });

export type FraudThresholds = z.output<typeof thresholds>;

/** Thresholds as JSON text, such as `{"blockFrom": 120, "weights": {"country": 0}}`. */
export function fraudThresholds() {
  const expected = 'a JSON object of thresholds and weights, such as {"reviewFrom": 60, "weights": {"country": 0}}';
  return z
    .string({ error: expected })
    .default('{}')
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: expected });
        return z.NEVER;
      }
    })
    .pipe(thresholds);
}

export const DEFAULT_FRAUD_THRESHOLDS: FraudThresholds = thresholds.parse({});
