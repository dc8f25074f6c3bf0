import { ensure } from '@tessera/service-kit/errors';
import { PaymentMethodEntity } from '../../method/payment-method.entity.ts';
import { settle } from '../../payment/settle.ts';
import type { AttemptReport, OpenAttempt, SavedCard } from '../../provider/provider-adapter.ts';
import { ProviderError } from '../../provider/provider-error.ts';
import type { Act } from '../../services.ts';
import { type CallHandler, type CallMeans, DONE } from '../call-handler.ts';
import type { ProviderCallEntity } from '../provider-call.entity.ts';
import { askOrFind } from './ask-or-find.ts';
import { type AttemptSubject, applyAndFollow, attemptGivenUp, attemptRefused, lockSubject, readSubject } from './attempt-call.ts';
import { returnUrlOf } from './return-url.ts';

/** Asks the provider for the money of an attempt: a page for the customer, a secret for their own page, or a charge of a saved card. */
export const openAttempt: CallHandler = {
  perform: async (call, means) => {
    const subject = await readSubject(call, means.em);
    const report = subject.payment.wish === 'VOID' ? await findOpened(call, subject, means) : await ask(call, subject, means);
    return async (act) => {
      if (report) await applyAndFollow(call, report, act);
      else await neverAsked(call, act);
      return DONE;
    };
  },
  refused: attemptRefused,
  givenUp: attemptGivenUp,
};

/** The money is not wanted any more: nothing is opened only to be closed, and no card is charged only to be given its money back. */
async function findOpened(
  call: ProviderCallEntity,
  { attempt }: AttemptSubject,
  { adapter, isFirstTime }: CallMeans,
): Promise<AttemptReport | null> {
  return isFirstTime ? null : adapter.findAttempt(attempt.id, ensure(call.firstSentAt, 'when the call was first sent'));
}

async function neverAsked(call: ProviderCallEntity, act: Act): Promise<void> {
  const { subject, attempt } = await lockSubject(call, act);
  if (attempt.id === subject.attempt.id && subject.payment.wish === 'VOID') await settle(subject, { kind: 'VOIDED' }, act);
}

async function ask(call: ProviderCallEntity, subject: AttemptSubject, means: CallMeans): Promise<AttemptReport> {
  const { adapter, services } = means;
  const { attempt } = subject;
  const firstAskedAt = ensure(call.firstSentAt, 'when the call was first sent');
  const request = requestOf(subject, firstAskedAt, services.settings.returnUrl);
  const card = attempt.paymentMethodId ? await savedCard(attempt.paymentMethodId, means) : null;
  return askOrFind(call, means.isKeyStale, {
    ask: (key) => {
      if (card) return adapter.chargeSaved({ ...request, ...card }, key);
      return attempt.clientMode === 'HOSTED_PAGE' ? adapter.openPage(request, key) : adapter.openIntent(request, key);
    },
    find: () => adapter.findAttempt(attempt.id, firstAskedAt),
  });
}

function requestOf({ payment, attempt }: AttemptSubject, firstAskedAt: Date, returnUrl: string): OpenAttempt {
  const about = payment.orderId ? { orderId: payment.orderId, paymentId: payment.id } : { paymentId: payment.id };
  return {
    attemptId: attempt.id,
    firstAskedAt,
    paymentId: payment.id,
    orderId: payment.orderId ?? null,
    amount: { currency: payment.currency, minor: payment.amountMinor },
    description: payment.description,
    returnUrl: returnUrlOf(returnUrl, { ...about, outcome: payment.orderId ? 'done' : 'top-up' }),
    cancelUrl: returnUrlOf(returnUrl, { ...about, outcome: 'cancelled' }),
  };
}

/** One that was removed before the provider could hear of the charge is not charged. */
async function savedCard(methodId: string, { em, isFirstTime }: CallMeans): Promise<SavedCard> {
  const method = await em.findOneOrFail(PaymentMethodEntity, methodId);
  if (isFirstTime && method.state !== 'ACTIVE') throw new ProviderError('REJECTED', 'PAYMENT_METHOD_NOT_FOUND');
  return {
    providerCustomerId: ensure(method.providerCustomerId, 'the customer of a saved card'),
    providerMethodId: ensure(method.providerMethodId, 'the provider id of a saved card'),
  };
}
