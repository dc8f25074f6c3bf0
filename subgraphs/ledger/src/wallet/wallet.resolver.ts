import { Authenticated } from '@tessera/service-kit/access';
import { DateTime, Money } from '@tessera/service-kit/graphql';
import { ConnectionArgs } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { UserStub } from '../foreign/user.ts';
import { refuseFuture } from '../refuse-future.ts';
import type { LedgerContext } from '../services.ts';
import { TransferConnection, TransferWhere } from '../transfer/transfer-connection.type.ts';
import { walletTransfers } from '../transfer/wallet-transfers.ts';
import { balanceAt } from './balance-at.ts';
import { visibleWallet } from './wallet.loader.ts';
import {
  Wallet,
  WalletClosed,
  WalletCloseInput,
  WalletCloseResult,
  WalletOpened,
  WalletOpenInput,
  WalletOpenResult,
} from './wallet.type.ts';
import { walletClose } from './wallet-close.ts';
import { walletOpen } from './wallet-open.ts';

@Resolver(() => Wallet)
export class WalletResolver {
  @Authenticated()
  @Query(() => Wallet, { nullable: true, description: 'One wallet; null when there is none or it is not yours (ledger:read sees all).' })
  wallet(@Arg('id', () => ID, { description: 'The wallet id.' }) id: string, @Ctx() context: LedgerContext): Promise<Wallet | null> {
    return context.load(visibleWallet, id);
  }

  @Authenticated()
  @Mutation(() => WalletOpenResult, {
    description: 'Opens a wallet; answers WalletLimitReached beyond 10 open ones beside the first of each currency.',
  })
  walletOpen(
    @Arg('input', () => WalletOpenInput, { description: 'The currency.' }) input: WalletOpenInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutate(walletOpen, input, { keep: 'forever' });
  }

  @Authenticated()
  @Mutation(() => WalletCloseResult, {
    description:
      'Closes an empty wallet for good; answers WalletNotEmpty while money is in it or on its way, AccountClosed when it is closed already.',
  })
  walletClose(
    @Arg('input', () => WalletCloseInput, { description: 'The wallet.' }) input: WalletCloseInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutate(walletClose, input, { keep: 'forever' });
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Whose wallet it is.' })
  owner(@Root() { ownerId }: Wallet): UserStub | null {
    return ownerId ? new UserStub(ownerId) : null;
  }

  @FieldResolver(() => Money, {
    description: 'The posted balance at an instant: everything up to and including it; 0 before the wallet was opened.',
  })
  async balanceAt(
    @Root() wallet: Wallet,
    @Arg('time', () => DateTime, { description: 'The instant.' }) time: Date,
    @Ctx() { services, now }: LedgerContext,
  ): Promise<Money> {
    refuseFuture('time', time, now);
    return services.reads.run((em) => balanceAt(em, wallet, time));
  }

  @FieldResolver(() => TransferConnection, {
    nullable: true,
    description: 'What moved money in or out or holds it, newest first; a hold that was resolved is shown by what became of it.',
  })
  transfers(
    @Root() wallet: Wallet,
    @Arg('where', () => TransferWhere, { nullable: true, description: 'Which ones.' }) where: TransferWhere | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() context: LedgerContext,
  ): Promise<TransferConnection> {
    return walletTransfers(wallet, where ?? {}, args, context);
  }
}

/** The stored outcome holds the id; the wallet is read again for whoever asks now. */
@Resolver(() => WalletOpened)
export class WalletOpenedResolver {
  @FieldResolver(() => Wallet, { nullable: true, description: 'The wallet as it is now.' })
  wallet(@Root() { walletId }: WalletOpened, @Ctx() context: LedgerContext): Promise<Wallet | null> {
    return context.load(visibleWallet, walletId);
  }
}

@Resolver(() => WalletClosed)
export class WalletClosedResolver {
  @FieldResolver(() => Wallet, { nullable: true, description: 'The wallet as it is now.' })
  wallet(@Root() { walletId }: WalletClosed, @Ctx() context: LedgerContext): Promise<Wallet | null> {
    return context.load(visibleWallet, walletId);
  }
}
