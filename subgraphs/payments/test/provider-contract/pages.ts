import { describe, expect, it } from '@jest/globals';
import { aKey, anAttempt, type Bench, expectPaid, expectToPay, type ProviderBench, referenceTo, usd } from './bench.ts';

async function aPage({ adapter }: ProviderBench, amount = usd(12_345n)) {
  const request = anAttempt(amount);
  const key = aKey();
  const opened = expectToPay(await adapter.openPage(request, key));
  return { request, key, opened, reference: referenceTo(request, opened) };
}

export function describePages(bench: Bench): void {
  describe('a page of the provider', () => {
    it('waits for the customer', async () => {
      const { opened } = await aPage(bench());
      expect(opened).toMatchObject({ lastDecline: null, sessionId: expect.any(String) });
      expect(opened.action).toEqual({ kind: 'HOSTED_PAGE', url: expect.stringMatching(/^https?:\/\//), clientSecret: null });
    });

    it.each([usd(12_345n), { currency: 'JPY', minor: 5_000n } as const])(
      'that is paid SUCCEEDED with exactly %j, card and fee',
      async (amount) => {
        const { adapter, person } = bench();
        const { opened, reference } = await aPage(bench(), amount);
        await person.payPage(opened, 'PAYS');
        const paid = expectPaid(await adapter.readAttempt(reference));
        expect(paid).toMatchObject({ sessionId: opened.sessionId, amount, chargeId: expect.any(String) });
        expect(paid.card).toMatchObject({ brand: 'visa', last4: '4242', country: 'US', fingerprint: expect.any(String) });
        expect(paid.fee).toMatchObject({ currency: amount.currency });
        expect(paid.fee?.minor).toBeGreaterThan(0n);
      },
    );

    it('is the same for the same key, before and after it is paid', async () => {
      const { adapter, person, countOf } = bench();
      const { request, key, opened } = await aPage(bench());
      await expect(adapter.openPage(request, key)).resolves.toEqual(opened);
      await person.payPage(opened, 'PAYS');
      await expect(adapter.openPage(request, key)).resolves.toMatchObject({ kind: 'SUCCEEDED', sessionId: opened.sessionId });
      await expect(countOf(request.attemptId)).resolves.toBe(1);
    });

    it('lets the customer try another card after a decline, and tells of it', async () => {
      const { adapter, person } = bench();
      const { opened, reference } = await aPage(bench());
      await person.payPage(opened, 'NO_FUNDS');
      const declined = expectToPay(await adapter.readAttempt(reference));
      expect(declined).toMatchObject({ action: opened.action, lastDecline: 'INSUFFICIENT_FUNDS' });
      await person.payPage(declined, 'PAYS');
      expectPaid(await adapter.readAttempt(reference));
    });

    it('is found by the attempt alone, whatever became of it', async () => {
      const { adapter, person } = bench();
      const { opened, reference, request } = await aPage(bench());
      await expect(adapter.findAttempt(request.attemptId, request.firstAskedAt)).resolves.toEqual(opened);
      await person.payPage(opened, 'PAYS');
      const paid = await adapter.readAttempt(reference);
      await expect(adapter.findAttempt(request.attemptId, request.firstAskedAt)).resolves.toEqual(paid);
    });
  });
  describeClosing(bench);
}

function describeClosing(bench: Bench): void {
  describe('a page of the provider that is to be closed', () => {
    it('MUST take no money afterwards', async () => {
      const { adapter, person } = bench();
      const { opened, reference } = await aPage(bench());
      await expect(adapter.closeAttempt(reference, aKey())).resolves.toMatchObject({ kind: 'CLOSED', reason: 'SESSION_EXPIRED' });
      await person.payPage(opened, 'PAYS').catch(() => undefined);
      await expect(adapter.readAttempt(reference)).resolves.toMatchObject({ kind: 'CLOSED' });
    });

    it('MUST take no money afterwards, also after a decline', async () => {
      const { adapter, person } = bench();
      const { opened, reference } = await aPage(bench());
      await person.payPage(opened, 'DECLINED');
      await expect(adapter.closeAttempt(reference, aKey())).resolves.toMatchObject({ kind: 'CLOSED', reason: 'CARD_DECLINED' });
      await person.payPage(opened, 'PAYS').catch(() => undefined);
      await expect(adapter.readAttempt(reference)).resolves.toMatchObject({ kind: 'CLOSED' });
    });

    it('MUST be told as SUCCEEDED when it was paid before it was closed', async () => {
      const { adapter, person } = bench();
      const { opened, reference, request } = await aPage(bench());
      await person.payPage(opened, 'PAYS');
      expect(expectPaid(await adapter.closeAttempt(reference, aKey())).amount).toEqual(request.amount);
    });

    it('MUST not be told as CLOSED while the bank is asked', async () => {
      const { adapter, person } = bench();
      const { opened, reference } = await aPage(bench());
      const { answered } = await person.payPageSlowly(opened, 'PAYS');
      await expect(adapter.readAttempt(reference)).resolves.toMatchObject({ kind: 'PROCESSING' });
      await expect(adapter.closeAttempt(reference, aKey())).resolves.toMatchObject({ kind: 'PROCESSING' });
      await answered;
      expectPaid(await adapter.closeAttempt(reference, aKey()));
    });

    it('is closed again as it was closed before, whatever the key', async () => {
      const { adapter } = bench();
      const { reference } = await aPage(bench());
      const key = aKey();
      const closed = await adapter.closeAttempt(reference, key);
      await expect(adapter.closeAttempt(reference, key)).resolves.toEqual(closed);
      await expect(adapter.closeAttempt(reference, aKey())).resolves.toEqual(closed);
    });
  });
}
