import { isJustAsked, waitFor } from '../provider/first-answer.ts';
import type { ClientAction } from '../provider/provider-name.ts';
import { providerOf } from '../provider/providers.ts';
import type { PaymentsContext } from '../services.ts';
import { currentAttempt } from './payment.loader.ts';

/**
 * What the customer has to do, for the customer alone. An attempt of which the provider has just been asked is waited for, a bounded time: a
 * client that places an order wants to know where to send its customer.
 */
export async function clientActionOf(paymentId: string, context: PaymentsContext): Promise<ClientAction | null> {
  const { viewer, services } = context;
  const first = await context.load(currentAttempt, paymentId);
  if (first?.payment.customerId !== viewer.userId) return null;
  const found = await waitFor(first, isFresh, async () => {
    const em = context.em.fork({ clear: true });
    return (await currentAttempt.batch([paymentId], { ...context, em })).get(paymentId) ?? null;
  });
  return found && providerOf(found.attempt.tender).clientAction(found.payment, found.attempt, services.adapters);
}

type Found = NonNullable<Awaited<ReturnType<typeof currentAttempt.batch>> extends ReadonlyMap<string, infer Value> ? Value : never>;

/** The two rows are read one after the other, so the attempt may be ahead of its payment. */
function isFresh({ payment, attempt }: Found): boolean {
  return attempt.provider !== null && payment.state === 'PENDING' && isJustAsked(attempt.createdAt);
}
