import type { AttemptReport } from '../../provider/provider-adapter.ts';
import { type CallHandler, type CallMeans, DONE } from '../call-handler.ts';
import type { ProviderCallEntity } from '../provider-call.entity.ts';
import { applyAndFollow, attemptGivenUp, readSubject } from './attempt-call.ts';

const MAX_WAIT_MS = 300_000;

/** Reads how an attempt stands: after a webhook, and now and then in case that none comes. */
export const readAttempt: CallHandler = {
  perform: async (call, means) => {
    const report = await read(call, means);
    return async (act) => {
      const isFinal = report ? await applyAndFollow(call, report, act) : true;
      return isFinal ? DONE : { kind: 'AGAIN', at: nextLook(call, act.now, act.settings.providerPollMs) };
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

/** Less often the longer it lasts: twice the age of the attempt's call, within bounds. */
function nextLook(call: ProviderCallEntity, now: Date, firstMs: number): Date {
  const ageMs = Math.max(now.getTime() - call.createdAt.getTime(), 0);
  return new Date(now.getTime() + Math.min(Math.max(ageMs, firstMs), Math.max(MAX_WAIT_MS, firstMs)));
}
