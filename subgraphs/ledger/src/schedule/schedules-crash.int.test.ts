import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tessera/service-kit/testing';
import { Client } from 'pg';
import { aLedger, aUser, proofOf, sql, type TestLedger } from '../../test/a-ledger.ts';
import { type LedgerProcess, startLedgerProcess } from '../../test/ledger-process.ts';
import { backdate, schedule } from '../../test/schedules.ts';

const PROCESSES = 3;

/** Only reads and plans: whatever runs, runs in processes of its own. */
let ledger: TestLedger;
let processes: LedgerProcess[] = [];
beforeAll(async () => {
  ledger = await aLedger();
});
afterEach(async () => {
  await Promise.all(processes.map((each) => each.end()));
  processes = [];
});
afterAll(() => ledger.close());

function startProcess(): LedgerProcess {
  const started = startLedgerProcess(ledger);
  processes.push(started);
  return started;
}

const runsMade = async () => Number((await sql<{ made: string }>(ledger, 'select count(*) as made from transfer_schedule_runs'))[0]?.made);

/** Schedules that missed so many days, each paying one cent a day to one friend. */
async function missed(count: number, days: number) {
  const [me, friend] = [await aUser(ledger, BigInt(count * days)), await aUser(ledger)];
  for (let made = 0; made < count; made += 1) {
    const repeat = { every: 'DAILY', count: days };
    const { schedule: planned } = await schedule(ledger, me, { walletId: friend.walletId }, '1', { repeat });
    await backdate(ledger, planned?.id, days + 1);
  }
  return { me, friend };
}

/** How often each run was made, and whether they were made in order. */
async function histories(ownerId: string) {
  return sql<{ runs: string[]; transfers: string; states: string }>(
    ledger,
    `select array_agg(r.run::text order by t.created_at, t.debit_sequence) as runs, count(distinct r.transfer_id) as transfers, min(s.state) as states
     from transfer_schedules s join transfer_schedule_runs r on r.schedule_id = s.id left join transfers t on t.id = r.transfer_id
     where s.owner_id = $1 group by s.id`,
    [ownerId],
  );
}

describe('scheduled runs when processes die', () => {
  it('are made once and in order by three processes, two of which are killed under way', async () => {
    const [schedules, days] = [8, 60];
    const { me, friend } = await missed(schedules, days);
    const [first, second] = [startProcess(), startProcess(), startProcess()];
    await eventually('the first runs', async () => (await runsMade()) > 0);
    await first?.kill();
    await eventually('more runs', async () => (await runsMade()) > 100);
    await second?.kill();
    await eventually('all runs', async () => (await runsMade()) === schedules * days);

    const all = await histories(me.userId);
    const inOrder = Array.from({ length: days }, (_, run) => String(run));
    expect(all).toEqual(Array.from({ length: schedules }, () => ({ runs: inOrder, transfers: String(days), states: 'COMPLETED' })));
    expect(await sql(ledger, 'select credits_posted, sequence from accounts where id = $1', [friend.walletId])).toEqual([
      { credits_posted: String(schedules * days), sequence: String(schedules * days) },
    ]);
    expect((await proofOf(ledger)).isOk).toBe(true);
  }, 200_000);

  it('are made once where the process is killed after it wrote the transfer and before it noted the run', async () => {
    const before = await runsMade();
    const { me, friend } = await missed(1, 1);
    const blocker = new Client({ connectionString: ledger.config.databaseUrl });
    await blocker.connect();
    try {
      // The transfer is written, the run cannot be: the process waits exactly between the two.
      await blocker.query('begin');
      await blocker.query('lock table transfer_schedule_runs in share mode');
      const doomed = startProcess();
      await eventually('a process between transfer and run', async () => (await waitingForRuns()) > 0);
      await doomed.kill();
      await eventually('the end of its connection', async () => (await waitingForRuns()) === 0);
    } finally {
      await blocker.query('rollback').catch(() => undefined);
      await blocker.end();
    }
    expect(await sql(ledger, 'select credits_posted from accounts where id = $1', [friend.walletId])).toEqual([{ credits_posted: '0' }]);
    for (let count = 0; count < PROCESSES; count += 1) startProcess();
    await eventually('the run', async () => (await runsMade()) === before + 1);
    expect(await sql(ledger, 'select credits_posted from accounts where id = $1', [friend.walletId])).toEqual([{ credits_posted: '1' }]);
    expect(await histories(me.userId)).toEqual([{ runs: ['0'], transfers: '1', states: 'COMPLETED' }]);
    expect((await proofOf(ledger)).isOk).toBe(true);
  }, 200_000);
});

async function waitingForRuns(): Promise<number> {
  const [row] = await sql<{ waiting: string }>(
    ledger,
    `select count(*) as waiting from pg_locks where not granted and relation = 'transfer_schedule_runs'::regclass`,
  );
  return Number(row?.waiting);
}
