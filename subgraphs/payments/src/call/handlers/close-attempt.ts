import { alarm } from '../../payment/record.ts';
import { type CallHandler, DONE } from '../call-handler.ts';
import { repeatableKey } from './ask-or-find.ts';
import { applyAndFollow, attemptGivenUp, lockSubject, readSubject } from './attempt-call.ts';

/** Makes sure that no money comes any more. What came before that is the provider's last word instead, and goes back by refund. */
export const closeAttempt: CallHandler = {
  perform: async (call, { adapter, em }) => {
    const { attempt } = await readSubject(call, em);
    const { id: attemptId, sessionId = null, intentId = null } = attempt;
    const report = await adapter.closeAttempt({ attemptId, sessionId, intentId }, repeatableKey(call));
    return async (act) => {
      await applyAndFollow(call, report, act);
      return DONE;
    };
  },
  refused: async (call, reason, act) => alarm((await lockSubject(call, act)).subject.payment, reason, act),
  givenUp: attemptGivenUp,
};
