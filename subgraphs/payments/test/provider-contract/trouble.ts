import { afterEach, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { aKey, anAttempt, aPaidAttempt, type Bench, expectToPay, referenceTo, usd } from './bench.ts';

export function describeTrouble(bench: Bench): void {
  describe('a request to a provider', () => {
    it('that is not there was NOT_SENT', async () => {
      const asked = bench().trouble.unreachable().openIntent(anAttempt(), aKey());
      await expect(asked).rejects.toMatchObject({ name: 'ProviderError', code: 'NOT_SENT', reason: 'PROVIDER_UNREACHABLE' });
    });

    it('that does not know our key was NOT_SENT', async () => {
      const asked = bench().trouble.withoutKey().openIntent(anAttempt(), aKey());
      await expect(asked).rejects.toMatchObject({ name: 'ProviderError', code: 'NOT_SENT', reason: 'PROVIDER_REFUSES_KEY' });
    });
  });
  describeSilence(bench);
}

function describeSilence(bench: Bench): void {
  const unknown = { name: 'ProviderError', code: 'UNKNOWN' };
  const aSavedCard = async () => {
    const { adapter, person } = bench();
    const providerCustomerId = await adapter.openCustomer(newId('user'), aKey());
    return { providerCustomerId, providerMethodId: await person.saveCard(providerCustomerId, 'PAYS') };
  };

  describe.each(['loseAnswers', 'answerLate'] as const)('an answer that does not come (%s)', (kind) => {
    afterEach(() => bench().trouble.calm());

    it('MUST be UNKNOWN, and the same key afterwards finds the intent that was opened', async () => {
      const { adapter, trouble, countOf } = bench();
      const request = anAttempt();
      const key = aKey();
      await trouble[kind]();
      await expect(adapter.openIntent(request, key)).rejects.toMatchObject(unknown);
      await trouble.calm();
      const opened = expectToPay(await adapter.openIntent(request, key));
      await expect(countOf(request.attemptId)).resolves.toBe(1);
      await expect(adapter.findAttempt(request.attemptId, request.firstAskedAt)).resolves.toEqual(opened);
    });

    it('MUST be UNKNOWN, and the same key afterwards finds the charge: a card is charged once', async () => {
      const { adapter, trouble, countOf } = bench();
      const request = { ...anAttempt(), ...(await aSavedCard()) };
      const key = aKey();
      await trouble[kind]();
      await expect(adapter.chargeSaved(request, key)).rejects.toMatchObject(unknown);
      await trouble.calm();
      await expect(adapter.findAttempt(request.attemptId, request.firstAskedAt)).resolves.toMatchObject({ kind: 'SUCCEEDED' });
      await expect(adapter.chargeSaved(request, key)).resolves.toMatchObject({ kind: 'SUCCEEDED', amount: request.amount });
      await expect(countOf(request.attemptId)).resolves.toBe(1);
    });

    it('MUST be UNKNOWN, and the same key afterwards finds the refund: money goes back once', async () => {
      const { adapter, trouble } = bench();
      const { request: paid, paid: report } = await aPaidAttempt(bench(), usd(10_000n));
      const request = { refundId: newId('refund'), paymentId: paid.paymentId, intentId: report.intentId, amount: usd(6_000n) };
      const key = aKey();
      await trouble[kind]();
      await expect(adapter.refund(request, key)).rejects.toMatchObject(unknown);
      await trouble.calm();
      const found = await adapter.findRefund(request);
      expect(found).toMatchObject({ state: 'SUCCEEDED', amount: usd(6_000n) });
      await expect(adapter.refund(request, key)).resolves.toEqual(found);
    });

    it('leaves a closed attempt closed', async () => {
      const { adapter, trouble } = bench();
      const request = anAttempt();
      const reference = referenceTo(request, await adapter.openIntent(request, aKey()));
      const key = aKey();
      await trouble[kind]();
      await expect(adapter.closeAttempt(reference, key)).rejects.toMatchObject(unknown);
      await trouble.calm();
      await expect(adapter.closeAttempt(reference, key)).resolves.toMatchObject({ kind: 'CLOSED' });
    });
  });
}
