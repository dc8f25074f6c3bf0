import type Stripe from 'stripe';
import type { AttemptReference, AttemptReport } from '../provider-adapter.ts';
import { ProviderError } from '../provider-error.ts';
import { closeIntent, readIntent } from './intents.ts';
import { PAGE_SIZE, searchFor } from './lists.ts';
import { closePage, readPage } from './sessions.ts';

/** Clocks differ, and Stripe's is the one that counts. */
const CLOCK_RESERVE_S = 60;
const MAX_SEARCHED = 2_000;

/** With both ids known the page counts: its intent can be closed through it only. */
export async function readAttempt(stripe: Stripe, { sessionId, intentId }: AttemptReference): Promise<AttemptReport> {
  if (sessionId !== null) return await readPage(stripe, sessionId);
  if (intentId !== null) return await readIntent(stripe, intentId);
  throw new ProviderError('MISSING', 'NOTHING_KNOWN');
}

export async function closeAttempt(stripe: Stripe, { sessionId, intentId }: AttemptReference, key: string): Promise<AttemptReport> {
  if (sessionId !== null) return await closePage(stripe, sessionId, key);
  if (intentId !== null) return await closeIntent(stripe, intentId, key);
  throw new ProviderError('MISSING', 'NOTHING_KNOWN');
}

/** Sessions first: an intent of a page has the attempt's id as well. Lists know a new object at once, Stripe's search does not. */
export async function findAttempt(stripe: Stripe, attemptId: string, since: Date): Promise<AttemptReport | null> {
  const created = { gte: Math.floor(since.getTime() / 1_000) - CLOCK_RESERVE_S };
  const page = { created, limit: PAGE_SIZE };
  const session = await searchFor(
    () => stripe.checkout.sessions.list(page),
    ({ client_reference_id: reference, mode }) => reference === attemptId && mode === 'payment',
    MAX_SEARCHED,
  );
  if (session) return await readPage(stripe, session.id);
  const intent = await searchFor(
    () => stripe.paymentIntents.list(page),
    ({ metadata }) => metadata.attempt_id === attemptId,
    MAX_SEARCHED,
  );
  return intent && (await readIntent(stripe, intent.id));
}
