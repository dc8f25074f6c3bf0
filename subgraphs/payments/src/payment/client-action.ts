import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientAction } from '../provider/provider-name.ts';
import { providerOf } from '../provider/providers.ts';
import type { PaymentsContext } from '../services.ts';
import { currentAttempt } from './payment.loader.ts';

/** How long a client that has just asked to pay waits for the provider's first answer. */
const WAIT_MS = 3_000;
const LOOK_EVERY_MS = 40;

/**
 * What the customer has to do, for the customer alone. An attempt of which the provider has been asked and not answered is waited for, a
 * bounded time: a client that places an order wants to know where to send its customer.
 */
export async function clientActionOf(paymentId: string, context: PaymentsContext): Promise<ClientAction | null> {
  const { viewer, services } = context;
  let found = await context.load(currentAttempt, paymentId);
  for (const endsAt = Date.now() + WAIT_MS; found && isAsked(found) && Date.now() < endsAt; ) {
    await sleep(LOOK_EVERY_MS);
    found = (await currentAttempt.batch([paymentId], { ...context, em: context.em.fork({ clear: true }) })).get(paymentId) ?? null;
  }
  if (!found || found.payment.customerId !== viewer.userId) return null;
  return providerOf(found.attempt.tender).clientAction(found.payment, found.attempt, services.adapters);
}

type Found = NonNullable<Awaited<ReturnType<typeof currentAttempt.batch>> extends ReadonlyMap<string, infer Value> ? Value : never>;

/** The two rows are read one after the other, so the attempt may be ahead of its payment. */
function isAsked({ payment, attempt }: Found): boolean {
  return attempt.provider !== null && payment.state === 'PENDING' && attempt.state !== 'UNKNOWN';
}
