import { describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { aKey, anAttempt, type Bench, type Card, expectPaid, referenceTo } from './bench.ts';

export function describeSavedCards(bench: Bench): void {
  const aSavedCard = async (card: Card) => {
    const { adapter, person } = bench();
    const providerCustomerId = await adapter.openCustomer(newId('user'), aKey());
    return { providerCustomerId, providerMethodId: await person.saveCard(providerCustomerId, card) };
  };

  describe('a customer at the provider', () => {
    it('is the same for the same key', async () => {
      const { adapter } = bench();
      const userId = newId('user');
      const key = aKey();
      const customer = await adapter.openCustomer(userId, key);
      await expect(adapter.openCustomer(userId, key)).resolves.toBe(customer);
    });
  });

  describe('a saved card', () => {
    it('is charged while the customer is away, once for the same key', async () => {
      const { adapter, countOf } = bench();
      const request = { ...anAttempt(), ...(await aSavedCard('PAYS')) };
      const key = aKey();
      const paid = expectPaid(await adapter.chargeSaved(request, key));
      expect(paid).toMatchObject({ amount: request.amount, card: { brand: 'visa', last4: '4242' } });
      await expect(adapter.chargeSaved(request, key)).resolves.toEqual(paid);
      await expect(adapter.findAttempt(request.attemptId, request.firstAskedAt)).resolves.toEqual(paid);
      await expect(countOf(request.attemptId)).resolves.toBe(1);
    });

    it.each([
      ['REFUSED_WHEN_AWAY', 'CARD_DECLINED'],
      ['ASKS_WHEN_AWAY', 'AUTHENTICATION_REQUIRED'],
    ] as const)('MUST be CLOSED for good when it is declined: %s', async (card, reason) => {
      const { adapter } = bench();
      const request = { ...anAttempt(), ...(await aSavedCard(card)) };
      const key = aKey();
      const closed = await adapter.chargeSaved(request, key);
      expect(closed).toMatchObject({ kind: 'CLOSED', reason, intentId: expect.any(String) });
      await expect(adapter.chargeSaved(request, key)).resolves.toEqual(closed);
      await expect(adapter.readAttempt(referenceTo(request, closed))).resolves.toEqual(closed);
    });

    it('takes no money once it is removed', async () => {
      const { adapter } = bench();
      const card = await aSavedCard('PAYS');
      await adapter.removeMethod(card.providerMethodId);
      await adapter.removeMethod(card.providerMethodId);
      await expect(adapter.chargeSaved({ ...anAttempt(), ...card }, aKey())).rejects.toMatchObject({
        name: 'ProviderError',
        code: 'REJECTED',
      });
    });
  });
}
