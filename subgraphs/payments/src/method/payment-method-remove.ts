import { LockMode } from '@mikro-orm/core';
import { ensure } from '@tessera/service-kit/errors';
import { refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { planCall } from '../call/plan-call.ts';
import { idOf } from '../input-rules.ts';
import { actOfUseCase, type PaymentsUseCaseContext } from '../services.ts';
import { PaymentMethodEntity } from './payment-method.entity.ts';
import { PaymentMethodNotFound, PaymentMethodRemoved, type PaymentMethodRemoveInput } from './payment-method.type.ts';

const rules = z.object({ paymentMethodId: idOf('paymentMethod') });

/** Forgets a card of the caller's. From here it is not charged any more; the provider is told right after. */
export async function paymentMethodRemove(input: PaymentMethodRemoveInput, context: PaymentsUseCaseContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const act = actOfUseCase(context);
  const userId = ensure(context.viewer.userId, 'the user of an authenticated mutation');
  const where = { id: input.paymentMethodId, userId };
  const method = await act.em.findOne(PaymentMethodEntity, where, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!method || method.state === 'REMOVING' || method.state === 'REMOVED') return new PaymentMethodNotFound();

  const { provider, providerMethodId } = method;
  method.state = providerMethodId ? 'REMOVING' : 'REMOVED';
  method.updatedAt = act.now;
  if (providerMethodId) await planCall(act, { provider, kind: 'REMOVE_METHOD', subjectId: method.id });
  return new PaymentMethodRemoved(method.id);
}
