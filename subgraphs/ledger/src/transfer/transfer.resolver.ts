import { Authenticated, RequiresScopes } from '@tessera/service-kit/access';
import { ensure } from '@tessera/service-kit/errors';
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ledgerAccount } from '../account/account.loader.ts';
import { accountName, displayNameOf } from '../account/account-name.ts';
import { LedgerAccount } from '../account/ledger-account.type.ts';
import { OrderStub } from '../foreign/order.ts';
import { PaymentStub } from '../foreign/payment.ts';
import type { LedgerContext } from '../services.ts';
import { reversalOf, visibleTransfer } from './transfer.loader.ts';
import { Transfer } from './transfer.type.ts';
import { transferBatchCreate } from './transfer-batch-create.ts';
import { TransferBatchCreateInput, TransferBatchCreateResult } from './transfer-batch-create.type.ts';
import { TransferEdge } from './transfer-connection.type.ts';
import { transferCreate } from './transfer-create.ts';
import { TransferCreateInput, TransferCreateResult } from './transfer-create.type.ts';
import { transferReverse } from './transfer-reverse.ts';
import { TransferReversed, TransferReverseInput, TransferReverseResult } from './transfer-reverse.type.ts';

@Resolver(() => Transfer)
export class TransferResolver {
  @Authenticated()
  @Query(() => Transfer, {
    nullable: true,
    description: 'One transfer; null when there is none or no account in it is yours (ledger:read sees all).',
  })
  transfer(@Arg('id', () => ID, { description: 'The transfer id.' }) id: string, @Ctx() context: LedgerContext): Promise<Transfer | null> {
    return context.load(visibleTransfer, id);
  }

  @Authenticated()
  @Mutation(() => TransferCreateResult, {
    description:
      'Sends money from a wallet of yours; answers InsufficientFunds, RecipientNotFound, AccountClosed, CurrencyMismatch, SameAccount, LimitExceeded or WalletNotFound when it cannot.',
  })
  transferCreate(
    @Arg('input', () => TransferCreateInput, { description: 'What to send.' }) input: TransferCreateInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutateKeyed(transferCreate, input);
  }

  @RequiresScopes([['transfers:batch']])
  @Mutation(() => TransferBatchCreateResult, {
    description:
      'Sends up to 1,000 amounts from wallets of yours, with a result for each; an atomic batch answers TransferBatchRefused where one item cannot be carried out. For vendors and administrators.',
  })
  transferBatchCreate(
    @Arg('input', () => TransferBatchCreateInput, { description: 'What to send.' }) input: TransferBatchCreateInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutateKeyed(transferBatchCreate, input);
  }

  @RequiresScopes([['ledger:write']])
  @Mutation(() => TransferReverseResult, {
    description:
      'Takes a posted transfer back, once; answers TransferNotFound, TransferNotReversible, InsufficientFunds or AccountClosed when it cannot.',
  })
  transferReverse(
    @Arg('input', () => TransferReverseInput, { description: 'Which transfer.' }) input: TransferReverseInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutate(transferReverse, input, { keep: 'forever' });
  }

  @FieldResolver(() => LedgerAccount, { description: 'Where the money comes from.' })
  async debitAccount(@Root() { debitAccountId }: Transfer, @Ctx() context: LedgerContext): Promise<LedgerAccount> {
    return ensure(await context.load(ledgerAccount, debitAccountId), 'the debit account of a transfer');
  }

  @FieldResolver(() => LedgerAccount, { description: 'Where the money goes.' })
  async creditAccount(@Root() { creditAccountId }: Transfer, @Ctx() context: LedgerContext): Promise<LedgerAccount> {
    return ensure(await context.load(ledgerAccount, creditAccountId), 'the credit account of a transfer');
  }

  @FieldResolver(() => OrderStub, { nullable: true, description: 'The order that it belongs to.' })
  order(@Root() { orderId }: Transfer): OrderStub | null {
    return orderId ? new OrderStub(orderId) : null;
  }

  @FieldResolver(() => PaymentStub, { nullable: true, description: 'The payment that it belongs to.' })
  payment(@Root() { paymentId }: Transfer): PaymentStub | null {
    return paymentId ? new PaymentStub(paymentId) : null;
  }

  @FieldResolver(() => Transfer, { nullable: true, description: 'The transfer that this one takes back.' })
  reverses(@Root() { reversesId }: Transfer, @Ctx() context: LedgerContext): Promise<Transfer | null> | null {
    return reversesId ? context.load(visibleTransfer, reversesId) : null;
  }

  @FieldResolver(() => Transfer, { nullable: true, description: 'The transfer that took this one back.' })
  reversedBy(@Root() { id }: Transfer, @Ctx() context: LedgerContext): Promise<Transfer | null> {
    return context.load(reversalOf, id);
  }
}

@Resolver(() => TransferEdge)
export class TransferEdgeResolver {
  @FieldResolver(() => String, { description: 'A name for people of the other side.' })
  async counterparty(@Root() { counterpartyId }: TransferEdge, @Ctx() context: LedgerContext): Promise<string> {
    const account = await context.load(ledgerAccount, counterpartyId);
    if (!account) return accountName('WALLET', null);
    return accountName(account.kind, account.nameOf ? await context.load(displayNameOf, account.nameOf) : null);
  }
}

/** The stored outcome holds the id; the transfer is read again for whoever asks now. */
@Resolver(() => TransferReversed)
export class TransferReversedResolver {
  @FieldResolver(() => Transfer, { nullable: true, description: 'The transfer that brings the money back; null without ledger:read.' })
  transfer(@Root() { transferId }: TransferReversed, @Ctx() context: LedgerContext): Promise<Transfer | null> {
    return context.load(visibleTransfer, transferId);
  }
}
