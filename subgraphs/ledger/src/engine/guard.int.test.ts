import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aLedger, aUser, inUnit, type TestLedger } from '../../test/a-ledger.ts';
import { guardBalances } from './guard.ts';
import { post } from './post.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

describe('what guards balances in a transaction of a command', () => {
  it('is released after its commit, and after it was rolled back', async () => {
    const [from, to] = [await aUser(ledger, 10n), await aUser(ledger)];
    const counts = { raised: 0, released: 0 };
    const before = async () => {
      counts.raised += 1;
      return () => {
        counts.released += 1;
      };
    };
    guardBalances(ledger.subgraph.platform.orm.em, { before });
    const amount = { currency: 'USD', minor: 1n };
    const legs = [{ kind: 'MOVE', debit: from.walletId, credit: to.walletId, amount, code: 'OTHER' }] as const;
    const posted = (isSound: boolean) =>
      inUnit(ledger, async ({ em }) => {
        await post(em, [{ scope: 'test', key: randomUUID(), legs, actor: 'service:test', traceparent: null }]);
        expect(counts.released).toBe(counts.raised - 1);
        if (!isSound) throw new Error('not this one');
      }).catch((error: unknown) => expect(error).toMatchObject({ message: 'not this one' }));
    await posted(true);
    await posted(false);
    expect(counts).toEqual({ raised: 2, released: 2 });
  });
});
