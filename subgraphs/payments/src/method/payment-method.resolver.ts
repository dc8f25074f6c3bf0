import { Authenticated } from '@tessera/service-kit/access';
import type { Loader } from '@tessera/service-kit/graphql';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { UserStub } from '../foreign/user.ts';
import { PaymentClientAction } from '../payment/payment.type.ts';
import { isJustAsked, waitFor } from '../provider/first-answer.ts';
import type { ClientAction } from '../provider/provider-name.ts';
import type { PaymentsContext, PaymentsServices } from '../services.ts';
import { PaymentMethodEntity } from './payment-method.entity.ts';
import {
  PaymentMethod,
  PaymentMethodRemoved,
  PaymentMethodRemoveInput,
  PaymentMethodRemoveResult,
  PaymentMethodSaveInput,
  PaymentMethodSaveResult,
  PaymentMethodSaveStarted,
} from './payment-method.type.ts';
import { paymentMethodRemove } from './payment-method-remove.ts';
import { paymentMethodSave } from './payment-method-save.ts';

const MAX_METHODS = 100;

const ownMethodEntity: Loader<PaymentMethodEntity, PaymentsServices> = {
  name: 'ownMethodEntity',
  batch: async (ids, { em, viewer }) => {
    if (!viewer.userId) return new Map();
    const methods = await em.find(PaymentMethodEntity, { id: { $in: [...ids] }, userId: viewer.userId });
    return new Map(methods.map((method) => [method.id, method]));
  },
};

async function ownMethod(id: string, context: PaymentsContext): Promise<PaymentMethod | null> {
  const method = await context.load(ownMethodEntity, id);
  return method && new PaymentMethod(method);
}

@Resolver(() => PaymentMethod)
class PaymentMethodResolver {
  @Authenticated()
  @Mutation(() => PaymentMethodSaveResult, {
    description: 'Keeps a card of yours for later: you enter it at the page of the client action; else CardsNotAvailable.',
  })
  paymentMethodSave(
    @Arg('input', () => PaymentMethodSaveInput, { description: 'The key of the intent.' }) input: PaymentMethodSaveInput,
    @Ctx() context: PaymentsContext,
  ) {
    return context.mutate(paymentMethodSave, input);
  }

  @Authenticated()
  @Mutation(() => PaymentMethodRemoveResult, { description: 'Forgets a saved card of yours; else PaymentMethodNotFound.' })
  paymentMethodRemove(
    @Arg('input', () => PaymentMethodRemoveInput, { description: 'The card.' }) input: PaymentMethodRemoveInput,
    @Ctx() context: PaymentsContext,
  ) {
    return context.mutate(paymentMethodRemove, input);
  }

  @FieldResolver(() => PaymentClientAction, {
    nullable: true,
    description: 'Where to enter the card while it is SETTING_UP; else null. Waits up to 3 s for the provider.',
  })
  async clientAction(@Root() { id }: PaymentMethod, @Ctx() context: PaymentsContext): Promise<ClientAction | null> {
    const isFresh = ({ state, clientUrl, createdAt }: PaymentMethodEntity) =>
      state === 'SETTING_UP' && !clientUrl && isJustAsked(createdAt);
    const method = await waitFor(await context.load(ownMethodEntity, id), isFresh, async () => {
      const em = context.em.fork({ clear: true });
      return (await ownMethodEntity.batch([id], { ...context, em })).get(id) ?? null;
    });
    if (method?.state !== 'SETTING_UP' || !method.clientUrl) return null;
    return { kind: 'HOSTED_PAGE', url: method.clientUrl, clientSecret: null, publishableKey: null };
  }
}

@Resolver(() => PaymentMethodSaveStarted)
class PaymentMethodSaveStartedResolver {
  @FieldResolver(() => PaymentMethod, { nullable: true, description: 'The card to be, as it is now.' })
  paymentMethod(@Root() { methodId }: PaymentMethodSaveStarted, @Ctx() context: PaymentsContext) {
    return ownMethod(methodId, context);
  }
}

@Resolver(() => PaymentMethodRemoved)
class PaymentMethodRemovedResolver {
  @FieldResolver(() => PaymentMethod, { nullable: true, description: 'The card, as it is now.' })
  paymentMethod(@Root() { methodId }: PaymentMethodRemoved, @Ctx() context: PaymentsContext) {
    return ownMethod(methodId, context);
  }
}

@Resolver(() => UserStub)
class UserPaymentMethodsResolver {
  @FieldResolver(() => [PaymentMethod], {
    nullable: true,
    description: 'The cards that they keep, newest first, at most 100, without those removed; null for anybody else.',
  })
  async paymentMethods(@Root() { id }: UserStub, @Ctx() { em, viewer }: PaymentsContext): Promise<PaymentMethod[] | null> {
    if (viewer.userId !== id) return null;
    const options = { orderBy: { createdAt: 'desc', id: 'desc' }, limit: MAX_METHODS } as const;
    const methods = await em.find(PaymentMethodEntity, { userId: id, state: { $in: ['SETTING_UP', 'ACTIVE'] } }, options);
    return methods.map((method) => new PaymentMethod(method));
  }
}

export const methodResolvers = [
  PaymentMethodResolver,
  PaymentMethodSaveStartedResolver,
  PaymentMethodRemovedResolver,
  UserPaymentMethodsResolver,
] as const;
