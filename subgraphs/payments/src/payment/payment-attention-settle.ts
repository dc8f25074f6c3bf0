import { refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { idOf } from '../input-rules.ts';
import { actOfUseCase, type PaymentsUseCaseContext } from '../services.ts';
import { lockPayment } from './lock-payment.ts';
import { PaymentAttentionSettled, type PaymentAttentionSettleInput } from './payment-attention-settle.type.ts';
import { PaymentNotFound } from './payment-problems.ts';
import { record } from './record.ts';

const rules = z.object({
  paymentId: idOf('payment'),
  note: z
    .string()
    .max(500)
    .refine((text) => text.trim().length > 0, 'must not be blank'),
});

/** Takes a payment out of the queue of those that a person has to look at. Moves no money; who did it, and why, stays in its events. */
export async function paymentAttentionSettle(input: PaymentAttentionSettleInput, context: PaymentsUseCaseContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const act = actOfUseCase(context);
  const subject = await lockPayment(act, { id: input.paymentId });
  if (!subject) return new PaymentNotFound();
  const { payment } = subject;
  if (payment.needsAttention) {
    record(payment, { kind: 'ATTENTION_SETTLED', reason: `${payment.attentionReason}: ${input.note.trim()}` }, act);
    payment.needsAttention = false;
    payment.attentionReason = null;
  }
  return new PaymentAttentionSettled(payment.id);
}
