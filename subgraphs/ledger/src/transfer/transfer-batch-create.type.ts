import { MoneyInput, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { TransferCreateResult, TransferRecipientInput } from './transfer-create.type.ts';

export const MAX_ITEMS = 1_000;

@InputType({ description: 'One transfer of a batch.' })
export class TransferBatchItemInput {
  @Field(() => ID, { nullable: true, description: 'A wallet of yours that pays this one; by default the one of the batch.' })
  fromWalletId?: string;
  @Field(() => TransferRecipientInput, { description: 'Who receives it.' }) to!: TransferRecipientInput;
  @Field(() => MoneyInput, { description: 'How much, in the currency of both wallets; more than 0.' }) amount!: MoneyInput;
  @Field(() => String, { nullable: true, description: 'For the recipient to read, at most 140 characters.' }) note?: string;
  @Field(() => ID, {
    nullable: true,
    description:
      'A key of your own for this one payment, such as the number of an invoice: whatever batch it comes in, it is made once. By default it belongs to the batch and its place in it. Not for atomic batches.',
  })
  idempotencyKey?: string;
}

@InputType({ description: 'What to send to whom, many at once.' })
export class TransferBatchCreateInput {
  @Field(() => ID, { nullable: true, description: 'A wallet of yours that pays every item which names no other.' }) fromWalletId?: string;
  @Field(() => [TransferBatchItemInput], { description: `The transfers, 1 to ${MAX_ITEMS.toLocaleString('en')}.` })
  items!: TransferBatchItemInput[];
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether all are made or none; by default false: each is decided for itself, in the order of the list.',
  })
  atomic?: boolean;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'Every item was decided; of an atomic batch, every one was made.', simpleResolvers: true })
export class TransferBatchCreated {
  readonly __typename = 'TransferBatchCreated';
  @Field(() => Int, { description: 'How many transfers were made.' }) readonly createdCount: number;
  @Field(() => [TransferCreateResult], { description: 'What came of each item, in their order.' }) readonly results: object[];
  constructor(createdCount: number, results: object[]) {
    this.createdCount = createdCount;
    this.results = results;
  }
}

@ObjectType({
  implements: Problem,
  description: 'One item of an atomic batch cannot be carried out, so none was; a retry with the same key answers the same.',
})
export class TransferBatchRefused extends Problem {
  readonly __typename = 'TransferBatchRefused';
  readonly code = 'TRANSFER_BATCH_REFUSED';
  readonly isRetryable = false;
  readonly message: string;
  override readonly path: string[];
  @Field(() => Int, { description: 'The place of the item in the list, from 0.' }) readonly itemIndex: number;
  @Field(() => TransferCreateResult, { description: 'Why it cannot be carried out.' }) readonly reason: object;
  constructor(itemIndex: number, reason: object) {
    super();
    this.itemIndex = itemIndex;
    this.path = ['input', 'items', String(itemIndex)];
    this.message = `Nothing was sent, because item ${itemIndex} cannot be: mend it, and send the batch with a new key.`;
    this.reason = reason;
  }
}

export const TransferBatchCreateResult = mutationResult('TransferBatchCreateResult', TransferBatchCreated, TransferBatchRefused);
