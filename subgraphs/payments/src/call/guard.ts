import type { Log } from '@tessera/service-kit/graphql';
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { ProviderError } from '../provider/provider-error.ts';
import type { ProviderName } from '../provider/provider-name.ts';

const FAILURES_IN_A_ROW = 5;
const PAUSE_MS = 3_000;

/** Spares each provider that does not answer: after some failures in a row nothing is sent to it for a while, then one request tries. */
export interface Guards {
  /** @throws BrokenCircuitError when nothing may be sent now */
  run<T>(provider: ProviderName, request: () => Promise<T>): Promise<T>;
  /** How many calls to each provider it makes sense to claim now, of those that there is room for. */
  allowances(room: number): readonly (readonly [ProviderName, number])[];
}

export function createGuards(providers: readonly ProviderName[], log: Pick<Log, 'warn' | 'info'>): Guards {
  const guards = new Map(providers.map((provider) => [provider, createGuard(provider, log)]));
  return {
    run: (provider, request) => guards.get(provider)?.run(request) ?? request(),
    allowances: (room) => [...guards].map(([provider, guard]) => [provider, guard.allowance(room)] as const),
  };
}

function createGuard(provider: ProviderName, log: Pick<Log, 'warn' | 'info'>) {
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof ProviderError && (error.code === 'UNKNOWN' || error.code === 'NOT_SENT')),
    { breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW), halfOpenAfter: PAUSE_MS },
  );
  let triesAt = 0;
  breaker.onBreak(() => {
    triesAt = performance.now() + PAUSE_MS;
    log.warn({ provider, failuresInARow: FAILURES_IN_A_ROW }, 'a provider does not answer: it is left alone for a while');
  });
  breaker.onReset(() => log.info({ provider }, 'a provider answers again'));
  return {
    run: <T>(request: () => Promise<T>) => breaker.execute(request),
    allowance: (room: number): number => {
      if (breaker.state === CircuitState.Closed) return room;
      if (performance.now() < triesAt) return 0;
      triesAt = performance.now() + PAUSE_MS;
      return Math.min(room, 1);
    },
  };
}
