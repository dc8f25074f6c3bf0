import { describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { aKey, aPaidAttempt, type Bench, nextSecond, SECOND_MS, usd } from './bench.ts';

export function describeBooks(bench: Bench): void {
  const read = async (from: Date, to: Date) => {
    const movements = [];
    for await (const movement of bench().adapter.movements(from, to)) movements.push(movement);
    return movements;
  };

  describe("the provider's books", () => {
    it('MUST tell to the unit what happened in the window', async () => {
      const { adapter, bank } = bench();
      const from = await nextSecond();
      const { request, paid } = await aPaidAttempt(bench(), usd(10_000n));
      const refund = await adapter.refund(
        { refundId: newId('refund'), paymentId: request.paymentId, intentId: paid.intentId, amount: usd(4_000n) },
        aKey(),
      );
      await bank.finishRefund(refund.providerRefundId, 'FAILED');
      const to = await nextSecond();
      await aPaidAttempt(bench(), usd(777n));

      const movements = await read(from, to);
      const kinds = ['CHARGE', 'REFUND', 'REFUND_FAILED'];
      expect(movements.toSorted((left, right) => kinds.indexOf(left.kind) - kinds.indexOf(right.kind))).toMatchObject([
        { kind: 'CHARGE', sourceId: paid.chargeId, currency: 'USD', amountMinor: 10_000n, feeMinor: paid.fee?.minor },
        { kind: 'REFUND', sourceId: refund.providerRefundId, currency: 'USD', amountMinor: -4_000n, feeMinor: 0n },
        { kind: 'REFUND_FAILED', sourceId: refund.providerRefundId, currency: 'USD', amountMinor: 4_000n, feeMinor: 0n },
      ]);
      for (const { amountMinor, feeMinor, netMinor, createdAt } of movements) {
        expect(netMinor).toBe(amountMinor - feeMinor);
        expect(createdAt.getTime()).toBeGreaterThanOrEqual(from.getTime());
        expect(createdAt.getTime()).toBeLessThan(to.getTime());
      }
    });

    it.each([
      ['WON', ['DISPUTE', 'DISPUTE_REVERSED'], 0n],
      ['LOST', ['DISPUTE'], -9_900n],
    ] as const)('tell what a dispute took, and what came back when it is %s', async (outcome, kinds, amount) => {
      const { adapter, bank } = bench();
      const from = await nextSecond();
      const { paid } = await aPaidAttempt(bench(), usd(9_900n), 'DISPUTED');
      const subjects = (await adapter.eventsSince(from)).map(({ subject }) => subject);
      const disputes = subjects.filter((subject) => subject.kind === 'DISPUTE');
      const providerDisputeId = disputes.find(({ intentId }) => intentId === paid.intentId)?.providerDisputeId ?? '';
      await bank.decideDispute(providerDisputeId, outcome);
      const { fee } = await adapter.readDispute(providerDisputeId);
      const movements = (await read(from, await nextSecond())).filter(({ sourceId }) => sourceId === providerDisputeId);
      expect(movements.map(({ kind }) => kind).sort()).toEqual(kinds);
      expect(movements.reduce((total, { amountMinor }) => total + amountMinor, 0n)).toBe(amount);
      expect(movements.reduce((total, { feeMinor }) => total + feeMinor, 0n)).toBe(fee?.minor);
    });

    it('are empty where nothing happened', async () => {
      await expect(read(new Date(0), new Date(SECOND_MS))).resolves.toEqual([]);
    });
  });
  describeEvents(bench);
}

function describeEvents(bench: Bench): void {
  describe("the provider's list of events", () => {
    it('tells what is to be read again, oldest first, and goes on from an instant', async () => {
      const { adapter } = bench();
      const since = await nextSecond();
      const { request, paid } = await aPaidAttempt(bench());
      const events = await adapter.eventsSince(since);
      const times = events.map(({ createdAt }) => createdAt.getTime());
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(Math.min(...times)).toBeGreaterThanOrEqual(since.getTime());
      const about = events.filter(({ subject }) => subject.kind === 'ATTEMPT' && subject.attemptId === request.attemptId);
      expect(about.length).toBeGreaterThan(0);
      expect(about.every(({ subject }) => subject.kind === 'ATTEMPT' && subject.intentId === paid.intentId)).toBe(true);
      await expect(adapter.eventsSince(new Date(Date.now() + 60 * SECOND_MS))).resolves.toEqual([]);
    });
  });
}
