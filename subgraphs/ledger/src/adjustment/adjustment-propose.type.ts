import { MoneyInput, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { CurrencyMismatch } from '../transfer/transfer-create.type.ts';
import { AccountClosed } from '../wallet/wallet.type.ts';

const ACCOUNT = 'A wallet or account id, or the address of a system account, such as system:expenses:USD';

@InputType({ description: 'What to correct.' })
export class AdjustmentProposeInput {
  @Field(() => ID, { description: `${ACCOUNT}: what it takes is debited here.` }) debitAccountId!: string;
  @Field(() => ID, { description: `${ACCOUNT}: what it gives is credited here.` }) creditAccountId!: string;
  @Field(() => MoneyInput, { description: 'How much, in the currency of both accounts; more than 0.' }) amount!: MoneyInput;
  @Field(() => String, { description: 'Why, for both sides to read, 1 to 140 characters.' }) reason!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'The adjustment waits for another person to approve it.' })
export class AdjustmentProposed {
  readonly __typename = 'AdjustmentProposed';
  readonly adjustmentId: string;
  constructor(adjustmentId: string) {
    this.adjustmentId = adjustmentId;
  }
}

@ObjectType({ implements: Problem, description: 'There is no such account; path tells which one.' })
export class LedgerAccountNotFound extends Problem {
  readonly __typename = 'LedgerAccountNotFound';
  readonly code = 'LEDGER_ACCOUNT_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such account: give a wallet or account id, or the address of a system account.';
  override readonly path: string[];
  constructor(path: string[]) {
    super();
    this.path = path;
  }
}

export const AdjustmentProposeResult = mutationResult(
  'AdjustmentProposeResult',
  AdjustmentProposed,
  LedgerAccountNotFound,
  AccountClosed,
  CurrencyMismatch,
);
