import { CurrencyCodeScalar, DateTime, Money } from '@tessera/service-kit/graphql';
import { Field, Int, ObjectType } from 'type-graphql';
import { LedgerAccountKind } from '../account/ledger-account.type.ts';
import type { AccountKind } from '../engine/index.ts';

@ObjectType({ description: 'All accounts of one kind and currency together.' })
export class TrialBalanceLine {
  @Field(() => LedgerAccountKind, { description: 'The kind of account.' }) readonly kind!: AccountKind;
  @Field(() => CurrencyCodeScalar, { description: 'The currency.' }) readonly currency!: string;
  @Field(() => Int, { description: 'How many accounts anything had happened to by then.' }) readonly accounts!: number;
  @Field(() => Money, { description: 'Everything debited.' }) readonly debits!: Money;
  @Field(() => Money, { description: 'Everything credited.' }) readonly credits!: Money;
}

@ObjectType({ description: 'One currency: whether every debit has its credit.' })
export class TrialBalanceTotal {
  @Field(() => CurrencyCodeScalar, { description: 'The currency.' }) readonly currency!: string;
  @Field(() => Money, { description: 'Everything debited.' }) readonly debits!: Money;
  @Field(() => Money, { description: 'Everything credited.' }) readonly credits!: Money;
  @Field(() => Boolean, { description: 'Whether both are equal, as they must be.' }) readonly isBalanced!: boolean;
}

@ObjectType({ description: 'Debits and credits of all accounts at one instant.' })
export class TrialBalance {
  @Field(() => DateTime, { description: 'Movements up to and including this instant are counted.' }) readonly asOf!: Date;
  @Field(() => [TrialBalanceLine], { description: 'One line per kind and currency.' }) readonly lines!: readonly TrialBalanceLine[];
  @Field(() => [TrialBalanceTotal], { description: 'One total per currency.' }) readonly totals!: readonly TrialBalanceTotal[];
}
