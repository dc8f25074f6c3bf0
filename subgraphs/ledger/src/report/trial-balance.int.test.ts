import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { aLedger, aUser, inUnit, proofOf, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { pastOf } from '../../test/history.ts';
import { postTransfer } from '../transfer/post-transfer.ts';
import { subtotalTransfers } from './subtotal-transfers.ts';
import { trialBalance } from './trial-balance.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await aLedger();
});
afterEach(() => ledger.close());

const step = subtotalTransfers({ minTransfers: 3, maxTransfers: 10 });
const round = () => inUnit(ledger, step);
/** What a worker does in one interval. */
async function interval(): Promise<void> {
  for (let more = true; more; ) more = await round();
}

/** Transactions of other databases on the same server count as under way too, so it may take more than one. */
const until = (what: string, isThere: (untils: readonly Date[]) => boolean) =>
  eventually(what, async () => {
    await interval();
    return isThere((await subtotals()).map(({ until_at }) => new Date(until_at)));
  });

const em = () => ledger.subgraph.platform.orm.em.fork();
const subtotals = () => sql<{ until_at: string }>(ledger, 'select distinct until_at from trial_balance_subtotals order by until_at');

/** The plain meaning of a trial balance. */
async function counted(asOf: Date) {
  const rows = await sql<Record<'kind' | 'currency' | 'accounts' | 'debits' | 'credits', string>>(
    ledger,
    `select a.kind, a.currency, count(distinct a.id) as accounts, sum(case when s.state = 'POSTED' and s.side = 'D' then amount_minor else 0 end) as debits,
       sum(case when s.state = 'POSTED' and s.side = 'C' then amount_minor else 0 end) as credits
     from (select debit_account_id as account_id, 'D' as side, state, amount_minor, created_at from transfers
           union all select credit_account_id, 'C', state, amount_minor, created_at from transfers) s join accounts a on a.id = s.account_id
     where s.created_at <= $1 and s.state <> 'REFUSED' group by a.kind, a.currency order by a.currency, a.kind`,
    [asOf.toISOString()],
  );
  return rows.map(({ kind, currency, accounts, debits, credits }) => [kind, currency, Number(accounts), debits, credits]);
}

async function told(asOf: Date) {
  const { lines } = await trialBalance(em(), asOf, null);
  return lines.map(({ kind, currency, accounts, debits, credits }) => [
    ...[kind, currency, accounts],
    ...[debits.minor.toString(), credits.minor.toString()],
  ]);
}

async function pay(from: TestUser, to: TestUser, minor: bigint, key: string): Promise<void> {
  const leg = { kind: 'MOVE', debit: from.walletId, credit: to.walletId, amount: { currency: 'USD', minor }, code: 'OTHER' } as const;
  const request = { scope: 'test', key, legs: [leg], actor: 'test', traceparent: null };
  await inUnit(ledger, (unit) => postTransfer(request, from.walletId, unit));
}

describe('the trial balance', () => {
  it('MUST say the same at every instant, whatever subtotals there are', async () => {
    const [ann, bob] = [await aUser(ledger, 10_000n), await aUser(ledger, 10_000n)];
    const { services } = ledger.subgraph;
    const instants: Date[] = [];
    for (let at = 0; at < 30; at += 1) {
      await pay(at % 2 ? ann : bob, at % 2 ? bob : ann, BigInt(at + 1), `pay:${at}`);
      if (at % 9 === 0) await services.operator.fund({ walletOwnerId: ann.userId, currency: 'JPY', amountMinor: 5n, factKey: `jpy:${at}` });
      instants.push(new Date());
      await sleep(2);
      if (at % 7 === 0) await interval();
    }
    await until('there are subtotals', ({ length }) => length > 2);
    for (const instant of [...instants, new Date('2001-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59.999Z')])
      expect(await told(instant)).toEqual(await counted(instant));
    const { totals } = await trialBalance(em(), new Date(), 'USD');
    expect(totals).toMatchObject([{ currency: 'USD', isBalanced: true }]);
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
  });

  it('makes subtotals of a long past in bounded slices, also of what came in one instant', async () => {
    const user = await aUser(ledger);
    const spread = Array.from({ length: 40 }, (_, at) => ({ at: `2023-0${1 + (at % 9)}-1${at % 9}T00:00:00.000Z`, minor: BigInt(at + 1) }));
    const once = Array.from({ length: 25 }, () => ({ at: '2024-01-01T00:00:00.000Z', minor: 7n }));
    const past = [...spread.toSorted((one, other) => (one.at < other.at ? -1 : 1)), ...once];
    await pastOf(ledger, user.walletId, 'USD', past);
    await until('the past is counted', ({ length }) => length >= 5);
    for (const day of ['2023-02-11T00:00:00.000Z', '2023-12-31T00:00:00.000Z', '2023-12-31T23:59:59.999Z', '2024-01-01T00:00:00.000Z'])
      expect(await told(new Date(day))).toEqual(await counted(new Date(day)));
    expect(await told(new Date())).toEqual(await counted(new Date()));
  });

  it('MUST NOT make subtotals of a time for which a transaction may still commit', async () => {
    const [ann, bob] = [await aUser(ledger, 10_000n), await aUser(ledger, 10_000n)];
    for (let at = 0; at < 5; at += 1) await pay(ann, bob, 1n, `before:${at}`);
    let commit: () => void = () => undefined;
    const mayCommit = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let isPosted: () => void = () => undefined;
    const posted = new Promise<void>((resolve) => {
      isPosted = resolve;
    });
    const leg = {
      kind: 'MOVE',
      debit: ann.walletId,
      credit: bob.walletId,
      amount: { currency: 'USD', minor: 77n },
      code: 'OTHER',
    } as const;
    const request = { scope: 'test', key: 'slow', legs: [leg], actor: 'test', traceparent: null };
    const slow = inUnit(ledger, async (unit) => {
      await postTransfer(request, ann.walletId, unit);
      isPosted();
      await mayCommit;
    });
    await posted;
    const untilBefore = new Date();
    await sleep(5);
    await interval(); // announces a horizon after the slow transfer's time
    await interval();
    await interval();
    const made = await subtotals();
    expect(made.every(({ until_at }) => new Date(until_at) <= untilBefore)).toBe(true);
    commit();
    await slow;
    await until('what was slow is counted', (untils) => untils.some((made) => made > untilBefore));
    expect(await told(new Date())).toEqual(await counted(new Date()));
  });

  it('MUST stay true where the clock of the server steps back: nothing is timed before an announced horizon', async () => {
    const [ann, bob] = [await aUser(ledger, 100n), await aUser(ledger)];
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    await sql(ledger, 'update trial_balance_horizon set until_at = $1, seen_from = null', [ahead]);
    await pay(ann, bob, 1n, 'after');
    const [{ newest } = { newest: '' }] = await sql<{ newest: string }>(ledger, 'select max(created_at) as newest from transfers');
    expect(new Date(newest).toISOString() >= ahead).toBe(true);
  });

  it('answers admins in the graph, for one currency too', async () => {
    await aUser(ledger, 100n);
    await interval();
    const query = '{ trialBalance(currency: "USD") { lines { kind accounts debits { minor } credits { minor } } totals { isBalanced } } }';
    expect(await ledger.data(actAs.admin(), query)).toEqual({
      trialBalance: {
        lines: [
          { kind: 'BANK', accounts: 1, debits: { minor: '100' }, credits: { minor: '0' } },
          { kind: 'WALLET', accounts: 1, debits: { minor: '0' }, credits: { minor: '100' } },
        ],
        totals: [{ isBalanced: true }],
      },
    });
  });
});
