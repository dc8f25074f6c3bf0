import { describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import type { MethodReport } from '../../src/provider/provider-adapter.ts';
import { aKey, anAttempt, type Bench } from './bench.ts';

export function describeMethodPages(bench: Bench): void {
  const aMethodPage = async () => {
    const { adapter } = bench();
    const providerCustomerId = await adapter.openCustomer(newId('user'), aKey());
    const { returnUrl, cancelUrl } = anAttempt();
    const request = { methodId: newId('paymentMethod'), providerCustomerId, returnUrl, cancelUrl };
    const key = aKey();
    const opened = await adapter.openMethodPage(request, key);
    expect(opened).toMatchObject({ kind: 'ACTION_REQUIRED', url: expect.stringMatching(/^https?:\/\//) });
    return { request, key, opened: opened as Extract<MethodReport, { kind: 'ACTION_REQUIRED' }> }; // just asserted
  };

  describe('a page that saves a card', () => {
    it('is the same for the same key', async () => {
      const { request, key, opened } = await aMethodPage();
      await expect(bench().adapter.openMethodPage(request, key)).resolves.toEqual(opened);
    });

    it('makes it ACTIVE, with what is printed on it', async () => {
      const { adapter, person } = bench();
      const { opened } = await aMethodPage();
      await person.saveOnPage(opened.url, 'PAYS');
      await expect(adapter.readMethod(opened.sessionId)).resolves.toEqual({
        kind: 'ACTIVE',
        sessionId: opened.sessionId,
        providerMethodId: expect.any(String),
        card: {
          brand: 'visa',
          last4: '4242',
          country: 'US',
          fingerprint: expect.any(String),
          expiresYear: expect.any(Number),
          expiresMonth: expect.any(Number),
        },
      });
    });

    it('waits on after a card that cannot be saved', async () => {
      const { adapter, person } = bench();
      const { opened } = await aMethodPage();
      await person.saveOnPage(opened.url, 'DECLINED');
      await expect(adapter.readMethod(opened.sessionId)).resolves.toEqual(opened);
    });
  });
}
