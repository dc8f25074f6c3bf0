import { Money } from '@tessera/service-kit/graphql';
import { hasScope } from '@tessera/service-kit/identity';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Payment } from '../payment/payment.type.ts';
import type { PaymentsContext } from '../services.ts';
import { disputesOfPayment } from './dispute.loader.ts';
import { Dispute } from './dispute.type.ts';

@Resolver(() => Payment)
export class PaymentDisputesResolver {
  @FieldResolver(() => [Dispute], { description: "What the customer's bank took back, oldest first, at most 20." })
  async disputes(@Root() { id }: Payment, @Ctx() context: PaymentsContext): Promise<Dispute[]> {
    return (await context.load(disputesOfPayment, id)) ?? [];
  }
}

@Resolver(() => Dispute)
export class DisputeResolver {
  @FieldResolver(() => Money, {
    nullable: true,
    description: 'What the provider charges for it, whoever wins; null without payments:read.',
  })
  fee(@Root() { charged }: Dispute, @Ctx() { viewer }: PaymentsContext): Money | null {
    return hasScope(viewer, 'payments:read') ? charged : null;
  }
}
