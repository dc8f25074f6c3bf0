import { EmailAddress, Money, MoneyInput, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Directive, Field, ID, InputType, ObjectType } from 'type-graphql';
import type { PostedTransfer } from '../engine/index.ts';
import { AccountClosed, WalletNotFound } from '../wallet/wallet.type.ts';
import { LimitExceeded } from './limit-exceeded.type.ts';
import { Transfer } from './transfer.type.ts';

@InputType({ description: 'Who receives the money: exactly one of the fields.' })
export class TransferRecipientInput {
  @Field(() => EmailAddress, { nullable: true, description: 'The e-mail address of a user.' }) email?: string;
  @Field(() => String, { nullable: true, description: 'The handle of a user, at most 64 characters.' }) handle?: string;
  @Field(() => ID, { nullable: true, description: 'A wallet, yours or somebody else’s.' }) walletId?: string;
}

@InputType({ description: 'What to send from where to whom.' })
export class TransferCreateInput {
  @Field(() => ID, { description: 'A wallet of yours.' }) fromWalletId!: string;
  @Field(() => TransferRecipientInput, { description: 'Who receives it.' }) to!: TransferRecipientInput;
  @Field(() => MoneyInput, { description: 'How much, in the currency of both wallets; more than 0.' }) amount!: MoneyInput;
  @Field(() => String, { nullable: true, description: 'For the recipient to read, at most 140 characters.' }) note?: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'The money has moved.', simpleResolvers: true })
export class TransferCreated {
  readonly __typename = 'TransferCreated';
  /** What was posted never changes, and its maker may see it: nobody need read it again. */
  readonly posted: PostedTransfer;
  constructor(posted: PostedTransfer) {
    this.posted = posted;
  }

  @Field(() => Transfer, { nullable: true, description: 'The transfer.' })
  get transfer(): Transfer {
    return Transfer.posted(this.posted);
  }
}

@ObjectType({
  implements: Problem,
  description: 'The wallet that pays has less than that available; a retry with the same key answers the same.',
})
export class InsufficientFunds extends Problem {
  readonly __typename = 'InsufficientFunds';
  readonly code = 'INSUFFICIENT_FUNDS';
  readonly isRetryable = false;
  readonly message = 'There is not enough available money: try less, or again with a new key once there is.';
  override readonly path: string[];
  @Field(() => Money, { description: 'What was available.' }) readonly available: Money;
  constructor(available: Money, path: string[]) {
    super();
    this.available = available;
    this.path = path;
  }
}

@ObjectType({ implements: Problem, description: 'Nobody is known by that; after 20 such answers within an hour RateLimited follows.' })
export class RecipientNotFound extends Problem {
  readonly __typename = 'RecipientNotFound';
  readonly code = 'RECIPIENT_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such recipient.';
  override readonly path: string[];
  constructor(path: string[]) {
    super();
    this.path = path;
  }
}

@Directive('@shareable')
@ObjectType({ implements: Problem, description: 'Amount and wallets are of different currencies; nothing is ever converted.' })
export class CurrencyMismatch extends Problem {
  readonly __typename = 'CurrencyMismatch';
  readonly code = 'CURRENCY_MISMATCH';
  readonly isRetryable = false;
  readonly message = 'The amount must be in the currency of both wallets.';
  override readonly path: string[];
  constructor(path: string[]) {
    super();
    this.path = path;
  }
}

@ObjectType({ implements: Problem, description: 'The wallet that pays is also the one that would receive.' })
export class SameAccount extends Problem {
  readonly __typename = 'SameAccount';
  readonly code = 'SAME_ACCOUNT';
  readonly isRetryable = false;
  readonly message = 'A wallet cannot send money to itself.';
  override readonly path: string[];
  constructor(path: string[]) {
    super();
    this.path = path;
  }
}

export const TransferCreateResult = mutationResult(
  'TransferCreateResult',
  TransferCreated,
  InsufficientFunds,
  LimitExceeded,
  RecipientNotFound,
  AccountClosed,
  CurrencyMismatch,
  SameAccount,
  WalletNotFound,
);
