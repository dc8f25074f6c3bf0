import { ensure } from '@tessera/service-kit/errors';
import { refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { addAttempt, newAttemptId, startAttempt } from '../attempt/start-attempt.ts';
import { idOf } from '../input-rules.ts';
import { actOfUseCase, type PaymentsUseCaseContext } from '../services.ts';
import { lockPayment } from './lock-payment.ts';
import { mayRetry } from './payment.ts';
import { PaymentNotFound, PaymentNotRetryable } from './payment-problems.ts';
import { PaymentRetried, type PaymentRetryInput } from './payment-retry.type.ts';
import { record } from './record.ts';

const rules = z.object({ paymentId: idOf('payment'), walletId: idOf('wallet') });

/** Tries a failed payment of the caller again, with a hold of its own. How the wallet takes it shows in the payment. */
export async function paymentRetry(input: PaymentRetryInput, context: PaymentsUseCaseContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const act = actOfUseCase(context);
  const customerId = ensure(context.viewer.userId, 'the user of an authenticated mutation');
  const subject = await lockPayment(act, { id: input.paymentId, customerId });
  if (!subject) return new PaymentNotFound();

  const { payment, attempt: last } = subject;
  if (!mayRetry({ state: payment.state, deadline: payment.deadline, attempts: last.number }, act.now))
    return new PaymentNotRetryable(payment.state);

  payment.state = 'PENDING';
  payment.failureReason = null;
  const attempt = addAttempt(payment, { id: newAttemptId(), number: last.number + 1, walletId: input.walletId }, act);
  record(payment, { kind: 'RETRIED', attemptId: attempt.id }, act);
  await startAttempt({ payment, attempt }, act);
  return new PaymentRetried(payment.id);
}
