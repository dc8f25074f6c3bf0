import { RequiresScopes } from '@tessera/service-kit/access';
import { ensure } from '@tessera/service-kit/errors';
import { hasScope } from '@tessera/service-kit/identity';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { LedgerContext } from '../services.ts';
import { visibleWallet } from './wallet.loader.ts';
import { Wallet } from './wallet.type.ts';
import { limitChangesOfHolder, limitsOfHolder } from './wallet-limits.loader.ts';
import {
  WalletLimits,
  WalletLimitsChange,
  WalletLimitsChanged,
  WalletLimitsSetInput,
  WalletLimitsSetResult,
} from './wallet-limits.type.ts';
import { walletLimitsSet } from './wallet-limits-set.ts';

@Resolver(() => Wallet)
export class WalletLimitsOfWalletResolver {
  @RequiresScopes([['ledger:write']])
  @Mutation(() => WalletLimitsSetResult, {
    description: 'Sets what the owner of a wallet may send in its currency; answers WalletNotFound or CurrencyMismatch when it cannot.',
  })
  walletLimitsSet(
    @Arg('input', () => WalletLimitsSetInput, { description: 'Whose limits, and which.' }) input: WalletLimitsSetInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutate(walletLimitsSet, input, { keep: 'forever' });
  }

  @FieldResolver(() => WalletLimits, { description: 'What the owner may send in this currency, and what of it is used today.' })
  async limits(@Root() { ownerId, currency }: Wallet, @Ctx() context: LedgerContext): Promise<WalletLimits> {
    return ensure(await context.load(limitsOfHolder, `${ensure(ownerId, 'the owner of a wallet')} ${currency}`), 'the limits of a holder');
  }
}

@Resolver(() => WalletLimits)
export class WalletLimitsResolver {
  @FieldResolver(() => [WalletLimitsChange], {
    nullable: true,
    description: 'Who set them when, the newest first, at most 50; null without ledger:read.',
  })
  changes(@Root() { ownerId, currency }: WalletLimits, @Ctx() context: LedgerContext): Promise<WalletLimitsChange[] | null> | null {
    return hasScope(context.viewer, 'ledger:read') ? context.load(limitChangesOfHolder, `${ownerId} ${currency}`) : null;
  }
}

@Resolver(() => WalletLimitsChanged)
export class WalletLimitsChangedResolver {
  @FieldResolver(() => Wallet, { nullable: true, description: 'The wallet as it is now.' })
  wallet(@Root() { walletId }: WalletLimitsChanged, @Ctx() context: LedgerContext): Promise<Wallet | null> {
    return context.load(visibleWallet, walletId);
  }
}
