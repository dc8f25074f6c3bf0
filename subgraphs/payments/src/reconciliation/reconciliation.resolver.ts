import { RequiresScopes } from '@tessera/service-kit/access';
import { TesseraError } from '@tessera/service-kit/errors';
import { CalendarDate } from '@tessera/service-kit/graphql';
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { PaymentProviderEnum } from '../payment/payment.enums.ts';
import { visiblePayment } from '../payment/payment.loader.ts';
import { Payment } from '../payment/payment.type.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { PaymentsContext } from '../services.ts';
import { dateOf } from './day.ts';
import { reconcile } from './reconcile.ts';
import { Reconciliation, ReconciliationDifference } from './reconciliation.type.ts';
import { storedResult } from './stored-result.ts';

const BOUNDS = { maxMovements: 50_000, timeoutMs: 20_000 };
/** No provider has books from before. */
const FIRST_DATE = '2010-01-01';

@Resolver(() => Reconciliation)
export class ReconciliationResolver {
  @RequiresScopes([['payments:read']])
  @Query(() => Reconciliation, {
    description:
      "Compares a day of the provider's books with ours, now: slow, and for people. Of today, what is just happening may show as a difference.",
  })
  async reconciliation(
    @Arg('provider', () => PaymentProviderEnum, { description: 'Whose books.' }) provider: ProviderName,
    @Arg('date', () => CalendarDate, { description: 'The day, in UTC; not in the future.' }) date: string,
    @Ctx() { em, now, services }: PaymentsContext,
  ): Promise<Reconciliation> {
    const adapter = services.adapters[provider];
    if (!adapter) throw new TesseraError('BAD_USER_INPUT', `${provider} is not used here.`);
    if (date > dateOf(now) || date < FIRST_DATE)
      throw new TesseraError('BAD_USER_INPUT', `date must be a day from ${FIRST_DATE} to today.`);
    const result = await reconcile(adapter, date, em, BOUNDS);
    return new Reconciliation(result, await storedResult(em, provider, date));
  }
}

@Resolver(() => ReconciliationDifference)
export class ReconciliationDifferenceResolver {
  @FieldResolver(() => Payment, { nullable: true, description: 'The payment that it is about; null where none is known.' })
  payment(@Root() { paymentId }: ReconciliationDifference, @Ctx() context: PaymentsContext) {
    return paymentId === null ? null : context.load(visiblePayment, paymentId);
  }
}
