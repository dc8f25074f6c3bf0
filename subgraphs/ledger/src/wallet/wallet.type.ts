import { CurrencyCodeScalar, Money, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Directive, Field, ID, InputType, ObjectType } from 'type-graphql';
import type { AccountEntity } from '../account/account.entity.ts';
import { availableOf, balanceOf, type Counters, heldOf } from '../engine/index.ts';
import { MAX_FURTHER_WALLETS } from './wallet.ts';

/** What is shown of a wallet. */
export type WalletFacts = Pick<AccountEntity, 'id' | 'ownerId' | 'currency' | 'isClosed'> & Counters;

@Directive('@key(fields: "id")')
@ObjectType({ description: 'Money of one user in one currency; visible to its owner and with ledger:read.' })
export class Wallet {
  @Field(() => ID, { description: 'Opaque id, starts with wal_.' }) readonly id: string;
  @Field(() => CurrencyCodeScalar, { description: 'The currency of everything in this wallet.' }) readonly currency: string;
  @Field(() => Money, { description: 'What was posted to the wallet so far, held money included.' }) readonly balance: Money;
  @Field(() => Money, { description: 'What can be spent now: the balance without what is held.' }) readonly available: Money;
  @Field(() => Money, { description: 'What open holds have set aside for payments under way.' }) readonly held: Money;
  @Field(() => Boolean, { description: 'Whether the wallet was closed; it takes and gives nothing any more.' }) readonly isClosed: boolean;
  readonly ownerId: string | null;

  constructor(account: WalletFacts) {
    this.id = account.id;
    this.currency = account.currency;
    this.balance = new Money(account.currency, balanceOf(account));
    this.available = new Money(account.currency, availableOf(account));
    this.held = new Money(account.currency, heldOf(account));
    this.isClosed = account.isClosed;
    this.ownerId = account.ownerId ?? null;
  }
}

@InputType({ description: 'Which wallet to open.' })
export class WalletOpenInput {
  @Field(() => CurrencyCodeScalar, { description: 'The currency of the new wallet; several wallets of one currency are allowed.' })
  currency!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@InputType({ description: 'Which wallet to close.' })
export class WalletCloseInput {
  @Field(() => ID, { description: 'An empty wallet of yours.' }) walletId!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'The wallet is open and empty.' })
export class WalletOpened {
  readonly __typename = 'WalletOpened';
  readonly walletId: string;
  constructor(walletId: string) {
    this.walletId = walletId;
  }
}

@ObjectType({ description: 'The wallet is closed for good.' })
export class WalletClosed {
  readonly __typename = 'WalletClosed';
  readonly walletId: string;
  constructor(walletId: string) {
    this.walletId = walletId;
  }
}

@ObjectType({ implements: Problem, description: 'You have as many open wallets as a user may have: close one first.' })
export class WalletLimitReached extends Problem {
  readonly __typename = 'WalletLimitReached';
  readonly code = 'WALLET_LIMIT_REACHED';
  readonly isRetryable = false;
  readonly message = `A user may have ${MAX_FURTHER_WALLETS} open wallets beside the first of each currency: close one first.`;
}

@Directive('@shareable')
@ObjectType({ implements: Problem, description: 'There is no such wallet, or it is not yours.' })
export class WalletNotFound extends Problem {
  readonly __typename = 'WalletNotFound';
  readonly code = 'WALLET_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such wallet.';
  override readonly path: string[];
  constructor(path: string[]) {
    super();
    this.path = path;
  }
}

@ObjectType({ implements: Problem, description: 'The wallet still holds money or money is on its way: move it first.' })
export class WalletNotEmpty extends Problem {
  readonly __typename = 'WalletNotEmpty';
  readonly code = 'WALLET_NOT_EMPTY';
  readonly isRetryable = false;
  readonly message = 'A wallet that holds money, or that a payment is under way from or to, cannot be closed.';
}

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

export const WalletOpenResult = mutationResult('WalletOpenResult', WalletOpened, WalletLimitReached);
export const WalletCloseResult = mutationResult('WalletCloseResult', WalletClosed, AccountClosed, WalletNotEmpty, WalletNotFound);
