import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aLedger, type TestLedger } from '../../test/a-ledger.ts';
import { type CutOff, cutOff } from '../../test/cut-off.ts';
import { connectLane } from './connection.ts';
import type { Sql } from './sql.ts';

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

describe('a transaction of a lane', () => {
  const one = { name: 'one', text: 'select 1 as one' };
  const columns = { id: 'text', note: 'text' } as const;

  it('sends what is asked together in one write, BEGIN with it', async () => {
    const lane = await connectLane(way.url, null);
    const before = way.writes();
    await lane.transaction((sql) => Promise.all([sql.query(one, []), sql.query(one, []), sql.query(one, [])]));
    expect(way.writes() - before).toBe(2);
    await lane.end();
  });

  it('is usable again after rows were refused together with what followed them', async () => {
    const lane = await connectLane(way.url, null);
    const refused = lane.transaction((sql) =>
      Promise.all([sql.insert('nothing_of_this_name', columns, [['1', 'a']]), sql.insert('nothing_of_that_name', columns, [['2', 'b']])]),
    );
    await expect(refused).rejects.toMatchObject({ code: '42P01', message: expect.stringContaining('nothing_of_this_name') });
    await expect(lane.transaction((sql) => sql.query(one, []))).resolves.toEqual([{ one: 1 }]);
    await lane.end();
  });

  it('MUST not be committed where a statement failed that nobody waited for', async () => {
    const lane = await connectLane(way.url, null);
    const forgetful = lane.transaction(async (sql) => void sql.insert('nothing_of_this_name', columns, [['1', 'a']]));
    await expect(forgetful).rejects.toMatchObject({ code: '42P01' });
    await lane.end();
  });

  it.each(['commit', 'rollback'])('MUST not carry out what is given after its %s', async (end) => {
    const lane = await connectLane(way.url, null);
    const kept: Sql[] = [];
    const transaction = lane.transaction(async (sql) => {
      kept.push(sql);
      if (end === 'rollback') throw new Error('not this one');
    });
    await transaction.catch(() => undefined);
    await expect(kept[0]?.query(one, [])).rejects.toThrow('is over');
    await expect(kept[0]?.insert('accounts', columns, [['1', 'a']])).rejects.toThrow('is over');
    await lane.end();
  });
});
