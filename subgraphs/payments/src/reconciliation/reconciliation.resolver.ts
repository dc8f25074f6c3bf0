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
import { BookTooLarge } from './read-movements.ts';
import { reconcileNow } from './reconcile-now.ts';
import { Reconciliation, ReconciliationDifference } from './reconciliation.type.ts';
import { storedResult } from './stored-result.ts';

/** No provider has books from before. */
const FIRST_DATE = '2010-01-01';

@Resolver(() => Reconciliation)
export class ReconciliationResolver {
  @RequiresScopes([['payments:read']])
  @Query(() => Reconciliation, {
    description:
      "Compares a day of the provider's books with ours, now: slow, and for people. Of today, what is just happening may show as a difference. A past day that is too large for that is answered as the daily check found it.",
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
    const isOver = date < dateOf(now);
    const result = await reconcileNow(adapter, date, em).catch((error: unknown) => {
      if (error instanceof BookTooLarge && isOver) return error;
      throw error;
    });
    const daily = await storedResult(em, provider, date);
    if (!(result instanceof BookTooLarge)) return new Reconciliation(result, daily);
    if (!daily) throw result;
    return new Reconciliation(daily, daily);
  }
}

@Resolver(() => ReconciliationDifference)
export class ReconciliationDifferenceResolver {
  @FieldResolver(() => Payment, { nullable: true, description: 'The payment that it is about; null where none is known.' })
  payment(@Root() { paymentId }: ReconciliationDifference, @Ctx() context: PaymentsContext) {
    return paymentId === null ? null : context.load(visiblePayment, paymentId);
  }
}
