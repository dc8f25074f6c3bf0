import { describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import type { OpenRefund, ProviderAmount } from '../../src/provider/provider-adapter.ts';
import { aKey, aPaidAttempt, type Bench, type Card, usd } from './bench.ts';

async function aPaid(bench: Bench, amount: ProviderAmount, card?: Card) {
  const { request, paid } = await aPaidAttempt(bench(), amount, card);
  return (part: ProviderAmount): OpenRefund => ({
    refundId: newId('refund'),
    paymentId: request.paymentId,
    intentId: paid.intentId,
    amount: part,
  });
}

export function describeRefunds(bench: Bench): void {
  describe('a refund', () => {
    it('gives back a part, then the rest', async () => {
      const { adapter } = bench();
      const refundOf = await aPaid(bench, usd(10_000n));
      for (const part of [usd(3_333n), usd(6_667n)]) {
        const request = refundOf(part);
        const refund = await adapter.refund(request, aKey());
        const { intentId } = request;
        expect(refund).toEqual({ providerRefundId: expect.any(String), intentId, state: 'SUCCEEDED', reason: null, amount: part });
        await expect(adapter.readRefund(refund.providerRefundId)).resolves.toEqual(refund);
      }
    });

    it('gives back all at once, also without decimals', async () => {
      const amount = { currency: 'JPY', minor: 5_000n } as const;
      const refundOf = await aPaid(bench, amount);
      await expect(bench().adapter.refund(refundOf(amount), aKey())).resolves.toMatchObject({ state: 'SUCCEEDED', amount });
    });

    it('MUST give back once for the same key', async () => {
      const { adapter } = bench();
      const refundOf = await aPaid(bench, usd(10_000n));
      const request = refundOf(usd(6_000n));
      const key = aKey();
      const refund = await adapter.refund(request, key);
      await expect(adapter.refund(request, key)).resolves.toEqual(refund);
      await expect(adapter.refund(refundOf(usd(4_000n)), aKey())).resolves.toMatchObject({ state: 'SUCCEEDED' });
    });

    it('MUST never give back more than was paid', async () => {
      const { adapter } = bench();
      const refundOf = await aPaid(bench, usd(10_000n));
      const rejected = { name: 'ProviderError', code: 'REJECTED' };
      await expect(adapter.refund(refundOf(usd(10_001n)), aKey())).rejects.toMatchObject(rejected);
      await adapter.refund(refundOf(usd(10_000n)), aKey());
      await expect(adapter.refund(refundOf(usd(1n)), aKey())).rejects.toMatchObject({ ...rejected, reason: 'ALREADY_REFUNDED' });
    });

    it('is found by our own id, and by no other', async () => {
      const { adapter } = bench();
      const refundOf = await aPaid(bench, usd(10_000n));
      const [request, other] = [refundOf(usd(1_000n)), refundOf(usd(1_000n))];
      const refund = await adapter.refund(request, aKey());
      await expect(adapter.findRefund(request)).resolves.toEqual(refund);
      await expect(adapter.findRefund(other)).resolves.toBeNull();
    });
  });
}

export function describeSlowRefunds(bench: Bench): void {
  describe('a refund that takes its time', () => {
    it.each([
      ['SUCCEEDED', null],
      ['FAILED', expect.stringMatching(/^[A-Z_]+$/)],
    ] as const)('is PENDING, then %s', async (outcome, reason) => {
      const { adapter, bank } = bench();
      const refundOf = await aPaid(bench, usd(10_000n), 'REFUNDED_SLOWLY');
      const refund = await adapter.refund(refundOf(usd(4_000n)), aKey());
      expect(refund).toMatchObject({ state: 'PENDING', reason: null });
      await bank.finishRefund(refund.providerRefundId, outcome);
      await expect(adapter.readRefund(refund.providerRefundId)).resolves.toEqual({ ...refund, state: outcome, reason });
    });

    it('can fail after it had SUCCEEDED', async () => {
      const { adapter, bank } = bench();
      const refundOf = await aPaid(bench, usd(10_000n));
      const refund = await adapter.refund(refundOf(usd(4_000n)), aKey());
      await bank.finishRefund(refund.providerRefundId, 'FAILED');
      await expect(adapter.readRefund(refund.providerRefundId)).resolves.toMatchObject({ state: 'FAILED' });
    });
  });
}
