import type { Log } from '@tessera/service-kit/graphql';
import { CircuitState, ConsecutiveBreaker, circuitBreaker, ExponentialBackoff, handleWhen } from 'cockatiel';
import { ProviderError } from '../provider/provider-error.ts';

const FAILURES_IN_A_ROW = 5;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/** Spares a provider that does not answer: after some failures in a row nothing is sent for a while, then one request tries. */
export interface Guard {
  /** @throws BrokenCircuitError when nothing may be sent now */
  run<T>(request: () => Promise<T>): Promise<T>;
  /** Whether there is any use in claiming work. */
  isClosed(): boolean;
}

export function createGuard(log: Pick<Log, 'warn' | 'info'>): Guard {
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof ProviderError && (error.code === 'UNKNOWN' || error.code === 'NOT_SENT')),
    {
      breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: FIRST_PAUSE_MS, maxDelay: MAX_PAUSE_MS }),
    },
  );
  let openedAt = 0;
  breaker.onBreak(() => {
    openedAt = Date.now();
    log.warn({ failuresInARow: FAILURES_IN_A_ROW }, 'the provider does not answer: it is left alone for a while');
  });
  breaker.onReset(() => log.info({}, 'the provider answers again'));
  return {
    run: (request) => breaker.execute(request),
    // While it is open, one claim a second finds out when it may try again.
    isClosed: () => breaker.state === CircuitState.Closed || Date.now() - openedAt >= FIRST_PAUSE_MS,
  };
}
