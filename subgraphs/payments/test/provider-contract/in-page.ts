import { describe, expect, it } from '@jest/globals';
import { aKey, anAttempt, type Bench, expectPaid, expectToPay, referenceTo } from './bench.ts';

export function describeInPage(bench: Bench): void {
  const anIntent = async () => {
    const { adapter } = bench();
    const request = anAttempt();
    const key = aKey();
    const opened = expectToPay(await adapter.openIntent(request, key));
    return { request, key, opened, reference: referenceTo(request, opened) };
  };

  describe('a payment that is confirmed in our own page', () => {
    it('gives the client what it confirms with, and SUCCEEDED with the exact amount', async () => {
      const { adapter, person } = bench();
      const { opened, reference, request } = await anIntent();
      expect(opened).toMatchObject({ sessionId: null, intentId: expect.any(String), lastDecline: null });
      expect(opened.action).toEqual({ kind: 'CONFIRM_IN_PAGE', url: null, clientSecret: expect.any(String) });
      await person.confirmInPage(opened, 'PAYS');
      const paid = expectPaid(await adapter.readAttempt(reference));
      expect(paid).toMatchObject({ amount: request.amount, card: { brand: 'visa', last4: '4242' } });
    });

    it('is the same for the same key, before and after it is paid', async () => {
      const { adapter, person, countOf } = bench();
      const { request, key, opened } = await anIntent();
      await expect(adapter.openIntent(request, key)).resolves.toEqual(opened);
      await person.confirmInPage(opened, 'PAYS');
      await expect(adapter.openIntent(request, key)).resolves.toMatchObject({ kind: 'SUCCEEDED', intentId: opened.intentId });
      await expect(countOf(request.attemptId)).resolves.toBe(1);
    });

    it('waits for another card after a decline', async () => {
      const { adapter, person } = bench();
      const { opened, reference } = await anIntent();
      await person.confirmInPage(opened, 'DECLINED');
      const declined = expectToPay(await adapter.readAttempt(reference));
      expect(declined).toMatchObject({ action: opened.action, lastDecline: 'CARD_DECLINED' });
      await person.confirmInPage(declined, 'PAYS');
      expectPaid(await adapter.readAttempt(reference));
    });

    it('MUST take no money once it is closed', async () => {
      const { adapter, person } = bench();
      const { opened, reference } = await anIntent();
      const closed = await adapter.closeAttempt(reference, aKey());
      expect(closed).toMatchObject({ kind: 'CLOSED', reason: 'CANCELLED' });
      await person.confirmInPage(opened, 'PAYS').catch(() => undefined);
      await expect(adapter.readAttempt(reference)).resolves.toEqual(closed);
      await expect(adapter.closeAttempt(reference, aKey())).resolves.toEqual(closed);
    });

    it('MUST be told as SUCCEEDED when it was paid before it was closed', async () => {
      const { adapter, person } = bench();
      const { opened, reference } = await anIntent();
      await person.confirmInPage(opened, 'PAYS');
      expectPaid(await adapter.closeAttempt(reference, aKey()));
    });

    it('is found by the attempt alone', async () => {
      const { adapter } = bench();
      const { opened, request } = await anIntent();
      await expect(adapter.findAttempt(request.attemptId, request.firstAskedAt)).resolves.toEqual(opened);
    });
  });
}
