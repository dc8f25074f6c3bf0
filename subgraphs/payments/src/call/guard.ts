import type { Log } from '@tessera/service-kit/graphql';
import { CircuitState, ConsecutiveBreaker, circuitBreaker, ExponentialBackoff, handleWhen } from 'cockatiel';
import { ProviderError } from '../provider/provider-error.ts';
import type { ProviderName } from '../provider/provider-name.ts';

const FAILURES_IN_A_ROW = 5;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/** Spares each provider that does not answer: after some failures in a row nothing is sent to it for a while, then one request tries. */
export interface Guards {
  /** @throws BrokenCircuitError when nothing may be sent now */
  run<T>(provider: ProviderName, request: () => Promise<T>): Promise<T>;
  /** Those for which there is any use in claiming work. */
  open(): readonly ProviderName[];
}

export function createGuards(providers: readonly ProviderName[], log: Pick<Log, 'warn' | 'info'>): Guards {
  const guards = new Map(providers.map((provider) => [provider, createGuard(provider, log)]));
  return {
    run: (provider, request) => guards.get(provider)?.run(request) ?? request(),
    open: () => [...guards].filter(([, guard]) => guard.isOpen()).map(([provider]) => provider),
  };
}

function createGuard(provider: ProviderName, log: Pick<Log, 'warn' | 'info'>) {
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof ProviderError && (error.code === 'UNKNOWN' || error.code === 'NOT_SENT')),
    {
      breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: FIRST_PAUSE_MS, maxDelay: MAX_PAUSE_MS }),
    },
  );
  let brokenAt = 0;
  breaker.onBreak(() => {
    brokenAt = Date.now();
    log.warn({ provider, failuresInARow: FAILURES_IN_A_ROW }, 'a provider does not answer: it is left alone for a while');
  });
  breaker.onReset(() => log.info({ provider }, 'a provider answers again'));
  return {
    run: <T>(request: () => Promise<T>) => breaker.execute(request),
    // While it is broken, one claim a second finds out when it may try again.
    isOpen: () => breaker.state === CircuitState.Closed || Date.now() - brokenAt >= FIRST_PAUSE_MS,
  };
}
