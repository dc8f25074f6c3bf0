import { Authenticated } from '@tessera/service-kit/access';
import type { Loader } from '@tessera/service-kit/graphql';
import { hasScope } from '@tessera/service-kit/identity';
import { ConnectionArgs, paginate } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { UserStub } from '../foreign/user.ts';
import { WalletStub } from '../foreign/wallet.ts';
import { clientActionOf } from '../payment/client-action.ts';
import { PaymentEntity } from '../payment/payment.entity.ts';
import { visiblePayment } from '../payment/payment.loader.ts';
import { Payment, PaymentClientAction } from '../payment/payment.type.ts';
import type { PaymentsContext, PaymentsServices } from '../services.ts';
import { TopUp, TopUpConnection, TopUpCreated, TopUpCreateInput } from './top-up.type.ts';
import { topUpCreate } from './top-up-create.ts';
import { TopUpCreateResult } from './top-up-result.ts';

/** Top-ups of the viewer; somebody else's is not there. */
const ownTopUp: Loader<TopUp, PaymentsServices> = {
  name: 'ownTopUp',
  batch: async (ids, { em, viewer }) => {
    if (!viewer.userId) return new Map();
    const payments = await em.find(PaymentEntity, { id: { $in: [...ids] }, customerId: viewer.userId, topUpWalletId: { $ne: null } });
    return new Map(payments.map((payment) => [payment.id, new TopUp(payment)]));
  },
};

@Resolver(() => TopUp)
class TopUpResolver {
  @Authenticated()
  @Mutation(() => TopUpCreateResult, {
    description:
      'Puts money from a card into a wallet of yours; else WalletNotFound, AccountClosed, CurrencyMismatch, AmountNotChargeable or CardsNotAvailable. A decline is a state of the top-up.',
  })
  topUpCreate(
    @Arg('input', () => TopUpCreateInput, { description: 'Wallet and amount.' }) input: TopUpCreateInput,
    @Ctx() context: PaymentsContext,
  ) {
    return context.mutate(topUpCreate, input);
  }

  @FieldResolver(() => WalletStub, { nullable: true, description: 'The wallet that gets the money.' })
  wallet(@Root() { walletId }: TopUp): WalletStub {
    return new WalletStub(walletId);
  }

  @FieldResolver(() => Payment, { nullable: true, description: 'The payment behind it.' })
  payment(@Root() { id }: TopUp, @Ctx() context: PaymentsContext) {
    return context.load(visiblePayment, id);
  }

  @FieldResolver(() => PaymentClientAction, {
    nullable: true,
    description: 'What you have to do before the money comes; null when that is nothing. Waits up to 3 s for the provider.',
  })
  clientAction(@Root() { id }: TopUp, @Ctx() context: PaymentsContext) {
    return clientActionOf(id, context);
  }
}

/** The stored outcome holds the id; the top-up is read again for whoever asks now. */
@Resolver(() => TopUpCreated)
class TopUpCreatedResolver {
  @FieldResolver(() => TopUp, { nullable: true, description: 'The top-up, as it is now.' })
  topUp(@Root() { paymentId }: TopUpCreated, @Ctx() context: PaymentsContext) {
    return context.load(ownTopUp, paymentId);
  }
}

@Resolver(() => UserStub)
class UserTopUpsResolver {
  @FieldResolver(() => TopUpConnection, {
    nullable: true,
    description: 'What they put into their wallets by card, newest first; null for anybody else without payments:read.',
  })
  async topUps(
    @Root() { id }: UserStub,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { em, viewer, cursorSecret }: PaymentsContext,
  ) {
    if (viewer.userId !== id && !hasScope(viewer, 'payments:read')) return null;
    return new TopUpConnection(
      await paginate(em, {
        entity: PaymentEntity,
        where: { customerId: id, topUpWalletId: { $ne: null } },
        sort: [{ property: 'createdAt', direction: 'desc' }],
        args,
        filter: { topUpsOf: id },
        secret: cursorSecret,
        toNode: (payment) => new TopUp(payment),
      }),
    );
  }
}

export const topUpResolvers = [TopUpResolver, TopUpCreatedResolver, UserTopUpsResolver] as const;
