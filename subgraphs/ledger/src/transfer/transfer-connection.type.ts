import { Cursor, DateTime, Money } from '@tessera/service-kit/graphql';
import { type Connection, PageInfo } from '@tessera/service-kit/pagination';
import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Transfer, TransferStateEnum, type TransferStateName } from './transfer.type.ts';

export const TransferDirectionEnum = { IN: 'IN', OUT: 'OUT' } as const;
export type TransferDirection = keyof typeof TransferDirectionEnum;
registerEnumType(TransferDirectionEnum, { name: 'TransferDirection', description: 'Whether money comes into a wallet or leaves it.' });

@InputType({ description: 'Which transfers of a wallet; all conditions together.' })
export class TransferWhere {
  @Field(() => TransferDirectionEnum, { nullable: true, description: 'In this direction only.' }) direction?: TransferDirection;
  @Field(() => [TransferStateEnum], {
    nullable: true,
    description: 'In one of these states, at most 5; refused transfers are never listed.',
  })
  state?: TransferStateName[];
  @Field(() => DateTime, { nullable: true, description: 'Not before this instant.' }) createdFrom?: Date;
  @Field(() => DateTime, { nullable: true, description: 'Before this instant.' }) createdBefore?: Date;
}

/** A movement as its wallet saw it. */
@ObjectType({ description: 'One Transfer in the list of a wallet, seen from that wallet.' })
export class TransferEdge {
  @Field(() => Transfer, { description: 'The transfer itself.' }) readonly node!: Transfer;
  @Field(() => Cursor, { description: 'Its place in the list.' }) readonly cursor!: string;
  @Field(() => TransferDirectionEnum, { description: 'Whether it brings money into this wallet or takes it out.' })
  readonly direction!: TransferDirection;
  @Field(() => Money, { description: 'The posted balance of this wallet right after it.' }) readonly balanceAfter!: Money;
  @Field(() => Money, { description: 'What could be spent from this wallet right after it.' }) readonly availableAfter!: Money;
  @Field(() => Int, { description: 'Counts what happened to the wallet, without gaps.' }) readonly sequence!: number;
  readonly counterpartyId!: string;
}

@ObjectType({ description: 'A page of the transfers of a wallet.' })
export class TransferConnection {
  @Field(() => [TransferEdge], { description: 'The page, newest first.' }) readonly edges: readonly TransferEdge[];
  @Field(() => PageInfo, { description: 'Where the page lies.' }) readonly pageInfo: PageInfo;
  readonly countAll: () => Promise<number | null>;

  constructor({ pageInfo, countAll }: Connection<unknown>, edges: readonly TransferEdge[]) {
    this.edges = edges;
    this.pageInfo = pageInfo;
    this.countAll = countAll;
  }

  @Field(() => Int, { nullable: true, description: 'How many there are in all; counted only when asked for.' })
  totalCount(): Promise<number | null> {
    return this.countAll();
  }
}
