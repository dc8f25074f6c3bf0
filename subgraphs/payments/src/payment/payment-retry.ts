import { ensure } from '@tessera/service-kit/errors';
import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { addAttempt, startAttempt } from '../attempt/start-attempt.ts';
import { planCall } from '../call/plan-call.ts';
import { idOf } from '../input-rules.ts';
import { type Act, actOfUseCase, type PaymentsUseCaseContext } from '../services.ts';
import { type LockedPayment, lockPayment } from './lock-payment.ts';
import type { NextAttempt, PaymentEntity } from './payment.entity.ts';
import { mayRetry } from './payment.ts';
import { PaymentNotFound, PaymentNotRetryable } from './payment-problems.ts';
import { PaymentRetried, type PaymentRetryInput } from './payment-retry.type.ts';
import { record } from './record.ts';

const rules = z
  .object({
    paymentId: idOf('payment'),
    tender: z.enum(['WALLET', 'CARD'], 'only WALLET and CARD are taken so far').nullish(),
    walletId: idOf('wallet').nullish(),
    paymentMethodId: idOf('paymentMethod').nullish(),
  })
  .refine(({ walletId, paymentMethodId }) => !(walletId && paymentMethodId), {
    path: ['walletId'],
    error: 'either a wallet or a saved card',
  });

/**
 * Tries a payment of the caller otherwise: one that failed at once, one that waits for them as soon as its attempt is closed at the provider,
 * so that no two can bring money. How the tender takes it shows in the payment.
 */
export async function paymentRetry(input: PaymentRetryInput, context: PaymentsUseCaseContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const act = actOfUseCase(context);
  const customerId = ensure(context.viewer.userId, 'the user of an authenticated mutation');
  const subject = await lockPayment(act, { id: input.paymentId, customerId });
  if (!subject) return new PaymentNotFound();

  const { payment, attempt: last } = subject;
  const next = nextOf(input, payment);
  const misfit = misfitOf(next, payment);
  if (misfit) return misfit;
  if (!mayRetry({ state: payment.state, deadline: payment.deadline, attempts: last.number }, act.now))
    return new PaymentNotRetryable(payment.state);

  payment.nextAttempt = next;
  if (payment.state === 'FAILED') await startNextAttempt(subject, act);
  else await closeCurrent(subject, act);
  return new PaymentRetried(payment.id);
}

function nextOf({ tender, walletId, paymentMethodId, clientMode }: PaymentRetryInput, payment: PaymentEntity): NextAttempt {
  return {
    tender: tender ?? (walletId ? 'WALLET' : payment.tender),
    walletId: walletId ?? null,
    paymentMethodId: paymentMethodId ?? null,
    clientMode: clientMode ?? 'HOSTED_PAGE',
  };
}

function misfitOf({ tender, walletId, paymentMethodId }: NextAttempt, payment: PaymentEntity) {
  if (tender === 'WALLET' && payment.topUpWalletId) return invalidField('tender', 'invalid_value', 'a top-up is paid from outside: CARD');
  if (tender === 'WALLET' && !walletId) return invalidField('walletId', 'required', 'WALLET needs the wallet to pay from');
  if (tender === 'WALLET' && paymentMethodId) return invalidField('paymentMethodId', 'unrecognized_keys', 'a saved card goes with CARD');
  if (tender !== 'WALLET' && walletId) return invalidField('walletId', 'unrecognized_keys', 'a wallet goes with WALLET');
  return null;
}

async function closeCurrent({ payment, attempt }: LockedPayment, act: Act): Promise<void> {
  const provider = ensure(attempt.provider, 'the provider of an attempt that waits for its customer');
  await planCall(act, { provider, kind: 'CLOSE_ATTEMPT', paymentId: payment.id, attemptId: attempt.id });
}

/** The attempt before is over for good: the one that the customer asked for begins. */
export async function startNextAttempt({ payment, attempt: last }: LockedPayment, act: Act): Promise<void> {
  const next = ensure(payment.nextAttempt, 'what the customer wants to try next');
  payment.nextAttempt = null;
  if (last.state !== 'FAILED') {
    last.state = 'FAILED';
    last.failureReason = 'REPLACED';
    last.updatedAt = act.now;
    await act.em.flush(); // one attempt is alive at a time: this one ends before the next is written
  }
  payment.state = 'PENDING';
  payment.failureReason = null;
  const attempt = addAttempt(payment, { ...next, number: last.number + 1 }, act);
  record(payment, { kind: 'RETRIED', attemptId: attempt.id }, act);
  await startAttempt({ payment, attempt }, act);
}
