/** Rules of fraud: what a payment looks like, and what follows. Plain data in, decision out; no I/O, no clock, no randomness. */
import { currencyExponent } from '@tessera/schema/contract';
import { type MoneyValue, toDecimal } from '@tessera/service-kit/money';
import type { FraudThresholds } from './fraud-config.ts';

export type FraudRule =
  | 'USER_VELOCITY'
  | 'CARD_VELOCITY'
  | 'ADDRESS_VELOCITY'
  | 'SHIPPING_VELOCITY'
  | 'AMOUNT_ABOVE_HISTORY'
  | 'COUNTRY_MISMATCH'
  | 'NEW_ACCOUNT';
/** REVIEW: a person decides; BLOCK: nobody has to. */
export type FraudOutcome = 'ALLOW' | 'REVIEW' | 'BLOCK';
/** BEFORE: the provider has not been asked yet; AFTER: it has the money, and the card is known. */
export type FraudPhase = 'BEFORE' | 'AFTER';
export type FraudReviewState = 'OPEN' | 'RELEASED' | 'REJECTED' | 'LAPSED';

export interface FraudReason {
  readonly rule: FraudRule;
  readonly weight: number;
  /** One sentence with the numbers; it names nobody. */
  readonly detail: string;
}

export interface Assessment {
  readonly score: number;
  readonly outcome: FraudOutcome;
  readonly reasons: readonly FraudReason[];
}

/** What is known of an attempt. What is not known is null, and never weighs. */
export interface FraudFacts {
  /** Attempts within the last hour by the same customer, card, client address and delivery address, this one included. */
  readonly attempts: {
    readonly user: number;
    readonly card: number | null;
    readonly address: number | null;
    readonly shipping: number | null;
  };
  readonly amount: MoneyValue;
  /** The most that the customer has paid before in this currency and not got back; 0 when there is nothing. */
  readonly largestEarlierMinor: bigint;
  readonly cardCountry: string | null;
  readonly shippingCountry: string | null;
  readonly accountAgeMs: number | null;
}

const HOUR_MS = 3_600_000;

/** Weighs everything that is found. A further finding never lowers the score, and the outcome depends on the score alone. */
export function assess(facts: FraudFacts, thresholds: FraudThresholds): Assessment {
  const reasons = [...velocities(facts, thresholds), ...amounts(facts, thresholds), ...countries(facts, thresholds)].filter(
    ({ weight }) => weight > 0,
  );
  const score = reasons.reduce((sofar, { weight }) => sofar + weight, 0);
  return { score, outcome: outcomeOf(score, thresholds), reasons };
}

export function outcomeOf(score: number, { reviewFrom, blockFrom }: Pick<FraudThresholds, 'reviewFrom' | 'blockFrom'>): FraudOutcome {
  if (score >= blockFrom) return 'BLOCK';
  return score >= reviewFrom ? 'REVIEW' : 'ALLOW';
}

function velocities({ attempts }: FraudFacts, limits: FraudThresholds): FraudReason[] {
  const { weights } = limits;
  return [
    velocity('USER_VELOCITY', weights.userVelocity, 'by this customer', attempts.user, limits.attemptsPerUser),
    velocity('CARD_VELOCITY', weights.cardVelocity, 'with this card', attempts.card, limits.attemptsPerCard),
    velocity('ADDRESS_VELOCITY', weights.addressVelocity, 'from this client address', attempts.address, limits.attemptsPerAddress),
    velocity('SHIPPING_VELOCITY', weights.shippingVelocity, 'for this delivery address', attempts.shipping, limits.attemptsPerShipping),
  ].flat();
}

function velocity(rule: FraudRule, weight: number, whose: string, count: number | null, limit: number): FraudReason[] {
  if (count === null || count < limit) return [];
  return [{ rule, weight, detail: `${count} attempts ${whose} within an hour; ${limit} are too many.` }];
}

function amounts(facts: FraudFacts, limits: FraudThresholds): FraudReason[] {
  return [...amountAboveHistory(facts, limits), ...newAccount(facts, limits)];
}

function amountAboveHistory({ amount, largestEarlierMinor }: FraudFacts, limits: FraudThresholds): FraudReason[] {
  const { amountFrom, amountTimesHistory, weights } = limits;
  const isLarge = amount.minor >= minorOf(amountFrom, amount, limits);
  if (!isLarge || amount.minor <= largestEarlierMinor * BigInt(amountTimesHistory)) return [];
  const earlier = textOf({ ...amount, minor: largestEarlierMinor });
  const than =
    largestEarlierMinor > 0n ? `more than ${amountTimesHistory} times the largest earlier payment, ${earlier}` : 'a first payment';
  return [{ rule: 'AMOUNT_ABOVE_HISTORY', weight: weights.amount, detail: `${textOf(amount)} is ${than}.` }];
}

function newAccount({ amount, accountAgeMs }: FraudFacts, limits: FraudThresholds): FraudReason[] {
  const { newAccountHours, newAccountAmount, weights } = limits;
  if (accountAgeMs === null || accountAgeMs >= newAccountHours * HOUR_MS) return [];
  if (amount.minor <= minorOf(newAccountAmount, amount, limits)) return [];
  const hours = Math.max(0, Math.floor(accountAgeMs / HOUR_MS));
  return [{ rule: 'NEW_ACCOUNT', weight: weights.newAccount, detail: `The account is ${hours} hours old and pays ${textOf(amount)}.` }];
}

function countries({ cardCountry, shippingCountry }: FraudFacts, { weights }: FraudThresholds): FraudReason[] {
  if (cardCountry === null || shippingCountry === null || cardCountry.toUpperCase() === shippingCountry.toUpperCase()) return [];
  const detail = `The card is from ${cardCountry}, the delivery goes to ${shippingCountry}.`;
  return [{ rule: 'COUNTRY_MISMATCH', weight: weights.country, detail }];
}

/** A threshold in units, as minor units of this currency: 200 is 20000 in USD, 200000 in KWD, and with 150 units per dollar 30000 in JPY. */
function minorOf(units: number, { currency }: MoneyValue, { unitsPerDollar }: FraudThresholds): bigint {
  return BigInt(units) * BigInt(unitsPerDollar[currency] ?? 1) * 10n ** BigInt(currencyExponent(currency));
}

function textOf(amount: MoneyValue): string {
  return `${toDecimal(amount)} ${amount.currency}`;
}
