import { DateTime, Money } from '@tessera/service-kit/graphql';
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { TransferEntity } from './transfer.entity.ts';
import { TRANSFER_CODES, type TransferCode, transferCode } from './transfer.ts';

export const TransferStateEnum = {
  POSTED: 'POSTED',
  PENDING: 'PENDING',
  VOIDED: 'VOIDED',
  EXPIRED: 'EXPIRED',
  REFUSED: 'REFUSED',
} as const;
export type TransferStateName = keyof typeof TransferStateEnum;
registerEnumType(TransferStateEnum, {
  name: 'TransferState',
  description: 'POSTED: moved; PENDING: held; VOIDED and EXPIRED: a hold that was given back; REFUSED: nothing moved.',
});

export const TransferCodeEnum = Object.fromEntries(TRANSFER_CODES.map((code) => [code, code])) as { readonly [K in TransferCode]: K }; // fromEntries forgets the keys
registerEnumType(TransferCodeEnum, { name: 'TransferCode', description: 'Why money moved.' });

/** A hold carries how it was resolved: its own row stays PENDING for ever, what the reader sees is how it stands. */
export interface TransferFacts {
  readonly entity: TransferEntity;
  readonly resolution: TransferStateName | null;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'One amount from one account to another; visible to the owners of both and with ledger:read.' })
export class Transfer {
  @Field(() => ID, { description: 'Opaque id.' }) readonly id: string;
  @Field(() => Money, { description: 'What moved, or is held; always positive.' }) readonly amount: Money;
  @Field(() => TransferStateEnum, { description: 'How it stands; of a hold that was resolved, what became of it.' })
  readonly state: TransferStateName;
  @Field(() => TransferCodeEnum, { description: 'Why it was made.' }) readonly code: TransferCode;
  @Field(() => String, { nullable: true, description: 'What the sender wrote to the recipient.' }) readonly note: string | null;
  @Field(() => DateTime, { nullable: true, description: 'Until when a hold may be posted; null for everything else.' })
  readonly expiresAt: Date | null;
  @Field(() => DateTime, { description: 'When it was decided.' }) readonly createdAt: Date;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly orderId: string | null;
  readonly paymentId: string | null;
  readonly reversesId: string | null;

  constructor({ entity, resolution }: TransferFacts) {
    this.id = entity.id;
    this.amount = new Money(entity.currency, entity.amountMinor);
    this.state = resolution ?? entity.state;
    this.code = transferCode(entity.code);
    this.note = entity.note ?? null;
    this.expiresAt = entity.expiresAt ?? null;
    this.createdAt = entity.createdAt;
    this.debitAccountId = entity.debitAccountId;
    this.creditAccountId = entity.creditAccountId;
    this.orderId = entity.orderId ?? null;
    this.paymentId = entity.paymentId ?? null;
    this.reversesId = entity.reverses ?? null;
  }
}
