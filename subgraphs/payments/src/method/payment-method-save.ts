import { ensure } from '@tessera/service-kit/errors';
import { RateLimited } from '@tessera/service-kit/graphql';
import { newId } from '@tessera/service-kit/ids';
import { planCall } from '../call/plan-call.ts';
import { CardsNotAvailable } from '../payment/payment-problems.ts';
import { CARD_PROVIDER } from '../provider/card/card-provider.ts';
import { actOfUseCase, type PaymentsUseCaseContext } from '../services.ts';
import { PaymentMethodEntity } from './payment-method.entity.ts';
import { type PaymentMethodSaveInput, PaymentMethodSaveStarted } from './payment-method.type.ts';

/** Pages that one user may have begun within the last hour: each is an object at the provider. */
const MAX_BEGUN = 20;
const HOUR_MS = 3_600_000;

/** Begins to keep a card of the caller's: they enter it at the provider's page. */
export async function paymentMethodSave(_input: PaymentMethodSaveInput, context: PaymentsUseCaseContext) {
  const act = actOfUseCase(context);
  const userId = ensure(context.viewer.userId, 'the user of an authenticated mutation');
  if (!act.adapters[CARD_PROVIDER]) return new CardsNotAvailable();
  const since = new Date(act.now.getTime() - HOUR_MS);
  if ((await act.em.count(PaymentMethodEntity, { userId, createdAt: { $gte: since } })) >= MAX_BEGUN) return new RateLimited(HOUR_MS);

  const method = act.em.create(PaymentMethodEntity, {
    id: newId('paymentMethod'),
    userId,
    provider: CARD_PROVIDER,
    state: 'SETTING_UP',
    ...NOTHING_KNOWN,
    createdAt: act.now,
    updatedAt: act.now,
  });
  act.em.persist(method);
  await planCall(act, { provider: CARD_PROVIDER, kind: 'OPEN_METHOD', subjectId: method.id });
  return new PaymentMethodSaveStarted(method.id);
}

/** What only the provider can tell. */
const NOTHING_KNOWN = {
  sessionId: null,
  clientUrl: null,
  providerCustomerId: null,
  providerMethodId: null,
  brand: null,
  last4: null,
  expiresYear: null,
  expiresMonth: null,
  fingerprint: null,
  country: null,
} as const;
