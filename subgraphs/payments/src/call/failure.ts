import { BrokenCircuitError } from 'cockatiel';
import { ProviderError } from '../provider/provider-error.ts';
import type { Act, PaymentsServices } from '../services.ts';
import type { CallEnd, CallHandler } from './call-handler.ts';
import type { ProviderCallEntity } from './provider-call.entity.ts';

const MAX_WAIT_MS = 300_000;
/** How often it is asked once a person knows. */
const GIVEN_UP_WAIT_MS = 3_600_000;
const MAX_ERROR = 500;

/**
 * What follows when there is no answer that counts. A definitive no ends the call. Everything else is asked again under the same key, after
 * longer waits each time; after the bound a person is asked to look, and the provider is asked again every hour.
 */
export function decideFailure(
  call: ProviderCallEntity,
  handler: CallHandler,
  error: unknown,
  services: Pick<PaymentsServices, 'log'>,
): (act: Act) => Promise<CallEnd> {
  const { code, reason } = described(error);
  if (code === 'BUG') services.log.error({ err: error, call: call.id }, 'a call to a provider failed');
  else services.log.warn({ call: call.id, code, reason, failures: call.failures + 1 }, 'a provider gave no answer that counts');
  return async (act) => {
    if (code === 'REJECTED' || code === 'MISSING') {
      await handler.refused(call, reason, act);
      return { state: 'DONE' };
    }
    const { maxProviderFailures, providerRetryMs } = act.settings;
    // What was not even tried proves nothing about the provider's patience.
    const failures = code === 'OPEN' ? call.failures : call.failures + 1;
    const isGivenUp = failures >= maxProviderFailures;
    if (isGivenUp && call.state !== 'GIVEN_UP') await handler.givenUp(call, act);
    const wait = isGivenUp ? GIVEN_UP_WAIT_MS : waitMs(failures, providerRetryMs);
    const wasNotSent = code === 'OPEN' || code === 'NOT_SENT';
    return { state: isGivenUp ? 'GIVEN_UP' : 'DUE', dueAt: new Date(act.now.getTime() + wait), failures, error: reason, wasNotSent };
  };
}

/** Twice as long each time, up to five minutes, and a little apart: what failed together must not come back together. */
export function waitMs(failures: number, firstMs: number): number {
  const wait = Math.min(firstMs * 2 ** Math.max(0, failures - 1), Math.max(MAX_WAIT_MS, firstMs));
  return Math.round(wait * (0.75 + Math.random() / 2));
}

function described(error: unknown): { readonly code: ProviderError['code'] | 'OPEN' | 'BUG'; readonly reason: string } {
  if (error instanceof ProviderError) return { code: error.code, reason: error.reason.slice(0, MAX_ERROR) || 'UNKNOWN' };
  if (error instanceof BrokenCircuitError) return { code: 'OPEN', reason: 'CIRCUIT_OPEN' };
  return { code: 'BUG', reason: (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR) || 'UNKNOWN' };
}
