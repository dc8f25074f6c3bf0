import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { aLedger, anEvent, aUser, inUnit, proofOf, published, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { backdate, inHours, runDue, schedule, seen } from '../../test/schedules.ts';
import { onHandleChanged } from '../recipient/on-handle-changed.ts';
import { MAX_ACTIVE_SCHEDULES } from './schedule.ts';

/** Nothing runs beside the test: runs are made when it says so. */
let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

const CANCEL = `mutation ($input: TransferScheduleCancelInput!) {
  transferScheduleCancel(input: $input) { __typename ... on Problem { code } ... on TransferScheduleCancelled { schedule { state nextRunAt } } }
}`;
const cancel = async (viewer: TestUser['viewer'], scheduleId: string | undefined) =>
  (await ledger.data<{ transferScheduleCancel: object }>(viewer, CANCEL, { input: { scheduleId } })).transferScheduleCancel;
const balanceOf = async (walletId: string) =>
  (await sql<{ balance: string }>(ledger, 'select credits_posted - debits_posted as balance from accounts where id = $1', [walletId]))[0]
    ?.balance;
const two = async (balanceMinor: bigint) => [await aUser(ledger, balanceMinor), await aUser(ledger)] as const;

describe('transferSchedule', () => {
  it('plans one transfer, which is made once it is due and not before', async () => {
    const [me, friend] = await two(100n);
    const answer = await schedule(ledger, me, { handle: friend.handle }, '30', { note: ' rent ' });
    expect(answer).toMatchObject({
      __typename: 'TransferScheduled',
      schedule: {
        state: 'ACTIVE',
        cadence: 'ONCE',
        note: 'rent',
        runCount: 0,
        recipient: `User ${friend.handle}`,
        fromWallet: { id: me.walletId },
      },
    });
    await runDue(ledger);
    expect(await balanceOf(friend.walletId)).toBe('0');
    await backdate(ledger, answer.schedule?.id, 1);
    await runDue(ledger);
    await runDue(ledger);
    expect([await balanceOf(me.walletId), await balanceOf(friend.walletId)]).toEqual(['70', '30']);
    expect(await seen(ledger, me)).toMatchObject([
      {
        state: 'COMPLETED',
        nextRunAt: null,
        runs: { edges: [{ node: { number: 1, refusal: null, transfer: { code: 'SCHEDULED', amount: { minor: '30' } } } }] },
      },
    ]);
    const [row] = await sql(ledger, `select actor, note from transfers where code = 'SCHEDULED' and debit_account_id = $1`, [me.walletId]);
    expect(row).toEqual({ actor: me.viewer.principal, note: 'rent' });
  });

  it('repeats monthly on the last day of short months, by the clocks of the time zone', async () => {
    const [me, friend] = await two(0n);
    const startsAt = `${new Date().getUTCFullYear() + 1}-01-31T21:30:00.000Z`;
    const repeat = { every: 'MONTHLY', dayOfMonth: 31, timeZone: 'America/new_york', count: 12 };
    const answer = await schedule(ledger, me, { walletId: friend.walletId }, '5', { startsAt, repeat });
    expect(answer.schedule).toMatchObject({ cadence: 'MONTHLY', timeZone: 'America/New_York', dayOfMonth: 31, nextRunAt: startsAt });
  });

  it('takes the day of the month and UTC from the first run where nothing is said', async () => {
    const [me, friend] = await two(0n);
    const startsAt = `${new Date().getUTCFullYear() + 1}-03-05T10:00:00.000Z`;
    const answer = await schedule(ledger, me, { email: friend.email }, '5', { startsAt, repeat: { every: 'MONTHLY' } });
    expect(answer.schedule).toMatchObject({ dayOfMonth: 5, timeZone: 'UTC', nextRunAt: startsAt });
  });

  it('names what is wrong with the input, and writes nothing', async () => {
    const [me, friend] = await two(10n);
    const to = { walletId: friend.walletId };
    const cases: readonly (readonly [string, object])[] = [
      ['startsAt', { startsAt: new Date(Date.now() - 1_000).toISOString() }],
      ['startsAt', { startsAt: inHours(24 * 366 * 6) }],
      ['repeat.timeZone', { repeat: { every: 'DAILY', timeZone: 'Mars/Olympus' } }],
      ['repeat.dayOfMonth', { repeat: { every: 'MONTHLY', dayOfMonth: 32 } }],
      ['repeat.dayOfMonth', { repeat: { every: 'WEEKLY', dayOfMonth: 3 } }],
      ['repeat.count', { repeat: { every: 'DAILY', count: 0 } }],
      ['repeat.count', { repeat: { every: 'DAILY', count: 1_001 } }],
      ['repeat', { repeat: { every: 'DAILY', count: 2, endsAt: inHours(100) } }],
      ['repeat.endsAt', { repeat: { every: 'DAILY', endsAt: inHours(0.5) } }],
      ['amount.minor', { amount: { currency: 'USD', minor: '0' } }],
      ['note', { note: 'x'.repeat(141) }],
      ['to', { to: { walletId: friend.walletId, handle: 'two' } }],
    ];
    for (const [path, more] of cases) {
      const answer = await schedule(ledger, me, to, '1', more);
      expect([path, answer.__typename, answer.issues?.[0]?.path.join('.')]).toEqual([path, 'InvalidInput', `input.${path}`]);
    }
    expect(await seen(ledger, me)).toEqual([]);
  });

  it('refuses wallets that are not there, not yours, closed, of another currency or the same', async () => {
    const [me, friend] = await two(10n);
    const to = { walletId: friend.walletId };
    expect(await schedule(ledger, me, to, '1', { fromWalletId: friend.walletId })).toMatchObject({ code: 'WALLET_NOT_FOUND' });
    expect(await schedule(ledger, me, to, '1', { fromWalletId: newId('wallet') })).toMatchObject({ code: 'WALLET_NOT_FOUND' });
    expect(await schedule(ledger, me, { walletId: newId('wallet') }, '1')).toMatchObject({ code: 'RECIPIENT_NOT_FOUND' });
    expect(await schedule(ledger, me, { handle: 'nobody-at-all' }, '1')).toMatchObject({ code: 'RECIPIENT_NOT_FOUND' });
    expect(await schedule(ledger, me, { walletId: me.walletId }, '1')).toMatchObject({ code: 'SAME_ACCOUNT' });
    expect(await schedule(ledger, me, { handle: me.handle }, '1')).toMatchObject({ code: 'SAME_ACCOUNT' });
    const euros = { amount: { currency: 'EUR', minor: '1' } };
    expect(await schedule(ledger, me, to, '1', euros)).toMatchObject({ code: 'CURRENCY_MISMATCH', path: ['input', 'amount', 'currency'] });
    await sql(ledger, 'update accounts set is_closed = true, closed_at = now() where id = $1', [friend.walletId]);
    expect(await schedule(ledger, me, to, '1')).toMatchObject({ code: 'ACCOUNT_CLOSED', path: ['input', 'to'] });
    expect(await schedule(ledger, friend, { walletId: me.walletId }, '1')).toMatchObject({ code: 'ACCOUNT_CLOSED' });
  });

  it('lets nobody try out addresses: misses are those of transferCreate', async () => {
    const me = await aUser(ledger, 10n);
    const answers: string[] = [];
    for (let count = 0; count < 22; count += 1) answers.push((await schedule(ledger, me, { handle: `no-${count}` }, '1')).__typename);
    expect(answers.filter((name) => name === 'RecipientNotFound')).toHaveLength(20);
    expect(answers.slice(-2)).toEqual(['RateLimited', 'RateLimited']);
  });

  it('answers a retry the same, names what differs, and plans once', async () => {
    const [me, friend] = await two(10n);
    const idempotencyKey = randomUUID();
    const startsAt = inHours(2);
    const first = await schedule(ledger, me, { walletId: friend.walletId }, '1', { idempotencyKey, startsAt });
    expect(await schedule(ledger, me, { walletId: friend.walletId }, '1', { idempotencyKey, startsAt })).toEqual(first);
    expect(await schedule(ledger, me, { walletId: friend.walletId }, '2', { idempotencyKey, startsAt })).toMatchObject({
      differingFields: ['input.amount.minor'],
    });
    expect(await seen(ledger, me)).toHaveLength(1);
  });

  it('bounds the active schedules of a wallet, also when they are asked for at once', async () => {
    const [me, friend] = await two(10n);
    const to = { walletId: friend.walletId };
    for (let count = 1; count < MAX_ACTIVE_SCHEDULES; count += 1) await schedule(ledger, me, to, '1');
    const answers = await Promise.all([1, 2, 3].map(() => schedule(ledger, me, to, '1')));
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
      'ScheduleLimitReached',
      'ScheduleLimitReached',
      'TransferScheduled',
    ]);
  });
});

describe('runs', () => {
  it('that were missed are caught up in order, each once', async () => {
    const [me, friend] = await two(1_000n);
    const { schedule: planned } = await schedule(ledger, me, { walletId: friend.walletId }, '7', { repeat: { every: 'DAILY' } });
    await backdate(ledger, planned?.id, 10);
    await runDue(ledger);
    const [after] = (await seen(ledger, me)) ?? [];
    expect(after?.state).toBe('ACTIVE');
    expect(new Date(after?.nextRunAt ?? 0).getTime()).toBeGreaterThan(Date.now());
    const numbers = after?.runs.edges.map(({ node }) => node.number);
    expect(numbers).toEqual(Array.from({ length: 10 }, (_, at) => 10 - at));
    expect(await balanceOf(friend.walletId)).toBe('70');
    const due = await sql<{ due_at: string }>(
      ledger,
      'select due_at from transfer_schedule_runs where schedule_id = $1 order by ran_at, id',
      [planned?.id],
    );
    expect(due.map(({ due_at }) => new Date(due_at).getTime())).toEqual(due.map(({ due_at }) => new Date(due_at).getTime()).sort());
  });

  it('that are refused say why; the schedule goes on, and ends after three in a row', async () => {
    const [me, friend] = await two(5n);
    const { schedule: planned } = await schedule(ledger, me, { walletId: friend.walletId }, '10', { repeat: { every: 'DAILY' } });
    for (const [expected, states] of [
      [1, 'ACTIVE'],
      [2, 'ACTIVE'],
      [3, 'STOPPED'],
      [3, 'STOPPED'],
    ] as const) {
      await sql(
        ledger,
        `update transfer_schedules set starts_at = starts_at - interval '24 hours', next_run_at = next_run_at - interval '24 hours'
        where id = $1 and state = 'ACTIVE'`,
        [planned?.id],
      );
      await runDue(ledger);
      const [now] = (await seen(ledger, me)) ?? [];
      expect([now?.runs.edges.length, now?.state]).toEqual([expected, states]);
      expect(now?.runs.edges[0]?.node).toMatchObject({ refusal: 'INSUFFICIENT_FUNDS', transfer: null });
    }
    const told = (await published(ledger, 'TransferRefused')).filter(({ factKey }) => factKey.includes(planned?.id ?? '-'));
    expect(told).toHaveLength(3);
  });

  it('go on after refusals that a top-up ended', async () => {
    const [me, friend] = await two(0n);
    const { schedule: planned } = await schedule(ledger, me, { walletId: friend.walletId }, '10', { repeat: { every: 'DAILY' } });
    await backdate(ledger, planned?.id, 5);
    await runDue(ledger);
    await ledger.subgraph.services.operator.fund({ walletOwnerId: me.userId, currency: 'USD', amountMinor: 10n, factKey: randomUUID() });
    await backdate(ledger, planned?.id, 1);
    await runDue(ledger);
    const [after] = (await seen(ledger, me)) ?? [];
    expect(after?.runs.edges.map(({ node }) => node.refusal)).toEqual([null, ...Array.from({ length: 5 }, () => 'INSUFFICIENT_FUNDS')]);
    expect(after?.state).toBe('ACTIVE');
  });

  it('stop at once where a wallet was closed for good', async () => {
    const [me, friend] = await two(50n);
    const { schedule: planned } = await schedule(ledger, me, { walletId: friend.walletId }, '10', { repeat: { every: 'WEEKLY' } });
    await sql(ledger, 'update accounts set is_closed = true, closed_at = now() where id = $1', [friend.walletId]);
    await backdate(ledger, planned?.id, 1);
    await runDue(ledger);
    expect(await seen(ledger, me)).toMatchObject([{ state: 'STOPPED', runs: { edges: [{ node: { refusal: 'ACCOUNT_CLOSED' } }] } }]);
  });

  it('pay the person who was meant, in the wallet that they have then, whoever has the handle by now', async () => {
    const [me, friend] = await two(50n);
    const thief = await aUser(ledger);
    const { schedule: planned } = await schedule(ledger, me, { handle: friend.handle }, '10');
    const change = (userId: string, handle: string) =>
      inUnit(ledger, (unit) =>
        onHandleChanged(anEvent('HandleChanged', { userId, handle, displayName: 'X', emailKey: `key-${userId}` }, 9), unit),
      );
    await change(friend.userId, `was-${friend.handle}`);
    await change(thief.userId, friend.handle);
    await sql(ledger, 'update accounts set is_closed = true, closed_at = now() where id = $1', [friend.walletId]);
    await backdate(ledger, planned?.id, 1);
    await runDue(ledger);
    expect(await balanceOf(thief.walletId)).toBe('0');
    expect(await sql(ledger, 'select credits_posted from accounts where owner_id = $1 and not is_closed', [friend.userId])).toEqual([
      { credits_posted: '10' },
    ]);
  });
});

describe('runs that fail', () => {
  it('MUST not stop those of others: what always fails rests, and goes on once it is mended', async () => {
    const [me, friend] = await two(1_000n);
    const to = { walletId: friend.walletId };
    const planned = [await schedule(ledger, me, to, '1'), await schedule(ledger, me, to, '2'), await schedule(ledger, me, to, '4')];
    const [bad, ...good] = planned.map((each) => each.schedule?.id);
    for (const [at, id] of [bad, ...good].entries()) await backdate(ledger, id, 3 - at);
    const zone = (name: string) => sql(ledger, 'update transfer_schedules set time_zone = $2, retry_at = null where id = $1', [bad, name]);
    // Whoever computes the next date of this one throws.
    await sql(ledger, `update transfer_schedules set cadence = 'DAILY' where id = $1`, [bad]);
    await zone('Nowhere/AtAll');
    const failed: string[] = [];
    await runDue(ledger, (id) => failed.push(id));
    await runDue(ledger, (id) => failed.push(id));
    expect(failed).toEqual([bad]);
    expect(await balanceOf(friend.walletId)).toBe('6');
    const told = (await published(ledger, 'TransferPosted')).filter(({ factKey }) =>
      planned.some(({ schedule: one }) => factKey.includes(String(one?.id))),
    );
    expect(told).toHaveLength(2);
    await zone('UTC');
    await runDue(ledger);
    expect(Number(await balanceOf(friend.walletId))).toBeGreaterThan(6);
  });

  it('open the wallets of all recipients, whatever replicas run at once', async () => {
    const [me] = await two(1_000n);
    const friends = await Promise.all(Array.from({ length: 6 }, () => aUser(ledger)));
    const ids: (string | undefined)[] = [];
    for (const friend of [...friends, ...friends.toReversed()])
      ids.push((await schedule(ledger, me, { handle: friend.handle }, '1')).schedule?.id);
    const closed = friends.map(({ walletId }) => walletId);
    await sql(ledger, 'update accounts set is_closed = true, closed_at = now() where id = any($1::text[])', [closed]);
    for (const id of ids) await backdate(ledger, id, 1);
    await Promise.all([runDue(ledger), runDue(ledger), runDue(ledger)]);
    const open = 'select credits_posted from accounts where owner_id = any($1::text[]) and not is_closed';
    expect(await sql(ledger, open, [friends.map(({ userId }) => userId)])).toEqual(friends.map(() => ({ credits_posted: '2' })));
  });
});

describe('transferScheduleCancel', () => {
  it('ends a schedule once; no run comes any more', async () => {
    const [me, friend] = await two(50n);
    const { schedule: planned } = await schedule(ledger, me, { walletId: friend.walletId }, '10', { repeat: { every: 'DAILY' } });
    expect(await cancel(me.viewer, planned?.id)).toEqual({
      __typename: 'TransferScheduleCancelled',
      schedule: { state: 'CANCELLED', nextRunAt: null },
    });
    expect(await cancel(me.viewer, planned?.id)).toMatchObject({ code: 'SCHEDULE_ENDED' });
    await runDue(ledger);
    expect(await seen(ledger, me)).toMatchObject([{ state: 'CANCELLED', runs: { edges: [] } }]);
    await expect(sql(ledger, `update transfer_schedules set note = 'x' where id = $1`, [planned?.id])).rejects.toThrow(/never changed/);
  });

  it('races with a run: it is made whole before, or not at all after', async () => {
    const [me, friend] = await two(1_000n);
    for (let round = 0; round < 10; round += 1) {
      const { schedule: planned } = await schedule(ledger, me, { walletId: friend.walletId }, '1', { repeat: { every: 'DAILY' } });
      await backdate(ledger, planned?.id, 1);
      const [answer] = await Promise.all([cancel(me.viewer, planned?.id), runDue(ledger)]);
      expect(answer).toMatchObject({ __typename: 'TransferScheduleCancelled' });
      const before = (await seen(ledger, me))?.[0]?.runs.edges.length;
      await runDue(ledger);
      expect((await seen(ledger, me))?.[0]).toMatchObject({ state: 'CANCELLED' });
      expect((await seen(ledger, me))?.[0]?.runs.edges.length).toBe(before);
    }
  });
});

describe('a schedule of somebody else', () => {
  it('answers like one that is not there, also through _entities', async () => {
    const [me, friend] = await two(50n);
    const { schedule: planned } = await schedule(ledger, me, { walletId: friend.walletId }, '10');
    expect(await cancel(friend.viewer, planned?.id)).toEqual(await cancel(friend.viewer, newId('schedule')));
    expect(await cancel(friend.viewer, planned?.id)).toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on TransferSchedule { id amount { minor } runs { totalCount } } } }`;
    const of = [planned?.id, newId('schedule')].map((id) => ({ __typename: 'TransferSchedule', id }));
    expect(await ledger.data(friend.viewer, query, { of })).toEqual({ _entities: [null, null] });
    expect(await ledger.data(actAs.visitor(), query, { of })).toEqual({ _entities: [null, null] });
    expect(await ledger.data(me.viewer, query, { of })).toMatchObject({ _entities: [{ id: planned?.id }, null] });
    expect(await ledger.data(actAs.admin(), query, { of })).toMatchObject({ _entities: [{ id: planned?.id }, null] });
    expect(await seen(ledger, me, friend.viewer)).toBeNull();
  });

  it('cannot be planned without being signed in', async () => {
    const { errors } = await ledger.ask(actAs.visitor(), CANCEL, { input: { scheduleId: 'x', idempotencyKey: randomUUID() } });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

it('the books prove themselves after all of this', async () => {
  expect((await proofOf(ledger)).isOk).toBe(true);
});
