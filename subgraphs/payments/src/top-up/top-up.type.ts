import { DateTime, Money, MoneyInput, PaymentClientActionKindEnum, Problem } from '@tessera/service-kit/graphql';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { Directive, Field, ID, InputType, ObjectType } from 'type-graphql';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import { PaymentStateEnum } from '../payment/payment.enums.ts';
import type { PaymentState } from '../payment/payment.ts';
import type { ClientAction } from '../provider/provider-name.ts';

@ObjectType({ description: 'Money from a card on its way into a wallet.' })
export class TopUp {
  @Field(() => ID, { description: 'The id of its payment, starts with pay_.' }) readonly id: string;
  @Field(() => Money, { description: 'What goes into the wallet.' }) readonly amount: Money;
  @Field(() => PaymentStateEnum, { description: 'Where it is on its way: CAPTURED is in the wallet, unless a person looks at it first.' })
  readonly state: PaymentState;
  @Field(() => String, { nullable: true, description: 'Why it is FAILED or VOIDED, such as CARD_DECLINED or SESSION_EXPIRED; else null.' })
  readonly failureReason: string | null;
  @Field(() => DateTime, { description: 'When it was asked for.' }) readonly createdAt: Date;
  readonly walletId: string;
  readonly customerId: string;

  constructor(payment: PaymentEntity) {
    this.id = payment.id;
    this.amount = new Money(payment.currency, payment.amountMinor);
    this.state = payment.state;
    this.failureReason = payment.state === 'FAILED' || payment.state === 'VOIDED' ? (payment.failureReason ?? null) : null;
    this.createdAt = payment.createdAt;
    this.walletId = payment.topUpWalletId ?? '';
    this.customerId = payment.customerId;
  }
}

export const TopUpConnection = connectionTypes('TopUp', () => TopUp);

@InputType({ description: 'How much to put into which wallet.' })
export class TopUpCreateInput {
  @Field(() => ID, { description: 'An open wallet of yours.' }) walletId!: string;
  @Field(() => MoneyInput, { description: 'How much, in the currency of the wallet.' }) amount!: MoneyInput;
  @Field(() => ID, { nullable: true, description: 'A saved card to charge at once; without one you pay at a page.' })
  paymentMethodId?: string | null;
  @Field(() => PaymentClientActionKindEnum, { nullable: true, description: 'How you pay; HOSTED_PAGE when it is left out.' })
  clientMode?: ClientAction['kind'] | null;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'The top-up is under way; its client action tells what to do next.' })
export class TopUpCreated {
  readonly __typename = 'TopUpCreated';
  readonly paymentId: string;
  constructor(paymentId: string) {
    this.paymentId = paymentId;
  }
}

/** The same type as in the ledger, letter by letter: composition wants shared types identical. */
@Directive('@shareable')
@ObjectType({ implements: Problem, description: 'There is no such wallet, or it is not yours.' })
export class WalletNotFound extends Problem {
  readonly __typename = 'WalletNotFound';
  readonly code = 'WALLET_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such wallet.';
}

/** The same type as in the ledger, letter by letter. */
@Directive('@shareable')
@ObjectType({ implements: Problem, description: 'The wallet was closed and takes part in nothing any more; path tells which one.' })
export class AccountClosed extends Problem {
  readonly __typename = 'AccountClosed';
  readonly code = 'ACCOUNT_CLOSED';
  readonly isRetryable = false;
  readonly message = 'The wallet is closed.';
  override readonly path: string[];
  constructor(path: string[]) {
    super();
    this.path = path;
  }
}

/** The same type as in orders, letter by letter. */
@Directive('@shareable')
@ObjectType({
  implements: Problem,
  description: 'A card is not charged this amount: it is too small, too large, or no step of the currency.',
})
export class AmountNotChargeable extends Problem {
  readonly __typename = 'AmountNotChargeable';
  readonly code = 'AMOUNT_NOT_CHARGEABLE';
  readonly isRetryable = false;
  readonly message: string;
  override readonly path = ['input', 'amount', 'minor'];
  @Field(() => Money, { description: 'The least that can be charged.' }) readonly minimum: Money;
  @Field(() => Money, { description: 'The most that can be charged.' }) readonly maximum: Money;
  constructor(minimum: Money, maximum: Money, isStep: boolean) {
    super();
    this.minimum = minimum;
    this.maximum = maximum;
    this.message = isStep
      ? `Cards are charged in steps of 0.010 ${minimum.currency}.`
      : `Cards are charged from ${minimum.decimal} to ${maximum.decimal} ${minimum.currency}.`;
  }
}
