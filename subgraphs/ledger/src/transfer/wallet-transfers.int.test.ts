import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aLedger, aUser, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { pastOf } from '../../test/history.ts';

const COUNT = 130;
const HOUR_MS = 3_600_000;
/** Over three partitions of the table. */
const STEP_MS = 12 * HOUR_MS;
const startMs = Date.now() - (COUNT / 2) * STEP_MS;
const timeOf = (at: number): string => new Date(startMs + at * STEP_MS).toISOString();

let ledger: TestLedger;
let me: TestUser;
beforeAll(async () => {
  ledger = await aLedger();
  me = await aUser(ledger);
  const lines = Array.from({ length: COUNT }, (_, at) => ({
    at: timeOf(at - (at % 2)), // two at each instant
    minor: BigInt(at + 1) * (at % 3 === 0 ? -1n : 1n),
    state: at % 10 === 4 ? ('PENDING' as const) : ('POSTED' as const),
  }));
  await pastOf(ledger, me.walletId, 'USD', lines);
  const resolved = `insert into hold_resolutions (hold_id, transfer_id)
    select h.id, t.id from transfers h, lateral (select id from transfers where state = 'POSTED' order by id limit 1 offset h.amount_minor) t
    where h.state = 'PENDING' and h.amount_minor % 20 = 5`;
  await sql(ledger, resolved);
});
afterAll(() => ledger.close());

interface Edge {
  readonly cursor: string;
  readonly sequence: number;
  readonly direction: 'IN' | 'OUT';
  readonly balanceAfter: { readonly minor: string };
  readonly node: { readonly id: string; readonly state: string; readonly amount: { readonly minor: string }; readonly createdAt: string };
}
interface Page {
  readonly totalCount: number;
  readonly pageInfo: Readonly<Record<'hasNextPage' | 'hasPreviousPage', boolean>>;
  readonly edges: readonly Edge[];
}
type Where = Readonly<Record<string, unknown>>;

const PAGE = `query ($id: ID!, $where: TransferWhere, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
  wallet(id: $id) { transfers(where: $where, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage } edges { cursor sequence direction balanceAfter { minor } node { id state amount { minor } createdAt } } } } }`;

async function page(where: Where, place: object): Promise<Page> {
  const { wallet } = await ledger.data<{ wallet: { transfers: Page } }>(me.viewer, PAGE, { id: me.walletId, where, ...place });
  return wallet.transfers;
}

/** Every page of it, in the order of the list. */
async function pages(where: Where, size: number, isBackward: boolean): Promise<Edge[]> {
  const edges: Edge[] = [];
  for (let cursor: string | undefined; ; ) {
    const next = await page(where, isBackward ? { last: size, before: cursor } : { first: size, after: cursor });
    if (isBackward) edges.unshift(...next.edges);
    else edges.push(...next.edges);
    cursor = (isBackward ? next.edges[0] : next.edges.at(-1))?.cursor;
    if (!(isBackward ? next.pageInfo.hasPreviousPage : next.pageInfo.hasNextPage)) return edges;
    expect(next.edges).toHaveLength(size);
  }
}

/** Newest first, told by plain SQL over the whole table. */
async function expected(condition: string): Promise<object[]> {
  const rows = await sql<{ id: string; state: string; minor: string; sequence: string; balance: string; is_in: boolean; at: string }>(
    ledger,
    `select t.id, t.state, amount_minor as minor, debit_sequence as sequence, credit_account_id = $1 as is_in, t.created_at as at,
       case when credit_account_id = $1 then credit_balance_after else debit_balance_after end as balance
     from transfers t where $1 in (debit_account_id, credit_account_id)
       and not exists (select from hold_resolutions r where r.hold_id = t.id and t.state = 'PENDING') and ${condition}
     order by debit_sequence desc`,
    [me.walletId],
  );
  return rows.map(({ id, state, minor, sequence, balance, is_in, at }) => ({
    sequence: Number(sequence),
    direction: is_in ? 'IN' : 'OUT',
    balanceAfter: { minor: balance },
    node: { id, state, amount: { minor }, createdAt: new Date(at).toISOString() },
  }));
}

describe('the transfers of a wallet', () => {
  const [from, before] = [timeOf(30), timeOf(100)];
  it.each<[string, Where, string]>([
    ['all', {}, 'true'],
    ['those that came in', { direction: 'IN' }, 'credit_account_id = $1'],
    ['those that went out', { direction: 'OUT' }, 'debit_account_id = $1'],
    ['open holds', { state: ['PENDING'] }, "state = 'PENDING'"],
    ['those of a time', { createdFrom: from, createdBefore: before }, `t.created_at >= '${from}' and t.created_at < '${before}'`],
    [
      'incoming ones since',
      { direction: 'IN', state: ['POSTED'], createdFrom: from },
      `credit_account_id = $1 and state = 'POSTED' and t.created_at >= '${from}'`,
    ],
    ['none', { createdBefore: timeOf(-1) }, 'false'],
  ])('are read page by page, in both directions: %s', async (_, where, condition) => {
    const all = await expected(condition);
    for (const size of [7, 20, 21, 50, 51, 100])
      for (const isBackward of [false, true]) {
        const edges = await pages(where, size, isBackward);
        expect(edges.map(({ cursor: _cursor, ...edge }) => edge)).toEqual(all);
      }
    expect((await page(where, { first: 1 })).totalCount).toBe(all.length);
  });

  it('are read by plans that are kept', async () => {
    for (let times = 0; times < 8; times += 1) await page({}, { first: 20 });
    const plans = await sql<{ generic_plans: string }>(
      ledger,
      `select generic_plans from pg_prepared_statements where name like 'wallet_transfers_%'`,
    );
    expect(plans.some(({ generic_plans }) => Number(generic_plans) > 0)).toBe(true);
  });
});
