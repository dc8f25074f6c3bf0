import type { AttemptReport } from '../../provider/provider-adapter.ts';
import type { Act } from '../../services.ts';
import { type CallHandler, type CallMeans, DONE } from '../call-handler.ts';
import { lookAgainAt } from '../look-again.ts';
import { planCall } from '../plan-call.ts';
import type { ProviderCallEntity } from '../provider-call.entity.ts';
import { applyAndFollow, attemptGivenUp, lockSubject, readSubject } from './attempt-call.ts';

const MAX_WAIT_MS = 300_000;
const SAVED_CARD_MS = 120_000;

/** Reads how an attempt stands: after a webhook, and now and then in case that none comes. */
export const readAttempt: CallHandler = {
  perform: async (call, means) => {
    const report = await read(call, means);
    return async (act) => {
      const isFinal = report ? await applyAndFollow(call, report, act) : true;
      if (report?.kind === 'PROCESSING') await closeLeftOver(call, act);
      const bounds = { firstMs: act.settings.providerPollMs, maxMs: MAX_WAIT_MS };
      return isFinal ? DONE : { kind: 'AGAIN', at: lookAgainAt(call.createdAt, act.now, bounds) };
    };
  },
  // What was opened and is not there any more: nobody can tell what became of the money.
  refused: (call, _reason, act) => attemptGivenUp(call, act),
  givenUp: attemptGivenUp,
};

/** Null for an attempt that the provider was never asked about: its own call will be. */
async function read(call: ProviderCallEntity, { adapter, em }: CallMeans): Promise<AttemptReport | null> {
  const { attempt } = await readSubject(call, em);
  const { id: attemptId, sessionId = null, intentId = null } = attempt;
  if (sessionId || intentId) return adapter.readAttempt({ attemptId, sessionId, intentId });
  return adapter.findAttempt(attemptId, attempt.createdAt);
}

/**
 * A charge of a saved card is decided within seconds. One that was declined while nobody was left to close it would be open for ever, and could
 * still be paid.
 */
async function closeLeftOver(call: ProviderCallEntity, act: Act): Promise<void> {
  const { attempt } = await lockSubject(call, act);
  if (!attempt.paymentMethodId || act.now.getTime() - attempt.createdAt.getTime() < SAVED_CARD_MS) return;
  await planCall(act, { provider: call.provider, kind: 'CLOSE_ATTEMPT', paymentId: attempt.paymentId, attemptId: attempt.id });
}
