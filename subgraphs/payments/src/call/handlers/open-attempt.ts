import { ensure } from '@tessera/service-kit/errors';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { PaymentMethodEntity } from '../../method/payment-method.entity.ts';
import { settle } from '../../payment/settle.ts';
import type { AttemptReport, OpenAttempt, SavedCard } from '../../provider/provider-adapter.ts';
import { type CallHandler, type CallMeans, DONE } from '../call-handler.ts';
import type { ProviderCallEntity } from '../provider-call.entity.ts';
import { askOrFind } from './ask-or-find.ts';
import { type AttemptSubject, applyAndFollow, attemptGivenUp, attemptRefused, lockSubject, readSubject } from './attempt-call.ts';
import { returnUrlOf } from './return-url.ts';

/** Asks the provider for the money of an attempt: a page for the customer, a secret for their own page, or a charge of a saved card. */
export const openAttempt: CallHandler = {
  perform: async (call, means) => {
    const subject = await readSubject(call, means.em);
    // Never asked, and not wanted any more: nothing has to be opened only to be closed.
    if (call.sends === 1 && subject.payment.wish === 'VOID') return (act) => neverAsked(call, act);
    const report = await ask(call, subject, means);
    return async (act) => {
      await applyAndFollow(call, report, act);
      return DONE;
    };
  },
  refused: attemptRefused,
  givenUp: attemptGivenUp,
};

async function neverAsked(call: ProviderCallEntity, act: Parameters<typeof lockSubject>[1]) {
  const { subject, attempt } = await lockSubject(call, act);
  if (attempt.id === subject.attempt.id && subject.payment.wish === 'VOID') await settle(subject, { kind: 'VOIDED' }, act);
  return DONE;
}

async function ask(
  call: ProviderCallEntity,
  subject: AttemptSubject,
  { adapter, em, services, isKeyStale }: CallMeans,
): Promise<AttemptReport> {
  const { attempt } = subject;
  const firstAskedAt = ensure(call.firstSentAt, 'when the call was first sent');
  const request = requestOf(subject, firstAskedAt, services.settings.returnUrl);
  const card = attempt.paymentMethodId ? await savedCard(attempt.paymentMethodId, em) : null;
  return askOrFind(call.id, isKeyStale, {
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

async function savedCard(methodId: string, em: EntityManager): Promise<SavedCard> {
  const method = await em.findOneOrFail(PaymentMethodEntity, methodId);
  return {
    providerCustomerId: ensure(method.providerCustomerId, 'the customer of a saved card'),
    providerMethodId: ensure(method.providerMethodId, 'the provider id of a saved card'),
  };
}
