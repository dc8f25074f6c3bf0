import { randomUUID } from 'node:crypto';
import type { Leg, PostRequest } from '../src/engine/request.ts';
import type { Settled, Submission } from '../src/engine/submission.ts';

/** One movement of dollars. */
export const move = (debit: string, credit: string, minor: bigint | 'AVAILABLE' = 1n): Leg => ({
  kind: 'MOVE',
  debit,
  credit,
  amount: { currency: 'USD', minor },
  code: 'TRANSFER',
});

/** Of a service that tells nothing, under a key of its own. */
export function aSubmission(
  legs: readonly Leg[],
  { key = randomUUID(), tell = () => [], ...more }: Partial<PostRequest> & { tell?: Submission['tell'] } = {},
): Submission {
  const origin = { actor: 'service:test', correlationId: 'test', causationId: null, traceparent: null };
  return { request: { scope: 'test', key, legs, actor: 'service:test', traceparent: null, ...more }, origin, tell };
}

export function kindOf(settled: PromiseSettledResult<Settled>): string {
  return settled.status === 'rejected' ? 'FAILED' : settled.value.outcome.kind;
}
