import { describe, expect, it } from '@jest/globals';
import type { ProviderAdapter } from '../../src/provider/provider-adapter.ts';
import { aKey, anAttempt, type Bench, usd } from './bench.ts';

const reference = { attemptId: 'att_0', sessionId: null, intentId: null };

const UNKNOWN_OBJECTS: Readonly<Record<string, (adapter: ProviderAdapter) => Promise<unknown>>> = {
  'a page': (adapter) => adapter.readAttempt({ ...reference, sessionId: 'cs_test_0' }),
  'an intent': (adapter) => adapter.readAttempt({ ...reference, intentId: 'pi_0' }),
  nothing: (adapter) => adapter.readAttempt(reference),
  'a page to close': (adapter) => adapter.closeAttempt({ ...reference, sessionId: 'cs_test_0' }, aKey()),
  'an intent to close': (adapter) => adapter.closeAttempt({ ...reference, intentId: 'pi_0' }, aKey()),
  'nothing to close': (adapter) => adapter.closeAttempt(reference, aKey()),
  'a payment to refund': (adapter) =>
    adapter.refund({ refundId: 'rfd_0', paymentId: 'pay_0', intentId: 'pi_0', amount: usd(100n) }, aKey()),
  'a refund': (adapter) => adapter.readRefund('re_0'),
  'a dispute': (adapter) => adapter.readDispute('du_0'),
  'a page that saves a card': (adapter) => adapter.readMethod('cs_test_0'),
  'a card to remove': (adapter) => adapter.removeMethod('pm_0'),
  'a saved card': (adapter) => adapter.chargeSaved({ ...anAttempt(), providerCustomerId: 'cus_0', providerMethodId: 'pm_0' }, aKey()),
};

export function describeAlways(bench: Bench): void {
  describe('what the provider does not know', () => {
    it.each(Object.keys(UNKNOWN_OBJECTS))('is MISSING: %s', async (object) => {
      const asked = UNKNOWN_OBJECTS[object]?.(bench().adapter);
      await expect(asked).rejects.toMatchObject({ name: 'ProviderError', code: 'MISSING' });
    });

    it('is nothing when it is looked for by our id', async () => {
      await expect(bench().adapter.findAttempt(anAttempt().attemptId, new Date())).resolves.toBeNull();
    });
  });

  describe('amounts', () => {
    it.each(['USD', 'JPY', 'KRW', 'KWD', 'BHD', 'EUR'] as const)('are charged from the smallest on in %s, unchanged', async (currency) => {
      const { adapter } = bench();
      const problem = adapter.chargeable({ currency, minor: 1n });
      const amount = { currency, minor: problem?.minimumMinor ?? 1n };
      expect(adapter.chargeable(amount)).toBeNull();
      await expect(adapter.openIntent(anAttempt(amount), aKey())).resolves.toMatchObject({ kind: 'ACTION_REQUIRED' });
    });

    it('are told without asking when they are too small, too large or between two steps', () => {
      const { adapter } = bench();
      expect(adapter.chargeable(usd(1n))).toMatchObject({ kind: 'TOO_SMALL', minimumMinor: 50n });
      expect(adapter.chargeable(usd(10n ** 12n))).toMatchObject({ kind: 'TOO_LARGE' });
      expect(adapter.chargeable({ currency: 'KWD', minor: 1_001n })).toMatchObject({ kind: 'NOT_A_STEP' });
    });

    it('are rejected for ever when the provider does not take them all the same', async () => {
      const { adapter } = bench();
      const rejected = (reason: string) => expect.objectContaining({ name: 'ProviderError', code: 'REJECTED', reason });
      await expect(adapter.openIntent(anAttempt(usd(1n)), aKey())).rejects.toEqual(rejected('AMOUNT_TOO_SMALL'));
      await expect(adapter.openIntent(anAttempt(usd(100_000_000n)), aKey())).rejects.toEqual(rejected('AMOUNT_TOO_LARGE'));
    });
  });
}
