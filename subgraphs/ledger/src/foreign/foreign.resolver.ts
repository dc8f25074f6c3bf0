import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { LedgerContext } from '../services.ts';
import { transfersOfOrder, transfersOfPayment } from '../transfer/transfer.loader.ts';
import { Transfer } from '../transfer/transfer.type.ts';
import { walletsOfUser } from '../wallet/wallet.loader.ts';
import { Wallet } from '../wallet/wallet.type.ts';
import { OrderStub } from './order.ts';
import { PaymentStub } from './payment.ts';
import { UserStub } from './user.ts';

@Resolver(() => UserStub)
export class UserWalletsResolver {
  @FieldResolver(() => [Wallet], {
    nullable: true,
    description:
      'Wallets of the user, open ones before closed ones, each oldest first, at most 200; null unless they are yours or you hold ledger:read.',
  })
  wallets(@Root() { id }: UserStub, @Ctx() context: LedgerContext): Promise<Wallet[] | null> {
    return context.load(walletsOfUser, id);
  }
}

@Resolver(() => OrderStub)
export class OrderTransfersResolver {
  @FieldResolver(() => [Transfer], {
    nullable: true,
    description:
      'Movements of money for this order, oldest first, at most 250: those that touch an account of yours, or all with ledger:read.',
  })
  async ledgerTransfers(@Root() { id }: OrderStub, @Ctx() context: LedgerContext): Promise<Transfer[]> {
    return (await context.load(transfersOfOrder, id)) ?? [];
  }
}

@Resolver(() => PaymentStub)
export class PaymentTransfersResolver {
  @FieldResolver(() => [Transfer], {
    nullable: true,
    description:
      'Movements of money for this payment, oldest first, at most 250: those that touch an account of yours, or all with ledger:read.',
  })
  async ledgerTransfers(@Root() { id }: PaymentStub, @Ctx() context: LedgerContext): Promise<Transfer[]> {
    return (await context.load(transfersOfPayment, id)) ?? [];
  }
}
