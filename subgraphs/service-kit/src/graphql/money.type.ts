import { type CurrencyCode, isCurrencyCode } from '@tessera/schema/contract';
import { Directive, Field, InputType, ObjectType } from 'type-graphql';
import { InvariantViolation } from '../errors/index.ts';
import { toDecimal } from '../money/index.ts';
import { CurrencyCodeScalar, MinorUnits } from './scalars.ts';

@Directive('@shareable')
@ObjectType({ description: 'An amount of money: exact in minor units, with a decimal text for display.', simpleResolvers: true })
export class Money {
  @Field(() => CurrencyCodeScalar, { description: 'The ISO 4217 currency.' }) readonly currency: CurrencyCode;
  @Field(() => MinorUnits, { description: 'The amount in the smallest unit of the currency, as a string.' }) readonly minor: bigint;
  @Field(() => String, { description: 'The same amount as a decimal number, for display only.' }) readonly decimal: string;

  constructor(currency: string, minor: bigint) {
    if (!isCurrencyCode(currency)) throw new InvariantViolation(`Not a currency: ${currency}`);
    this.currency = currency;
    this.minor = minor;
    this.decimal = toDecimal({ currency, minor });
  }
}

@InputType({ description: 'An amount of money in minor units.' })
export class MoneyInput {
  @Field(() => CurrencyCodeScalar, { description: 'The ISO 4217 currency.' }) currency!: CurrencyCode;
  @Field(() => MinorUnits, { description: 'The amount in the smallest unit of the currency, as a string.' }) minor!: bigint;
}
