import type { CurrencyCode, EventPayload } from '@tessera/schema/contract';
import type { Act } from '../services.ts';
import { PaymentEntity } from './payment.entity.ts';
import type { Share } from './split.ts';

export interface NewPayment {
  readonly id: string;
  /** Either this, or a wallet to top up. */
  readonly orderId: string | null;
  readonly topUpWalletId: string | null;
  readonly customerId: string;
  readonly currency: CurrencyCode;
  readonly amountMinor: bigint;
  readonly shares: readonly Share[];
  readonly description: string;
  readonly risk: EventPayload<'PaymentRequested'>['risk'];
  readonly deadline: Date;
}

/** A payment of which nothing has been asked yet. It gets its first attempt, and with it its tender, before the transaction ends. */
export function newPayment({ risk, ...facts }: NewPayment, { em, now }: Act): PaymentEntity {
  const payment = em.create(PaymentEntity, {
    ...facts,
    ...risk,
    tender: 'WALLET',
    state: 'PENDING',
    wish: 'NONE',
    failureReason: null,
    capturedMinor: 0n,
    refundingMinor: 0n,
    refundedMinor: 0n,
    returnedMinor: 0n,
    disputedMinor: 0n,
    split: null,
    currentAttemptId: '',
    nextAttempt: null,
    eventCount: 0,
    needsAttention: false,
    attentionReason: null,
    createdAt: now,
    updatedAt: now,
  });
  em.persist(payment);
  return payment;
}
