import { LockMode } from '@mikro-orm/core';
import { AttemptEntity } from '../attempt/attempt.entity.ts';
import type { Act } from '../services.ts';
import { PaymentEntity } from './payment.entity.ts';

export interface LockedPayment {
  readonly payment: PaymentEntity;
  /** The current one. */
  readonly attempt: AttemptEntity;
}

/** Locks the payment until the end of the transaction: whoever changes it, its attempts, refunds or commands holds this lock first. */
export async function lockPayment(
  { em }: Pick<Act, 'em'>,
  where: { readonly id: string; readonly customerId?: string },
): Promise<LockedPayment | null> {
  const payment = await em.findOne(PaymentEntity, where, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!payment) return null;
  return { payment, attempt: await em.findOneOrFail(AttemptEntity, payment.currentAttemptId) };
}
