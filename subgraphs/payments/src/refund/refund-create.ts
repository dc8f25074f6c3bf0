import { unreachable } from '@tessera/service-kit/errors';
import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { newId } from '@tessera/service-kit/ids';
import { z } from 'zod';
import { FraudReviewEntity } from '../fraud/fraud-review.entity.ts';
import { idOf } from '../input-rules.ts';
import { lockPayment } from '../payment/lock-payment.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import { CurrencyMismatch, PaymentNotFound } from '../payment/payment-problems.ts';
import { CARD_PROVIDER } from '../provider/card/card-provider.ts';
import { type Act, actOfUseCase, type PaymentsUseCaseContext } from '../services.ts';
import { addRefund, askRefund } from './ask-refund.ts';
import { knownRefunds } from './known-refunds.ts';
import { decideRefund } from './refund.ts';
import { PaymentNotRefundable, RefundCreated, type RefundCreateInput, RefundExceedsCaptured } from './refund-create.type.ts';

const rules = z.object({
  paymentId: idOf('payment'),
  amount: z.object({ minor: z.bigint().positive('must be more than nothing') }).nullish(),
  reason: z
    .string()
    .max(500)
    .refine((text) => text.trim().length > 0, 'must not be blank'),
});

/** Gives back a part or all of what was captured. Under the payment's lock, so that two refunds never give back more together. */
export async function refundCreate(input: RefundCreateInput, context: PaymentsUseCaseContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const act = actOfUseCase(context);
  const subject = await lockPayment(act, { id: input.paymentId });
  if (!subject) return new PaymentNotFound();

  const { payment, attempt } = subject;
  const unfit = await unfitFor(input, payment, act);
  if (unfit) return unfit;
  const decision = decideRefund(payment, input.amount ?? null, await knownRefunds(payment.id, act.em));
  switch (decision.outcome) {
    case 'CURRENCY_MISMATCH':
      return new CurrencyMismatch();
    case 'EXCEEDS_CAPTURED':
      return new RefundExceedsCaptured(payment.currency, payment.state === 'CAPTURED' ? decision.refundableMinor : 0n);
    case 'WAIT':
    case 'NOT_REFUNDABLE':
      return new PaymentNotRefundable(payment.state);
    case 'REFUND': {
      const { amountMinor } = decision;
      const refund = addRefund(
        payment,
        {
          id: newId('refund'),
          amountMinor,
          destination: input.destination ?? (attempt.provider ? 'ORIGINAL' : 'WALLET'),
          reason: input.reason.trim(),
        },
        act,
      );
      await askRefund(payment, refund, act);
      return new RefundCreated(refund.id);
    }
    default:
      return unreachable(decision);
  }
}

/** What no state of the payment has to be asked for. */
async function unfitFor({ destination, amount }: RefundCreateInput, payment: PaymentEntity, act: Act) {
  if (payment.topUpWalletId && destination === 'WALLET')
    return invalidField('destination', 'invalid_value', 'what came into a wallet goes back the way it came: ORIGINAL');
  if ((await act.em.count(FraudReviewEntity, { paymentId: payment.id, state: 'OPEN' })) > 0)
    return invalidField('paymentId', 'under_review', 'a person is looking at this payment: decide by fraudReviewDecide first');
  const adapter = destination === 'WALLET' ? undefined : act.adapters[CARD_PROVIDER];
  if (payment.tender === 'CARD' && amount && adapter?.chargeable(amount)?.kind === 'NOT_A_STEP')
    return invalidField('amount.minor', 'invalid_value', 'cards are refunded in steps of 0.010 in this currency');
  return null;
}
