import { CurrencyCodeScalar, Money } from '@tessera/service-kit/graphql';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { ACCOUNT_KINDS, type AccountKind, availableOf, balanceOf, heldOf } from '../engine/index.ts';
import type { AccountEntity } from './account.entity.ts';

export const LedgerAccountKind = Object.fromEntries(ACCOUNT_KINDS.map((kind) => [kind, kind])) as { readonly [K in AccountKind]: K }; // fromEntries forgets the keys
registerEnumType(LedgerAccountKind, { name: 'LedgerAccountKind', description: 'What an account of the ledger is for.' });

@ObjectType({
  description:
    'One account of the ledger; everybody who sees a transfer sees id, kind and name of its accounts, the rest is for the owner and ledger:read.',
})
export class LedgerAccount {
  @Field(() => ID, { description: 'Opaque id; of a wallet the wallet id.' }) readonly id: string;
  @Field(() => LedgerAccountKind, { description: 'What the account is for.' }) readonly kind: AccountKind;
  @Field(() => String, {
    nullable: true,
    description: 'The fixed name of a system or payable account, such as system:escrow:USD; null for wallets.',
  })
  readonly address: string | null;
  @Field(() => CurrencyCodeScalar, { nullable: true, description: 'The currency of the account.' }) readonly currency: string | null;
  @Field(() => Money, { nullable: true, description: 'What was posted, counted on the side on which this kind of account grows.' })
  readonly balance: Money | null;
  @Field(() => Money, { nullable: true, description: 'The balance without what is held.' }) readonly available: Money | null;
  @Field(() => Money, { nullable: true, description: 'What open holds have set aside.' }) readonly held: Money | null;
  @Field(() => Money, { nullable: true, description: 'Everything that was ever debited.' }) readonly debits: Money | null;
  @Field(() => Money, { nullable: true, description: 'Everything that was ever credited.' }) readonly credits: Money | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the account was closed.' }) readonly isClosed: boolean | null;
  readonly ownerId: string | null;
  /** Users whose display name stands for the account, whoever asks. */
  readonly nameOf: string | null;

  constructor(account: AccountEntity, isVisible: boolean) {
    const money = (minor: bigint) => (isVisible ? new Money(account.currency, minor) : null);
    this.id = account.id;
    this.kind = account.kind;
    this.nameOf = account.ownerId ?? null;
    this.address = isVisible ? (account.address ?? null) : null;
    this.currency = isVisible ? account.currency : null;
    this.balance = money(balanceOf(account));
    this.available = money(availableOf(account));
    this.held = money(heldOf(account));
    this.debits = money(account.debitsPosted);
    this.credits = money(account.creditsPosted);
    this.isClosed = isVisible ? account.isClosed : null;
    this.ownerId = isVisible ? (account.ownerId ?? null) : null;
  }
}

@InputType({ description: 'Which accounts of the ledger; all conditions together.' })
export class LedgerAccountWhere {
  @Field(() => [LedgerAccountKind], { nullable: true, description: 'Of one of these kinds, at most 20.' }) kind?: AccountKind[];
  @Field(() => CurrencyCodeScalar, { nullable: true, description: 'In this currency.' }) currency?: string;
  @Field(() => ID, { nullable: true, description: 'Of this user.' }) ownerId?: string;
  @Field(() => String, { nullable: true, description: 'With exactly this address.' }) address?: string;
  @Field(() => String, {
    nullable: true,
    description:
      'With this in the name that displayName tells, whatever the case; 2 to 64 characters that at most 500 users have in theirs.',
  })
  name?: string;
  @Field(() => Boolean, { nullable: true, description: 'Closed or open ones only.' }) isClosed?: boolean;
}

export const LedgerAccountConnection = connectionTypes('LedgerAccount', () => LedgerAccount);
