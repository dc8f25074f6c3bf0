import { describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import { aPaidAttempt, type Bench, usd } from './bench.ts';

export function describeDisputes(bench: Bench): void {
  const aDispute = async () => {
    const { adapter } = bench();
    const since = new Date();
    const { paid } = await aPaidAttempt(bench(), usd(9_900n), 'DISPUTED');
    const subjects = (await adapter.eventsSince(since)).map(({ subject }) => subject);
    const opened = subjects.find((subject) => subject.kind === 'DISPUTE' && subject.intentId === paid.intentId);
    const { providerDisputeId } = ensure(opened?.kind === 'DISPUTE' ? opened : undefined, 'the event of the dispute');
    return { paid, providerDisputeId };
  };

  describe('a dispute', () => {
    it('is OPEN at first, with what it is about, what it costs and until when it can be answered', async () => {
      const { paid, providerDisputeId } = await aDispute();
      const dispute = await bench().adapter.readDispute(providerDisputeId);
      expect(dispute).toMatchObject({
        providerDisputeId,
        intentId: paid.intentId,
        chargeId: paid.chargeId,
        state: 'OPEN',
        amount: usd(9_900n),
        fee: { currency: 'USD', minor: expect.anything() },
        reason: 'FRAUDULENT',
      });
      expect(dispute.fee?.minor).toBeGreaterThan(0n);
      expect(dispute.evidenceDueAt?.getTime()).toBeGreaterThan(dispute.openedAt.getTime());
    });

    it.each(['WON', 'LOST'] as const)('is %s when the bank says so', async (outcome) => {
      const { adapter, bank } = bench();
      const { providerDisputeId } = await aDispute();
      await bank.decideDispute(providerDisputeId, outcome);
      await expect(adapter.readDispute(providerDisputeId)).resolves.toMatchObject({ state: outcome, amount: usd(9_900n) });
    });
  });
}
