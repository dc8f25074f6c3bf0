import { DateTime, Money, MoneyInput, mutationResult } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { endOfDay, type LimitState, usedToday } from '../engine/index.ts';
import { CurrencyMismatch } from '../transfer/transfer-create.type.ts';
import { WalletNotFound } from './wallet.type.ts';

/** `now` is the database's clock. */
export interface WalletLimitsFacts {
  readonly ownerId: string;
  readonly currency: string;
  readonly state: Pick<LimitState, 'perTransferMinor' | 'perDayMinor' | 'usedMinor' | 'usedOn'>;
  readonly now: Date;
}

@ObjectType({
  description:
    'What the owner may send to others in this currency, over all wallets of it; payments of orders and money that comes in do not count.',
})
export class WalletLimits {
  @Field(() => Money, { nullable: true, description: 'The most that one transfer may move; null without bound.' })
  readonly perTransfer: Money | null;
  @Field(() => Money, { nullable: true, description: 'The most that all transfers of one day of UTC may move; null without bound.' })
  readonly perDay: Money | null;
  @Field(() => Money, {
    nullable: true,
    description: 'What of it is used today; null where a day has no bound.',
  })
  readonly usedToday: Money | null;
  @Field(() => DateTime, { description: 'When the next day begins.' }) readonly resetsAt: Date;
  readonly ownerId: string;
  readonly currency: string;

  constructor({ ownerId, currency, state, now }: WalletLimitsFacts) {
    const money = (minor: bigint | null): Money | null => (minor === null ? null : new Money(currency, minor));
    this.perTransfer = money(state.perTransferMinor);
    this.perDay = money(state.perDayMinor);
    this.usedToday = this.perDay ? money(usedToday(state, now)) : null;
    this.resetsAt = endOfDay(now);
    this.ownerId = ownerId;
    this.currency = currency;
  }
}

@ObjectType({ description: 'Who set the limits when, and why.' })
export class WalletLimitsChange {
  @Field(() => Money, { nullable: true, description: 'The most that one transfer may move since then; null without bound.' })
  readonly perTransfer: Money | null = null;
  @Field(() => Money, { nullable: true, description: 'The most that a day may move since then; null without bound.' })
  readonly perDay: Money | null = null;
  @Field(() => String, { description: 'Why.' }) readonly reason!: string;
  @Field(() => String, { description: 'Who: user:usr_… or the like.' }) readonly actor!: string;
  @Field(() => DateTime, { description: 'When.' }) readonly changedAt!: Date;
}

@InputType({ description: 'What the owner of a wallet may send in its currency from now on.' })
export class WalletLimitsSetInput {
  @Field(() => ID, { description: 'A wallet of the user; the limits hold for all wallets of that user in its currency.' })
  walletId!: string;
  @Field(() => MoneyInput, { nullable: true, description: 'The most that one transfer may move, 0 or more; left out, there is no bound.' })
  perTransfer?: MoneyInput;
  @Field(() => MoneyInput, { nullable: true, description: 'The most that a day of UTC may move, 0 or more; left out, there is no bound.' })
  perDay?: MoneyInput;
  @Field(() => String, { description: 'Why, for those who look later, 1 to 140 characters.' }) reason!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'The limits hold from now on.' })
export class WalletLimitsChanged {
  readonly __typename = 'WalletLimitsChanged';
  readonly walletId: string;
  constructor(walletId: string) {
    this.walletId = walletId;
  }
}

export const WalletLimitsSetResult = mutationResult('WalletLimitsSetResult', WalletLimitsChanged, WalletNotFound, CurrencyMismatch);
