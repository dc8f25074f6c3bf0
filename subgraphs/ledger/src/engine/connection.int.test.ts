import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aLedger, type TestLedger } from '../../test/a-ledger.ts';
import { type CutOff, cutOff } from '../../test/cut-off.ts';
import { connectLane } from './connection.ts';

let ledger: TestLedger;
let way: CutOff;
beforeAll(async () => {
  ledger = await aLedger();
  way = await cutOff(ledger.config.databaseUrl);
});
afterAll(async () => {
  await way.close();
  await ledger.close();
});

/** How often the guard was released at the end of a transaction that does this. */
async function releasedAfter(work: () => Promise<void>): Promise<number> {
  let released = 0;
  const guard = {
    before: async () => () => {
      released += 1;
    },
  };
  const lane = await connectLane(way.url, guard);
  const transaction = lane.transaction(async (sql) => {
    await sql.guard(['wal_1']);
    await work();
  });
  await transaction.catch(() => undefined);
  await lane.end();
  return released;
}

describe('what guards balances', () => {
  it('is released after a commit, and after what was rolled back', async () => {
    const failing = () => Promise.reject(new Error('not this one'));
    expect([await releasedAfter(async () => undefined), await releasedAfter(failing)]).toEqual([1, 1]);
  });

  it('MUST stay where nobody knows whether the transaction was committed', async () => {
    const released = await releasedAfter(async () => way.cut());
    way.heal();
    expect(released).toBe(0);
  });
});
