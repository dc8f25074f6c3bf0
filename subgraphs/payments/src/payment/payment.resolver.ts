import { Authenticated, RequiresScopes } from '@tessera/service-kit/access';
import { hasScope } from '@tessera/service-kit/identity';
import { ConnectionArgs, paginate } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { PaymentAttempt } from '../attempt/attempt.type.ts';
import { OrderStub } from '../foreign/order.ts';
import { UserStub } from '../foreign/user.ts';
import { WalletStub } from '../foreign/wallet.ts';
import type { ClientAction, ProviderName } from '../provider/provider-name.ts';
import { providerOf } from '../provider/providers.ts';
import { Refund } from '../refund/refund.type.ts';
import type { PaymentsContext } from '../services.ts';
import { clientActionOf } from './client-action.ts';
import { PaymentEntity } from './payment.entity.ts';
import { PaymentProviderEnum } from './payment.enums.ts';
import { attemptsOfPayment, paymentsOfOrder, refundsOfPayment, visiblePayment } from './payment.loader.ts';
import { Payment, PaymentClientAction, PaymentConnection } from './payment.type.ts';
import { paymentAttentionSettle } from './payment-attention-settle.ts';
import { PaymentAttentionSettled, PaymentAttentionSettleInput, PaymentAttentionSettleResult } from './payment-attention-settle.type.ts';
import { paymentRetry } from './payment-retry.ts';
import { PaymentRetried, PaymentRetryInput, PaymentRetryResult } from './payment-retry.type.ts';
import { filterOf } from './payment-where.ts';
import { PaymentWhere } from './payment-where.type.ts';

@Resolver(() => Payment)
export class PaymentResolver {
  @Authenticated()
  @Query(() => Payment, { nullable: true, description: 'A payment of yours, or any with payments:read; null where there is none to see.' })
  payment(@Arg('id', () => ID, { description: 'The id of the payment.' }) id: string, @Ctx() context: PaymentsContext) {
    return context.load(visiblePayment, id);
  }

  @RequiresScopes([['payments:read']])
  @Query(() => PaymentConnection, { description: 'All payments, newest first.' })
  async payments(
    @Arg('where', () => PaymentWhere, { nullable: true, description: 'Which of them.' }) where: PaymentWhere | null | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { em, cursorSecret }: PaymentsContext,
  ) {
    return new PaymentConnection(
      await paginate(em, {
        entity: PaymentEntity,
        where: filterOf(where),
        sort: [{ property: 'createdAt', direction: 'desc' }],
        args,
        filter: where ?? null,
        secret: cursorSecret,
        toNode: (payment) => new Payment(payment),
      }),
    );
  }

  @Authenticated()
  @Mutation(() => PaymentRetryResult, {
    description:
      'Tries a payment of yours again or otherwise: one that failed, or that waits for you; PaymentNotRetryable when it does neither or its order is over.',
  })
  paymentRetry(
    @Arg('input', () => PaymentRetryInput, { description: 'Payment, and what to pay with.' }) input: PaymentRetryInput,
    @Ctx() context: PaymentsContext,
  ) {
    return context.mutate(paymentRetry, input);
  }

  @FieldResolver(() => OrderStub, { nullable: true, description: 'What is paid; null for a top-up.' })
  order(@Root() { orderId }: Payment): OrderStub | null {
    return orderId === null ? null : new OrderStub(orderId);
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who pays.' })
  customer(@Root() { customerId }: Payment): UserStub {
    return new UserStub(customerId);
  }

  @FieldResolver(() => PaymentProviderEnum, {
    nullable: true,
    description: 'Who moves the money; null for WALLET, which stays in the platform.',
  })
  provider(@Root() { tender }: Payment): ProviderName | null {
    return providerOf(tender).name;
  }

  @FieldResolver(() => [PaymentAttempt], { description: 'Every try to get the money, oldest first, at most 20.' })
  async attempts(@Root() { id }: Payment, @Ctx() context: PaymentsContext): Promise<PaymentAttempt[]> {
    return (await context.load(attemptsOfPayment, id)) ?? [];
  }

  @FieldResolver(() => [Refund], { description: 'What went or goes back, oldest first, at most 100.' })
  async refunds(@Root() { id }: Payment, @Ctx() context: PaymentsContext): Promise<Refund[]> {
    return (await context.load(refundsOfPayment, id)) ?? [];
  }

  @FieldResolver(() => PaymentClientAction, {
    nullable: true,
    description:
      'What the client has to do before the payment can go on; null when that is nothing, as for WALLET, and for all but the customer. Waits up to 3 s for the provider.',
  })
  async clientAction(@Root() { id, customerId }: Payment, @Ctx() context: PaymentsContext): Promise<ClientAction | null> {
    return context.viewer.userId === customerId ? clientActionOf(id, context) : null;
  }

  @FieldResolver(() => Boolean, { nullable: true, description: 'Whether a person has to look at it; null without payments:read.' })
  needsAttention(@Root() { isAttentionNeeded }: Payment, @Ctx() { viewer }: PaymentsContext): boolean | null {
    return hasScope(viewer, 'payments:read') ? isAttentionNeeded : null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why a person has to look at it, such as PROVIDER_SILENT, AMOUNT_MISMATCH or UNKNOWN_REFUND; null without payments:read.',
  })
  attentionReason(@Root() { whyAttention }: Payment, @Ctx() { viewer }: PaymentsContext): string | null {
    return hasScope(viewer, 'payments:read') ? whyAttention : null;
  }

  @RequiresScopes([['payments:review']])
  @Mutation(() => PaymentAttentionSettleResult, {
    description: 'Says that somebody has looked at a payment and mended what was wrong; else PaymentNotFound. Moves no money.',
  })
  paymentAttentionSettle(
    @Arg('input', () => PaymentAttentionSettleInput, { description: 'Payment, and what was done.' }) input: PaymentAttentionSettleInput,
    @Ctx() context: PaymentsContext,
  ) {
    return context.mutate(paymentAttentionSettle, input);
  }
}

@Resolver(() => PaymentAttempt)
export class PaymentAttemptResolver {
  @FieldResolver(() => WalletStub, { nullable: true, description: 'The wallet that was to pay.' })
  wallet(@Root() { walletId }: PaymentAttempt): WalletStub | null {
    return walletId === null ? null : new WalletStub(walletId);
  }
}

/** The stored outcome holds the id; the payment is read again for whoever asks now. */
@Resolver(() => PaymentAttentionSettled)
export class PaymentAttentionSettledResolver {
  @FieldResolver(() => Payment, { nullable: true, description: 'The payment, as it is now; null unless you may see it.' })
  payment(@Root() { paymentId }: PaymentAttentionSettled, @Ctx() context: PaymentsContext) {
    return context.load(visiblePayment, paymentId);
  }
}

/** The same for a payment that is tried again. */
@Resolver(() => PaymentRetried)
export class PaymentRetriedResolver {
  @FieldResolver(() => Payment, { nullable: true, description: 'The payment, as it is now.' })
  payment(@Root() { paymentId }: PaymentRetried, @Ctx() context: PaymentsContext) {
    return context.load(visiblePayment, paymentId);
  }
}

@Resolver(() => OrderStub)
export class OrderPaymentsResolver {
  @FieldResolver(() => [Payment], {
    nullable: true,
    description:
      'How the order is paid, oldest first; null where there is nothing that you may see: it is for its customer and payments:read.',
  })
  payments(@Root() { id }: OrderStub, @Ctx() context: PaymentsContext) {
    return context.load(paymentsOfOrder, id);
  }
}
