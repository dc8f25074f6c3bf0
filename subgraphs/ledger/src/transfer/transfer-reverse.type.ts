import { mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { AccountClosed } from '../wallet/wallet.type.ts';
import { InsufficientFunds } from './transfer-create.type.ts';

@InputType({ description: 'Which transfer to take back.' })
export class TransferReverseInput {
  @Field(() => ID, { description: 'A posted transfer that belongs to no payment.' }) transferId!: string;
  @Field(() => String, { description: 'Why, for both sides to read, 1 to 140 characters.' }) note!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'The money is back where it came from, by a new transfer that names the first one.' })
export class TransferReversed {
  readonly __typename = 'TransferReversed';
  readonly transferId: string;
  constructor(transferId: string) {
    this.transferId = transferId;
  }
}

@ObjectType({ implements: Problem, description: 'There is no such transfer.' })
export class TransferNotFound extends Problem {
  readonly __typename = 'TransferNotFound';
  readonly code = 'TRANSFER_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such transfer.';
}

@ObjectType({
  implements: Problem,
  description: 'The transfer cannot be taken back: it moved nothing, was reversed already, is a reversal, or belongs to a payment.',
})
export class TransferNotReversible extends Problem {
  readonly __typename = 'TransferNotReversible';
  readonly code = 'TRANSFER_NOT_REVERSIBLE';
  readonly isRetryable = false;
  readonly message: string;
  constructor(message: string) {
    super();
    this.message = message;
  }
}

export const TransferReverseResult = mutationResult(
  'TransferReverseResult',
  TransferReversed,
  TransferNotFound,
  TransferNotReversible,
  InsufficientFunds,
  AccountClosed,
);
