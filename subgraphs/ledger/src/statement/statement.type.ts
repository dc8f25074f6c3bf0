import { CalendarDate, DateTime, Money } from '@tessera/service-kit/graphql';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { Field, ObjectType } from 'type-graphql';
import type { TransferCode } from '../transfer/transfer.ts';
import { TransferCodeEnum } from '../transfer/transfer.type.ts';
import type { StatementReader } from './statement.ts';
import type { StatementRange } from './statement-range.ts';

@ObjectType({ description: 'One movement that changed the balance of a wallet.' })
export class StatementLine {
  @Field(() => DateTime, { description: 'When it was posted.' }) readonly createdAt!: Date;
  @Field(() => String, { description: 'A name for people of the other side, as it is today.' }) readonly counterparty!: string;
  @Field(() => TransferCodeEnum, { description: 'Why money moved.' }) readonly code!: TransferCode;
  @Field(() => String, { nullable: true, description: 'What the sender wrote to the recipient.' }) readonly note!: string | null;
  @Field(() => Money, { description: 'What came in, or below zero what went out.' }) readonly amount!: Money;
  @Field(() => Money, { description: 'The balance right after it.' }) readonly balanceAfter!: Money;
  readonly transferId!: string;
}

export const StatementLineConnection = connectionTypes('StatementLine', () => StatementLine);

@ObjectType({
  description: 'What happened to the balance of a wallet in some days: opening balance + what came in − what went out = closing balance.',
})
export class Statement {
  @Field(() => CalendarDate, { description: 'The first day, from its beginning in UTC.' }) readonly from: string;
  @Field(() => CalendarDate, { description: 'The last day, to its end in UTC; of today, what was posted so far.' }) readonly to: string;
  readonly walletId: string;
  readonly currency: string;
  readonly reader: StatementReader;

  constructor(wallet: { readonly id: string; readonly currency: string }, { from, to }: StatementRange, reader: StatementReader) {
    this.from = from;
    this.to = to;
    this.walletId = wallet.id;
    this.currency = wallet.currency;
    this.reader = reader;
  }
}
