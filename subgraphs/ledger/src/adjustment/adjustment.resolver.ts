import { RequiresScopes } from '@tessera/service-kit/access';
import { ensure, TesseraError } from '@tessera/service-kit/errors';
import { ConnectionArgs, paginate } from '@tessera/service-kit/pagination';
import { Arg, Args, type ClassType, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ledgerAccount } from '../account/account.loader.ts';
import { LedgerAccount } from '../account/ledger-account.type.ts';
import { UserStub } from '../foreign/user.ts';
import type { LedgerContext } from '../services.ts';
import { visibleTransfer } from '../transfer/transfer.loader.ts';
import { Transfer } from '../transfer/transfer.type.ts';
import { AdjustmentEntity } from './adjustment.entity.ts';
import { visibleAdjustment } from './adjustment.loader.ts';
import { ADJUSTMENT_STATES } from './adjustment.ts';
import { Adjustment, AdjustmentAlreadyDecided, AdjustmentConnection, AdjustmentWhere } from './adjustment.type.ts';
import { adjustmentApprove } from './adjustment-approve.ts';
import { AdjustmentApproved, AdjustmentApproveInput, AdjustmentApproveResult, AdjustmentRefused } from './adjustment-approve.type.ts';
import { adjustmentPropose } from './adjustment-propose.ts';
import { AdjustmentProposed, AdjustmentProposeInput, AdjustmentProposeResult } from './adjustment-propose.type.ts';
import { adjustmentReject } from './adjustment-reject.ts';
import { AdjustmentRejected, AdjustmentRejectInput, AdjustmentRejectResult } from './adjustment-reject.type.ts';

@Resolver(() => Adjustment)
class AdjustmentResolver {
  @RequiresScopes([['ledger:read']])
  @Query(() => AdjustmentConnection, { description: 'Adjustments of the books, newest first.' })
  async adjustments(
    @Arg('where', () => AdjustmentWhere, { nullable: true, description: 'Which ones.' }) where: AdjustmentWhere | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { em, cursorSecret }: LedgerContext,
  ) {
    const states = where?.state ?? [...ADJUSTMENT_STATES];
    if (states.length > ADJUSTMENT_STATES.length)
      throw new TesseraError('BAD_USER_INPUT', `where.state takes at most ${ADJUSTMENT_STATES.length} states.`, {
        path: ['where', 'state'],
      });
    return new AdjustmentConnection(
      await paginate(em, {
        entity: AdjustmentEntity,
        where: { state: { $in: states } },
        sort: [{ property: 'proposedAt', direction: 'desc' }],
        args,
        filter: states,
        secret: cursorSecret,
        toNode: (adjustment: AdjustmentEntity) => new Adjustment(adjustment),
      }),
    );
  }

  @RequiresScopes([['ledger:write']])
  @Mutation(() => AdjustmentProposeResult, {
    description:
      'Proposes a transfer between two accounts of the ledger, for another person to approve within 7 days; answers LedgerAccountNotFound, AccountClosed or CurrencyMismatch when it cannot.',
  })
  adjustmentPropose(
    @Arg('input', () => AdjustmentProposeInput, { description: 'What to correct.' }) input: AdjustmentProposeInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutate(adjustmentPropose, input, { keep: 'forever' });
  }

  @RequiresScopes([['ledger:write']])
  @Mutation(() => AdjustmentApproveResult, {
    description:
      'Carries out what another person proposed, once; answers SameApprover, AdjustmentNotFound, AdjustmentAlreadyDecided, AdjustmentExpired, or AdjustmentRefused when the accounts do not allow it.',
  })
  adjustmentApprove(
    @Arg('input', () => AdjustmentApproveInput, { description: 'Which one.' }) input: AdjustmentApproveInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutate(adjustmentApprove, input, { keep: 'forever' });
  }

  @RequiresScopes([['ledger:write']])
  @Mutation(() => AdjustmentRejectResult, {
    description:
      'Rejects a proposal, or withdraws your own; answers AdjustmentNotFound, AdjustmentAlreadyDecided or AdjustmentExpired when it cannot.',
  })
  adjustmentReject(
    @Arg('input', () => AdjustmentRejectInput, { description: 'Which one, and why.' }) input: AdjustmentRejectInput,
    @Ctx() context: LedgerContext,
  ): Promise<object> {
    return context.mutate(adjustmentReject, input, { keep: 'forever' });
  }

  @FieldResolver(() => LedgerAccount, { description: 'Where the money comes from.' })
  async debitAccount(@Root() { debitAccountId }: Adjustment, @Ctx() context: LedgerContext): Promise<LedgerAccount> {
    return ensure(await context.load(ledgerAccount, debitAccountId), 'the debit account of an adjustment');
  }

  @FieldResolver(() => LedgerAccount, { description: 'Where the money goes.' })
  async creditAccount(@Root() { creditAccountId }: Adjustment, @Ctx() context: LedgerContext): Promise<LedgerAccount> {
    return ensure(await context.load(ledgerAccount, creditAccountId), 'the credit account of an adjustment');
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who proposed it.' })
  proposedBy(@Root() { proposedById }: Adjustment): UserStub {
    return new UserStub(proposedById);
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who approved, rejected or withdrew it.' })
  decidedBy(@Root() { decidedById }: Adjustment): UserStub | null {
    return decidedById ? new UserStub(decidedById) : null;
  }

  @FieldResolver(() => Transfer, { nullable: true, description: 'What moved the money; null before, and without ledger:read.' })
  transfer(@Root() { transferId }: Adjustment, @Ctx() context: LedgerContext): Promise<Transfer | null> | null {
    return transferId ? context.load(visibleTransfer, transferId) : null;
  }
}

/** The stored outcome holds the id; the adjustment is read again for whoever asks now. */
function adjustmentOf(outcome: ClassType<{ readonly adjustmentId: string }>) {
  @Resolver(() => outcome)
  class AdjustmentOfOutcomeResolver {
    @FieldResolver(() => Adjustment, { nullable: true, description: 'The adjustment as it is now.' })
    adjustment(@Root() { adjustmentId }: { readonly adjustmentId: string }, @Ctx() context: LedgerContext): Promise<Adjustment | null> {
      return context.load(visibleAdjustment, adjustmentId);
    }
  }
  return AdjustmentOfOutcomeResolver;
}

export const adjustmentResolvers = [
  AdjustmentResolver,
  ...[AdjustmentProposed, AdjustmentApproved, AdjustmentRejected, AdjustmentRefused, AdjustmentAlreadyDecided].map(adjustmentOf),
] as const;
