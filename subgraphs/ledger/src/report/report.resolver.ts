import { RequiresScopes } from '@tessera/service-kit/access';
import { CurrencyCodeScalar, DateTime } from '@tessera/service-kit/graphql';
import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { refuseFuture } from '../refuse-future.ts';
import type { LedgerContext } from '../services.ts';
import { ledgerProof } from './ledger-proof.ts';
import { LedgerProof } from './ledger-proof.type.ts';
import { trialBalance } from './trial-balance.ts';
import { TrialBalance } from './trial-balance.type.ts';

@Resolver()
export class ReportResolver {
  @RequiresScopes([['ledger:read']])
  @Query(() => TrialBalance, { description: 'Debits and credits of all accounts, now or at an instant.' })
  async trialBalance(
    @Arg('asOf', () => DateTime, { nullable: true, description: 'The instant; now when left out.' }) asOf: Date | undefined,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: 'Of this currency only.' }) currency: string | undefined,
    @Ctx() { services, now }: LedgerContext,
  ): Promise<TrialBalance> {
    if (asOf) refuseFuture('asOf', asOf, now);
    return services.reads.run((em) => trialBalance(em, asOf ?? now, currency ?? null));
  }

  @RequiresScopes([['ledger:read']])
  @Query(() => LedgerProof, { description: 'Proves from the stored facts that the books are right, or names what is not.' })
  ledgerProof(@Ctx() { em, now }: LedgerContext): Promise<LedgerProof> {
    return ledgerProof(em, now);
  }
}
