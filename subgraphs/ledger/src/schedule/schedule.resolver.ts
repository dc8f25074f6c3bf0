import { Authenticated } from '@tessera/service-kit/access';
import { TesseraError } from '@tessera/service-kit/errors';
import { ConnectionArgs, paginate } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { ledgerAccount } from '../account/account.loader.ts';
import { accountName, displayNameOf } from '../account/account-name.ts';
import type { LedgerContext } from '../services.ts';
import { visibleTransfer } from '../transfer/transfer.loader.ts';
import { Transfer } from '../transfer/transfer.type.ts';
import { visibleWallet } from '../wallet/wallet.loader.ts';
import { Wallet } from '../wallet/wallet.type.ts';
import { ScheduleEntity, ScheduleRunEntity } from './schedule.entity.ts';
import { visibleSchedule } from './schedule.loader.ts';
import { SCHEDULE_STATES } from './schedule.ts';
import {
  ScheduleRun,
  ScheduleRunConnection,
  TransferSchedule,
  TransferScheduleConnection,
  TransferScheduleWhere,
} from './schedule.type.ts';
import { transferSchedule } from './transfer-schedule.ts';
import { TransferScheduled, TransferScheduleInput, TransferScheduleResult } from './transfer-schedule.type.ts';
import { transferScheduleCancel } from './transfer-schedule-cancel.ts';
import { TransferScheduleCancelInput, TransferScheduleCancelled, TransferScheduleCancelResult } from './transfer-schedule-cancel.type.ts';

@Resolver(() => Wallet)
export class WalletSchedulesResolver {
  @FieldResolver(() => TransferScheduleConnection, { nullable: true, description: 'Transfers planned from this wallet, newest first.' })
  async schedules(
    @Root() { id }: Wallet,
    @Arg('where', () => TransferScheduleWhere, { nullable: true, description: 'Which ones.' }) where: TransferScheduleWhere | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { em, cursorSecret }: LedgerContext,
  ) {
    const states = where?.state ?? [...SCHEDULE_STATES];
    if (states.length > SCHEDULE_STATES.length)
      throw new TesseraError('BAD_USER_INPUT', `where.state takes at most ${SCHEDULE_STATES.length} states.`, { path: ['where', 'state'] });
    return new TransferScheduleConnection(
      await paginate(em, {
        entity: ScheduleEntity,
        where: { fromWalletId: id, state: { $in: states } },
        sort: [{ property: 'createdAt', direction: 'desc' }],
        args,
        filter: [id, states],
        secret: cursorSecret,
        toNode: (schedule: ScheduleEntity) => new TransferSchedule(schedule),
      }),
    );
  }
}

@Resolver(() => TransferSchedule)
export class TransferScheduleResolver {
  @Authenticated()
  @Mutation(() => TransferScheduleResult, {
    description:
      'Plans a transfer from a wallet of yours, once or repeated; answers WalletNotFound, RecipientNotFound, AccountClosed, CurrencyMismatch, SameAccount or ScheduleLimitReached when it cannot.',
  })
  transferSchedule(
    @Arg('input', () => TransferScheduleInput, { description: 'What to send, and when.' }) input: TransferScheduleInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutate(transferSchedule, input, { keep: 'forever' });
  }

  @Authenticated()
  @Mutation(() => TransferScheduleCancelResult, {
    description: 'Ends a schedule of yours before its next run; answers ScheduleNotFound, or ScheduleEnded when it has ended already.',
  })
  transferScheduleCancel(
    @Arg('input', () => TransferScheduleCancelInput, { description: 'The schedule.' }) input: TransferScheduleCancelInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutate(transferScheduleCancel, input, { keep: 'forever' });
  }

  @FieldResolver(() => Wallet, { nullable: true, description: 'The wallet that pays.' })
  fromWallet(@Root() { fromWalletId }: TransferSchedule, @Ctx() context: LedgerContext): Promise<Wallet | null> {
    return context.load(visibleWallet, fromWalletId);
  }

  @FieldResolver(() => String, { description: 'A name for people of whoever receives it.' })
  async recipient(@Root() { toUserId, toWalletId }: TransferSchedule, @Ctx() context: LedgerContext): Promise<string> {
    const userId = toUserId ?? (toWalletId ? (await context.load(ledgerAccount, toWalletId))?.nameOf : null);
    return accountName('WALLET', userId ? await context.load(displayNameOf, userId) : null);
  }

  @FieldResolver(() => ScheduleRunConnection, { nullable: true, description: 'Runs that were made, newest first.' })
  async runs(
    @Root() { id }: TransferSchedule,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { em, cursorSecret }: LedgerContext,
  ) {
    return new ScheduleRunConnection(
      await paginate(em, {
        entity: ScheduleRunEntity,
        where: { scheduleId: id },
        sort: [{ property: 'run', direction: 'desc' }],
        args,
        filter: id,
        secret: cursorSecret,
        toNode: (run: ScheduleRunEntity) => new ScheduleRun(run),
      }),
    );
  }
}

@Resolver(() => ScheduleRun)
export class ScheduleRunResolver {
  @FieldResolver(() => Transfer, { nullable: true, description: 'The transfer that was made; null when the run was refused.' })
  transfer(@Root() { transferId }: ScheduleRun, @Ctx() context: LedgerContext): Promise<Transfer | null> | null {
    return transferId ? context.load(visibleTransfer, transferId) : null;
  }
}

/** The stored outcome holds the id; the schedule is read again for whoever asks now. */
@Resolver(() => TransferScheduled)
export class TransferScheduledResolver {
  @FieldResolver(() => TransferSchedule, { nullable: true, description: 'The schedule as it is now.' })
  schedule(@Root() { scheduleId }: TransferScheduled, @Ctx() context: LedgerContext): Promise<TransferSchedule | null> {
    return context.load(visibleSchedule, scheduleId);
  }
}

@Resolver(() => TransferScheduleCancelled)
export class TransferScheduleCancelledResolver {
  @FieldResolver(() => TransferSchedule, { nullable: true, description: 'The schedule as it is now.' })
  schedule(@Root() { scheduleId }: TransferScheduleCancelled, @Ctx() context: LedgerContext): Promise<TransferSchedule | null> {
    return context.load(visibleSchedule, scheduleId);
  }
}
