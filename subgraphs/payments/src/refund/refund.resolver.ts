import { RequiresScopes } from '@tessera/service-kit/access';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { WalletStub } from '../foreign/wallet.ts';
import { visiblePayment, visibleRefund } from '../payment/payment.loader.ts';
import { Payment } from '../payment/payment.type.ts';
import type { PaymentsContext } from '../services.ts';
import { Refund } from './refund.type.ts';
import { refundCreate } from './refund-create.ts';
import { RefundCreated, RefundCreateInput, RefundCreateResult } from './refund-create.type.ts';

@Resolver(() => Refund)
export class RefundResolver {
  @RequiresScopes([['payments:refund']])
  @Mutation(() => RefundCreateResult, {
    description: 'Gives a captured payment back; else PaymentNotFound, PaymentNotRefundable, RefundExceedsCaptured or CurrencyMismatch.',
  })
  refundCreate(
    @Arg('input', () => RefundCreateInput, { description: 'Payment, amount and reason.' }) input: RefundCreateInput,
    @Ctx() context: PaymentsContext,
  ) {
    return context.mutate(refundCreate, input);
  }

  @FieldResolver(() => Payment, { nullable: true, description: 'The payment that it gives back; null unless you may see it.' })
  payment(@Root() { paymentId }: Refund, @Ctx() context: PaymentsContext) {
    return context.load(visiblePayment, paymentId);
  }

  @FieldResolver(() => WalletStub, { nullable: true, description: 'The wallet that gets the money, once it is known.' })
  wallet(@Root() { walletId }: Refund): WalletStub | null {
    return walletId === null ? null : new WalletStub(walletId);
  }
}

/** The stored outcome holds the id; the refund is read again for whoever asks now. */
@Resolver(() => RefundCreated)
export class RefundCreatedResolver {
  @FieldResolver(() => Refund, { nullable: true, description: 'The refund, as it is now.' })
  refund(@Root() { refundId }: RefundCreated, @Ctx() context: PaymentsContext) {
    return context.load(visibleRefund, refundId);
  }
}
