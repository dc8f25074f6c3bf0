import { DateTime, Money } from '@tessera/service-kit/graphql';
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { PostedTransfer } from '../engine/index.ts';
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

/** What is said of a transfer, whether it was read or has just been made. */
export interface TransferFacts
  extends Pick<TransferEntity, 'id' | 'amountMinor' | 'currency' | 'state' | 'code' | 'createdAt' | 'debitAccountId' | 'creditAccountId'>,
    Partial<Pick<TransferEntity, 'note' | 'expiresAt' | 'orderId' | 'paymentId' | 'reverses'>> {}

@Directive('@key(fields: "id")')
@ObjectType({
  description: 'One amount from one account to another; visible to the owners of both and with ledger:read.',
  simpleResolvers: true,
})
export class Transfer {
  @Field(() => ID, { description: 'Opaque id.' }) readonly id: string;
  /** Made for whoever asks for it: of the thousand transfers of a batch, mostly nobody does. */
  @Field(() => Money, { description: 'What moved, or is held; always positive.' })
  get amount(): Money {
    return new Money(this.#currency, this.#amountMinor);
  }

  @Field(() => TransferStateEnum, { description: 'How it stands; of a hold that was resolved, what became of it.' })
  readonly state: TransferStateName;
  @Field(() => TransferCodeEnum, { description: 'Why it was made.' }) readonly code: TransferCode;
  @Field(() => String, { nullable: true, description: 'What the sender wrote to the recipient.' }) readonly note: string | null;
  @Field(() => DateTime, { nullable: true, description: 'Until when a hold may be posted; null for everything else.' })
  readonly expiresAt: Date | null;
  @Field(() => DateTime, { description: 'When it was decided.' }) readonly createdAt: Date;
  readonly #currency: string;
  readonly #amountMinor: bigint;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly orderId: string | null;
  readonly paymentId: string | null;
  readonly reversesId: string | null;

  /** @param resolution what became of a hold: its own row stays PENDING for ever, what the reader sees is how it stands */
  constructor(facts: TransferFacts, resolution: TransferStateName | null = null) {
    this.id = facts.id;
    this.#currency = facts.currency;
    this.#amountMinor = facts.amountMinor;
    this.state = resolution ?? facts.state;
    this.code = transferCode(facts.code);
    this.note = facts.note ?? null;
    this.expiresAt = facts.expiresAt ?? null;
    this.createdAt = facts.createdAt;
    this.debitAccountId = facts.debitAccountId;
    this.creditAccountId = facts.creditAccountId;
    this.orderId = facts.orderId ?? null;
    this.paymentId = facts.paymentId ?? null;
    this.reversesId = facts.reverses ?? null;
  }

  /** As the engine has posted it, without reading it again. Not for holds: what became of one is another row. */
  static posted({ debit, credit, ...facts }: PostedTransfer): Transfer {
    return new Transfer({ ...facts, debitAccountId: debit.accountId, creditAccountId: credit.accountId });
  }
}
