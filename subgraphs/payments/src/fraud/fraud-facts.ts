import { type Row, rawSql } from '@tessera/service-kit/persistence';
import type { LockedPayment } from '../payment/lock-payment.ts';
import type { Act } from '../services.ts';
import type { FraudFacts, FraudPhase } from './fraud.ts';

const WINDOW_MS = 3_600_000;
/** No payment is tried again so long after it came to be: orders wait a day at most. Keeps the counts within an index. */
const PAYMENT_LIFE_MS = 48 * 3_600_000;
/** Further attempts are not counted, unless a threshold lies higher. */
const MAX_COUNTED = 1_000;
/** Of how many payments, newest first, the largest is looked for. */
const MAX_HISTORY = 500;

interface Card {
  readonly fingerprint: string | null;
  readonly country: string | null;
}

/** What is stored about the attempt and its like, in a handful of indexed reads. What this transaction has not written yet is not missed. */
export async function gatherFacts(subject: LockedPayment, phase: FraudPhase, act: Act): Promise<FraudFacts> {
  const { currency, amountMinor, shippingCountry } = subject.payment;
  const card = await cardOf(subject, phase, act);
  return {
    attempts: await countAttempts(subject, card, act),
    amount: { currency, minor: amountMinor },
    ...(await backgroundOf(subject, act)),
    cardCountry: card.country,
    shippingCountry: shippingCountry ?? null,
  };
}

/** Before it is charged, a card is known only when it is a saved one. */
async function cardOf({ attempt }: LockedPayment, phase: FraudPhase, { em }: Act): Promise<Card> {
  const saved = attempt.paymentMethodId
    ? (await rawSql<Row & Card>(em, 'select fingerprint, country from payment_methods where id = $1', [attempt.paymentMethodId]))[0]
    : undefined;
  const charged = phase === 'AFTER' ? attempt : null;
  return {
    fingerprint: charged?.cardFingerprint ?? saved?.fingerprint ?? null,
    country: charged?.cardCountry ?? saved?.country ?? null,
  };
}

/** The others are counted and this one is added: it may not be written yet, and it counts however old it is. */
async function countAttempts(
  { payment, attempt }: LockedPayment,
  { fingerprint }: Card,
  { em, now, settings }: Act,
): Promise<FraudFacts['attempts']> {
  const { customerId, addressKey = null, shippingKey = null } = payment;
  const { attemptsPerUser, attemptsPerCard, attemptsPerAddress, attemptsPerShipping } = settings.fraud;
  const bound = Math.max(MAX_COUNTED, attemptsPerUser, attemptsPerCard, attemptsPerAddress, attemptsPerShipping);
  const [others] = await rawSql<{ of_user: string; of_card: string; of_address: string; of_shipping: string }>(em, COUNTS, [
    customerId,
    fingerprint,
    addressKey,
    shippingKey,
    attempt.id,
    before(now, WINDOW_MS),
    before(now, PAYMENT_LIFE_MS),
    bound,
  ]);
  const withThis = (count: string | undefined) => Number(count ?? 0) + 1;
  return {
    user: withThis(others?.of_user),
    card: fingerprint === null ? null : withThis(others?.of_card),
    address: addressKey === null ? null : withThis(others?.of_address),
    shipping: shippingKey === null ? null : withThis(others?.of_shipping),
  };
}

const OTHER_RECENT = `a.id <> $5 and a.created_at > $6::timestamptz and a.tender <> 'WALLET'`;

const countBy = (column: string, parameter: string) => `(
  select count(*) from (
    select from payments p join payment_attempts a on a.payment_id = p.id
    where p.${column} = ${parameter}::text and p.created_at > $7::timestamptz and ${OTHER_RECENT} limit $8) counted)`;

/** A saved card that was declined has left no fingerprint at its attempt, so attempts with the saved card are counted too. */
const COUNT_BY_CARD = `(
  select count(*) from (
    select a.id from payment_attempts a where a.card_fingerprint = $2::text and ${OTHER_RECENT}
    union
    select a.id from payment_methods m
      join payments p on p.customer_id = m.user_id
      join payment_attempts a on a.payment_id = p.id and a.payment_method_id = m.id
    where m.user_id = $1 and m.fingerprint = $2::text and p.created_at > $7::timestamptz and ${OTHER_RECENT} limit $8) counted)`;

const COUNTS = `
  select ${countBy('customer_id', '$1')} as of_user, ${COUNT_BY_CARD} as of_card,
    ${countBy('address_key', '$3')} as of_address, ${countBy('shipping_key', '$4')} as of_shipping`;

async function backgroundOf(
  { payment: { id, customerId, currency } }: LockedPayment,
  { em, now }: Act,
): Promise<Pick<FraudFacts, 'largestEarlierMinor' | 'accountAgeMs'>> {
  const parameters = [customerId, currency, id, now.toISOString(), MAX_HISTORY];
  const [row] = await rawSql<{ largest_minor: string | null; age_ms: string | null }>(em, BACKGROUND, parameters);
  return {
    largestEarlierMinor: BigInt(row?.largest_minor ?? 0),
    accountAgeMs: row?.age_ms ? Number(row.age_ms) : null,
  };
}

/** Money that went back, is disputed, or was never found good is no history: else a thief would make one first. */
const BACKGROUND = `
  select
    (select max(kept_minor) from (
      select p.captured_minor - p.refunding_minor - p.refunded_minor as kept_minor from payments p
      where p.customer_id = $1 and p.currency = $2 and p.id <> $3 and p.captured_minor > 0 and p.disputed_minor = 0
        and not exists (select from fraud_reviews r where r.payment_id = p.id and r.state <> 'RELEASED')
      order by p.created_at desc, p.id desc limit $5) earlier) as largest_minor,
    (select extract(epoch from $4::timestamptz - registered_at) * 1000 from customers where id = $1) as age_ms`;

function before(now: Date, spanMs: number): string {
  return new Date(now.getTime() - spanMs).toISOString();
}
