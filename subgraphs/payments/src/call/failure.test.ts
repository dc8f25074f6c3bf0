import { describe, expect, it } from '@jest/globals';
import { BrokenCircuitError } from 'cockatiel';
import { ProviderError } from '../provider/provider-error.ts';
import type { Act, PaymentsServices } from '../services.ts';
import type { CallHandler } from './call-handler.ts';
import { decideFailure, waitMs } from './failure.ts';
import type { ProviderCallEntity } from './provider-call.entity.ts';
import { CALL_CRASH_POINTS } from './run-calls.ts';

const now = new Date('2026-11-27T12:00:00Z');
const log = { info: () => {}, warn: () => {}, error: () => {} };
const act = { now, log, settings: { maxProviderFailures: 3, providerRetryMs: 100 } } as unknown as Act; // what the decision reads

async function fail(error: unknown, failures = 0, state: ProviderCallEntity['state'] = 'SENT') {
  const told: string[] = [];
  const handler: CallHandler = {
    perform: async () => async () => ({ kind: 'DONE' }),
    refused: async (_call, reason) => void told.push(`refused ${reason}`),
    givenUp: async () => void told.push('given up'),
  };
  const call = { id: 'att_1:open-attempt', failures, state } as ProviderCallEntity; // what the decision reads
  const end = await decideFailure(call, handler, error, { log } as unknown as PaymentsServices)(act);
  return { end, told };
}

describe('a call without an answer that counts', () => {
  it.each(['UNKNOWN', 'NOT_SENT'] as const)(
    'is made again after %s, under the same key; after the bound a person is told once, and it is made every hour',
    async (code) => {
      expect(await fail(new ProviderError(code, 'TIMEOUT'))).toMatchObject({
        end: { state: 'DUE', failures: 1, error: 'TIMEOUT' },
        told: [],
      });
      expect(await fail(new ProviderError(code, 'TIMEOUT'), 2)).toMatchObject({
        end: { state: 'GIVEN_UP', error: 'TIMEOUT', dueAt: new Date(now.getTime() + 3_600_000) },
        told: ['given up'],
      });
      expect((await fail(new ProviderError(code, 'TIMEOUT'), 3, 'GIVEN_UP')).told).toEqual([]);
    },
  );

  it.each(['REJECTED', 'MISSING'] as const)('ends with %s', async (code) => {
    expect(await fail(new ProviderError(code, 'AMOUNT_TOO_SMALL'))).toEqual({ end: { state: 'DONE' }, told: ['refused AMOUNT_TOO_SMALL'] });
  });

  it('does not count while the provider is left alone', async () => {
    expect(await fail(new BrokenCircuitError(), 2)).toMatchObject({ end: { state: 'DUE', failures: 2 }, told: [] });
  });

  it('is made again after a mistake of ours too', async () => {
    expect(await fail(new TypeError('x is undefined'))).toMatchObject({ end: { state: 'DUE', failures: 1, error: 'x is undefined' } });
  });

  it('waits about twice as long each time, up to five minutes', () => {
    const waits = [1, 2, 5, 50].map((failures) => waitMs(failures, 500));
    [500, 1_000, 8_000, 300_000].forEach((expected, at) => {
      expect(waits[at]).toBeGreaterThanOrEqual(expected * 0.75);
      expect(waits[at]).toBeLessThanOrEqual(expected * 1.25);
    });
  });

  it('has crash points before and after each of its phases', () => {
    expect(CALL_CRASH_POINTS).toContain('payments.open-attempt.claimed');
    expect(CALL_CRASH_POINTS).toHaveLength(24);
  });
});
