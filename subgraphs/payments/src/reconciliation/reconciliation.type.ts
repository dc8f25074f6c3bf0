import { CalendarDate, CurrencyCodeScalar, DateTime, Money } from '@tessera/service-kit/graphql';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PaymentProviderEnum } from '../payment/payment.enums.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { Amount, Book, CurrencyTotal, Difference, DifferenceKind } from './books.ts';
import type { ReconciliationResult } from './reconcile.ts';

const MAX_DIFFERENCES = 1_000;

const ReconciliationDifferenceKindEnum = {
  MISSING_HERE: 'MISSING_HERE',
  MISSING_THERE: 'MISSING_THERE',
  MISSING_IN_LEDGER: 'MISSING_IN_LEDGER',
  AMOUNT_DIFFERS: 'AMOUNT_DIFFERS',
  FEE_DIFFERS: 'FEE_DIFFERS',
} as const satisfies Record<DifferenceKind, DifferenceKind>;
registerEnumType(ReconciliationDifferenceKindEnum, {
  name: 'ReconciliationDifferenceKind',
  description:
    'How books differ: a fact that payments (HERE), the provider (THERE) or the ledger does not have, or one that they have otherwise.',
});

const ReconciliationBookEnum = { PROVIDER: 'PROVIDER', PAYMENTS: 'PAYMENTS', LEDGER: 'LEDGER' } as const satisfies Record<Book, Book>;
registerEnumType(ReconciliationBookEnum, { name: 'ReconciliationBook', description: 'One of the books that are compared.' });

@ObjectType({ description: 'What a day came to in one currency, at the provider and in the ledger.' })
export class ReconciliationTotal {
  @Field(() => CurrencyCodeScalar, { description: 'The currency.' }) readonly currency: string;
  @Field(() => Money, { description: 'What was charged.' }) readonly charged: Money;
  @Field(() => Money, { description: 'What was refunded, less refunds that failed.' }) readonly refunded: Money;
  @Field(() => Money, { description: 'What disputes took, less what came back.' }) readonly disputed: Money;
  @Field(() => Money, { description: 'What the provider kept for itself.' }) readonly fees: Money;
  @Field(() => Money, { description: 'What the balance at the provider changed by, without payouts.' }) readonly net: Money;
  @Field(() => Money, { description: "What the ledger's clearing account changed by; facts of midnight may be on the day after." })
  readonly ledgerNet: Money;
  @Field(() => Money, {
    description:
      'What the provider turned into this currency, less what it turned out of it, where it settles in another one than customers pay in: ledgerNet and this come to net.',
  })
  readonly converted: Money;

  constructor({ currency, ...total }: CurrencyTotal) {
    this.currency = currency;
    this.charged = new Money(currency, total.chargedMinor);
    this.refunded = new Money(currency, total.refundedMinor);
    this.disputed = new Money(currency, total.disputedMinor);
    this.fees = new Money(currency, total.feesMinor);
    this.net = new Money(currency, total.netMinor);
    this.ledgerNet = new Money(currency, total.ledgerNetMinor);
    this.converted = new Money(currency, total.convertedMinor);
  }
}

@ObjectType({ description: 'A fact on which the books do not agree.' })
export class ReconciliationDifference {
  @Field(() => ReconciliationDifferenceKindEnum, { description: 'How they differ.' }) readonly kind: DifferenceKind;
  @Field(() => ReconciliationBookEnum, { description: 'The book that does not say what the others do.' }) readonly book: Book;
  @Field(() => String, { description: "The provider's id of the charge, refund, dispute or movement; else the key of the posting." })
  readonly providerId: string;
  @Field(() => Money, { nullable: true, description: 'What the others say; signed: what leaves the balance at the provider is negative.' })
  readonly expected: Money | null;
  @Field(() => Money, { nullable: true, description: 'What that book says; null where it says nothing.' }) readonly actual: Money | null;
  readonly paymentId: string | null;

  constructor({ kind, book, providerId, paymentId, expected, actual }: Difference) {
    this.kind = kind;
    this.book = book;
    this.providerId = providerId;
    this.paymentId = paymentId;
    this.expected = moneyOf(expected);
    this.actual = moneyOf(actual);
  }
}

@ObjectType({ description: "A day of the provider's books compared with those of payments and ledger." })
export class Reconciliation {
  @Field(() => PaymentProviderEnum, { description: 'Whose books.' }) readonly provider: ProviderName;
  @Field(() => CalendarDate, { description: 'The day, in UTC.' }) readonly date: string;
  @Field(() => Boolean, { description: 'Whether there is no difference at all.' }) readonly isBalanced: boolean;
  @Field(() => DateTime, { description: 'When it was compared: just now, unless `isStored`.' }) readonly checkedAt: Date;
  @Field(() => Boolean, {
    description: 'Whether this is what the daily check found then, because comparing so large a day takes too long for a request.',
  })
  readonly isStored: boolean;
  @Field(() => [ReconciliationTotal], { description: 'One for each currency of the day.' }) readonly totals: readonly ReconciliationTotal[];
  @Field(() => Int, { description: 'How many differences there are.' }) readonly differenceCount: number;
  @Field(() => [ReconciliationDifference], { description: 'The differences, at most 1,000.' })
  readonly differences: readonly ReconciliationDifference[];
  @Field(() => DateTime, { nullable: true, description: 'When the daily check compared that day; null when it has not yet.' })
  readonly dailyCheckedAt: Date | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the daily check found no difference; null when it has not run yet.' })
  readonly wasBalanced: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the daily check found just the same; null when it has not run yet.' })
  readonly isAsDaily: boolean | null;

  /** @param daily what the daily check found; the same as the result when it is answered instead */
  constructor(result: ReconciliationResult, daily: ReconciliationResult | null) {
    const { provider, date, checkedAt, totals, differences, differenceCount, digest } = result;
    this.provider = provider;
    this.date = date;
    this.isBalanced = differenceCount === 0;
    this.checkedAt = checkedAt;
    this.isStored = result === daily;
    this.totals = totals.map((total) => new ReconciliationTotal(total));
    this.differenceCount = differenceCount;
    this.differences = differences.slice(0, MAX_DIFFERENCES).map((difference) => new ReconciliationDifference(difference));
    this.dailyCheckedAt = daily?.checkedAt ?? null;
    this.wasBalanced = daily && daily.differenceCount === 0;
    this.isAsDaily = daily && daily.digest === digest;
  }
}

function moneyOf(amount: Amount | null): Money | null {
  return amount && new Money(amount.currency, amount.minor);
}
