import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { InvariantViolation } from '@tessera/service-kit/errors';
import { aLedger, aUser, inUnit, proofOf, sealAll, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { createEngines } from '../../test/engines.ts';
import { aSubmission, kindOf, move } from '../../test/submissions.ts';
import { expireHolds } from '../hold/expire-holds.ts';
import { sealBatches } from '../proof/seal-batches.ts';
import { MAX_MINOR } from './account.ts';
import { LedgerBusy } from './busy.ts';
import type { Leg } from './request.ts';
import type { Settled, Submission } from './submission.ts';

let ledger: TestLedger;
let rich: TestUser;
let poor: TestUser;
const { anEngine, closeAll } = createEngines(() => ledger);
beforeAll(async () => {
  ledger = await aLedger();
  [rich, poor] = [await aUser(ledger, 1_000_000n), await aUser(ledger)];
});
afterEach(closeAll);
afterAll(() => ledger.close());

const one = (): Leg => move(rich.walletId, poor.walletId);
const aHold = (expiresAt: Date): Leg => ({ ...one(), kind: 'HOLD', expiresAt }) as Leg; // a movement with a deadline is a hold

const holdOf = ({ outcome }: Settled): string => (outcome.kind === 'POSTED' ? (outcome.transfers[0]?.id ?? '') : '');

describe('an item that PostgreSQL or the code chokes on', () => {
  it.each<[string, () => Submission]>([
    ['a NUL in its note', () => aSubmission([{ ...one(), note: 'a\0b' } as Leg])],
    ['a NUL in its key', () => aSubmission([one()], { key: `a\0${randomUUID()}` })],
    ['a lone surrogate in its key', () => aSubmission([one()], { key: `\ud800${randomUUID()}` })],
    ['a lone surrogate in its note', () => aSubmission([{ ...one(), note: '\udfff' } as Leg])],
  ])('is not taken where what it says could not be stored as it is: %s', async (_what, poison) => {
    let batches = 0;
    const engine = anEngine({ lanes: 1, events: { onBatch: () => (batches += 1), onFailure: () => (batches += 1) } });
    await expect(engine.submit(poison())).rejects.toBeInstanceOf(InvariantViolation);
    expect([batches, engine.waiting()]).toEqual([0, 0]);
  });

  it.each<[string, () => Submission]>([
    ['a reference too long for an index', () => aSubmission([one()], { orderId: randomBytes(9_000).toString('hex') })],
    ['an account id with a NUL', () => aSubmission([move('wal_\0', poor.walletId)])],
    ['a hold id with a NUL', () => aSubmission([{ kind: 'VOID', holdId: 'hld_\0' }])],
    ['a transfer to reverse with a NUL', () => aSubmission([{ ...one(), reverses: 'trf_\0' } as Leg])],
    ['a deadline that is no time', () => aSubmission([aHold(new Date(Number.NaN))])],
    ['a deadline that no calendar has', () => aSubmission([aHold(new Date(8.64e15))])],
    [
      'an event that cannot be made',
      () =>
        aSubmission([one()], {
          tell: () => {
            throw new TypeError('no event');
          },
        }),
    ],
    ['an amount that is not a number', () => aSubmission([move(rich.walletId, poor.walletId, null as unknown as bigint)])],
  ])('MUST not touch its neighbours: %s', async (_what, poison) => {
    const sizes: number[] = [];
    const engine = anEngine({ lanes: 1, events: { onFailure: (_error, size) => sizes.push(size) } });
    const before = await movedTo(poor);
    const settled = await engine.submitAll([
      ...Array.from({ length: 5 }, () => aSubmission([one()])),
      poison(),
      ...Array.from({ length: 5 }, () => aSubmission([one()])),
    ]);
    expect(settled.map(kindOf)).toEqual([...Array(5).fill('POSTED'), 'FAILED', ...Array(5).fill('POSTED')]);
    expect([sizes[0], sizes.at(-1)]).toEqual([11, 1]); // it was among them, and alone at the end
    expect(await movedTo(poor)).toBe(before + 10n);
    expect((await engine.submit(aSubmission([one()]))).outcome.kind).toBe('POSTED');
  });
});

describe('one key', () => {
  it('MUST not be mistaken for another that the database would store alike', async () => {
    const engine = anEngine();
    const settled = await engine.submitAll(
      ['\ud800', '\ud801', '\ufffd'].map((key) => aSubmission([move(rich.walletId, poor.walletId, key === '\ufffd' ? 2n : 1n)], { key })),
    );
    expect(settled.map(kindOf)).toEqual(['FAILED', 'FAILED', 'POSTED']);
  });

  it('is answered to a thousand who ask at once in a few transactions', async () => {
    let batches = 0;
    const engine = anEngine({ events: { onBatch: () => (batches += 1) } });
    const key = randomUUID();
    const before = await movedTo(poor);
    const settled = await Promise.all(Array.from({ length: 1_000 }, () => engine.submit(aSubmission([one()], { key }))));
    expect(new Set(settled.map(holdOf)).size).toBe(1);
    expect(await movedTo(poor)).toBe(before + 1n);
    expect(batches).toBeLessThan(10);
  });

  it('counts against the bound of the queue as often as it waits', async () => {
    const engine = anEngine({ queueLimit: 10 });
    const key = randomUUID();
    const settled = await Promise.allSettled(Array.from({ length: 100 }, () => engine.submit(aSubmission([one()], { key }))));
    const busy = settled.filter((each) => each.status === 'rejected' && each.reason instanceof LedgerBusy);
    expect(busy.length).toBe(90);
  });

  it('MUST be one fact among processes that race with different bodies, in opposite orders, without waiting in a circle', async () => {
    const failures: unknown[] = [];
    const [first, second] = [
      anEngine({ lanes: 1, events: { onFailure: (error) => failures.push(error) } }),
      anEngine({ lanes: 1, events: { onFailure: (error) => failures.push(error) } }),
    ];
    const [other, another] = [await aUser(ledger, 10_000n), await aUser(ledger)];
    for (let round = 0; round < 4; round += 1) {
      const keys = Array.from({ length: 1_000 }, () => randomUUID());
      const [ours, theirs] = await Promise.all([
        first?.submitAll(keys.map((key) => aSubmission([one()], { key }))),
        second?.submitAll(keys.toReversed().map((key) => aSubmission([move(other.walletId, another.walletId)], { key }))),
      ]);
      for (const [at] of keys.entries()) {
        const kinds = [ours?.[at], theirs?.[keys.length - 1 - at]].map((each) => each && kindOf(each));
        expect(kinds.toSorted()).toEqual(['KEY_REUSED', 'POSTED']);
      }
    }
    expect(failures.map((error) => (error as { code?: string }).code).filter((code) => code === '40P01')).toEqual([]);
  });
});

describe('a hold at its deadline', () => {
  it('MUST be posted or given back, once, whoever comes first', async () => {
    const [engine, other] = [anEngine(), anEngine()];
    for (let round = 0; round < 5; round += 1) {
      const deadline = new Date(Date.now() + 150);
      const holds = (await Promise.all(Array.from({ length: 10 }, () => engine.submit(aSubmission([aHold(deadline)]))))).map(holdOf);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, deadline.getTime() - Date.now() - 3)));
      const posts = holds.map((holdId, at) => (at % 2 === 0 ? engine : other).submit(aSubmission([{ kind: 'POST', holdId }])));
      const sweeps = Array.from({ length: 4 }, () => inUnit(ledger, expireHolds));
      const settled = await Promise.all(posts);
      await Promise.all(sweeps);
      while ((await sql(ledger, 'select from open_holds')).length > 0) await inUnit(ledger, expireHolds);
      const ends = await sql<{ hold: string; state: string; late: boolean }>(
        ledger,
        `select r.resolves as hold, r.state, r.created_at >= h.expires_at as late from transfers r join transfers h on h.id = r.resolves where r.resolves = any($1::text[])`,
        [holds],
      );
      expect(ends).toHaveLength(holds.length);
      expect(ends.every(({ state, late }) => (state === 'EXPIRED') === late)).toBe(true);
      const posted = holds.filter((_, at) => settled[at]?.outcome.kind === 'POSTED');
      expect(
        ends
          .filter(({ state }) => state === 'POSTED')
          .map(({ hold }) => hold)
          .toSorted(),
      ).toEqual(posted.toSorted());
    }
  });
});

describe('the accounts of a request', () => {
  it('may be the same ones over and over, each leg after those before it', async () => {
    const [a, b] = [await aUser(ledger, 10n), await aUser(ledger)];
    const engine = anEngine();
    const legs = [
      move(a.walletId, b.walletId, 10n),
      move(b.walletId, a.walletId, 10n),
      move(a.walletId, b.walletId, 4n),
      move(b.walletId, a.walletId, 4n),
    ];
    expect((await engine.submit(aSubmission(legs))).outcome).toMatchObject({
      kind: 'POSTED',
      transfers: [
        { debit: { balanceMinor: 0n } },
        { credit: { balanceMinor: 10n } },
        { debit: { balanceMinor: 6n } },
        { credit: { balanceMinor: 10n } },
      ],
    });
    const refused = await engine.submit(aSubmission([...legs, move(b.walletId, a.walletId, 1n)]));
    expect(refused.outcome).toMatchObject({ kind: 'REFUSED', refusal: { leg: 4, reason: 'INSUFFICIENT_FUNDS' } });
  });

  it('MUST not wait for each other in a circle, in whatever order requests of different processes name them', async () => {
    const failures: unknown[] = [];
    const options = { batchSize: 3, events: { onFailure: (error: unknown) => failures.push(error) } };
    const processes = [anEngine(options), anEngine(options), anEngine(options)];
    const users = await Promise.all(Array.from({ length: 6 }, () => aUser(ledger, 100n)));
    const ids = users.map(({ walletId }) => walletId);
    const settled = await Promise.allSettled(
      Array.from({ length: 300 }, (_, at) => {
        const [debit = '', credit = ''] = at % 2 === 0 ? [ids[at % 6], ids[(at + 1) % 6]] : [ids[(at + 3) % 6], ids[at % 6]];
        return processes[at % 3]?.submit(aSubmission([move(debit, credit)])) as Promise<Settled>; // there are three
      }),
    );
    expect(settled.map(kindOf).filter((kind) => kind === 'FAILED')).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('cannot be closed while something is held, and a hold that was there before is still resolved', async () => {
    const engine = anEngine();
    const saver = await aUser(ledger, 50n);
    const holdId = holdOf(
      await engine.submit(
        aSubmission([{ ...aHold(new Date(Date.now() + 60_000)), debit: saver.walletId, amount: { currency: 'USD', minor: 50n } } as Leg]),
      ),
    );
    await expect(
      sql(ledger, `update accounts set is_closed = true, closed_at = now() where id = $1`, [saver.walletId]),
    ).rejects.toMatchObject({ code: '23514' });
    expect((await engine.submit(aSubmission([{ kind: 'POST', holdId }]))).outcome.kind).toBe('POSTED');
    await sql(ledger, `update accounts set is_closed = true, closed_at = now() where id = $1`, [saver.walletId]);
    expect((await engine.submit(aSubmission([move(rich.walletId, saver.walletId)]))).outcome).toMatchObject({
      refusal: { reason: 'ACCOUNT_CLOSED', side: 'credit' },
    });
  });
});

describe('the largest numbers', () => {
  it('MUST be counted to the last minor unit, and refused beyond it, with nobody else disturbed', async () => {
    const engine = anEngine({ lanes: 1 });
    const [bank, payable] = ['system:bank:EUR', `payable:${rich.userId}:EUR`];
    const euros = (debit: string, credit: string, minor: bigint): Leg =>
      ({ ...move(debit, credit), amount: { currency: 'EUR', minor } }) as Leg;
    const settled = await engine.submitAll([
      aSubmission([euros(bank, payable, MAX_MINOR - 1n)]),
      aSubmission([euros(bank, payable, 2n)]),
      aSubmission([one()]),
      aSubmission([euros(bank, payable, 1n)]),
      aSubmission([{ ...euros(bank, payable, 1n), kind: 'HOLD', expiresAt: new Date(Date.now() + 60_000) } as Leg]),
      aSubmission([euros(payable, 'system:fees:EUR', MAX_MINOR)]),
      aSubmission([euros(payable, 'system:fees:EUR', 1n)]),
    ]);
    expect(
      settled.map((each) =>
        each.status === 'fulfilled' && each.value.outcome.kind === 'REFUSED' ? each.value.outcome.refusal.reason : kindOf(each),
      ),
    ).toEqual(['POSTED', 'BALANCE_LIMIT', 'POSTED', 'POSTED', 'BALANCE_LIMIT', 'POSTED', 'BALANCE_LIMIT']);
  });
});

describe('time', () => {
  it('MUST go on along an account whose last movement is ahead of the clock, also over the end of a month', async () => {
    const engine = anEngine();
    const [from, to] = [await aUser(ledger, 10n), await aUser(ledger)];
    const [next] = await sql<{ month: Date }>(
      ledger,
      `select date_trunc('month', now() at time zone 'UTC' + interval '1 month') at time zone 'UTC' as month`,
    );
    const midnight = new Date(next?.month ?? 0);
    await sql(ledger, `update accounts set moved_at = $2::timestamptz - interval '1 millisecond' where id = $1`, [
      from.walletId,
      midnight.toISOString(),
    ]);
    await engine.submit(aSubmission([move(from.walletId, to.walletId)]));
    await sql(ledger, `update accounts set moved_at = $2 where id = $1`, [from.walletId, midnight.toISOString()]);
    await engine.submit(aSubmission([move(from.walletId, to.walletId)]));
    const rows = await sql<{ at: string; partition: string }>(
      ledger,
      `select created_at::text as at, tableoid::regclass::text as partition from transfers where credit_account_id = $1 order by credit_sequence`,
      [to.walletId],
    );
    expect(new Set(rows.map(({ partition }) => partition)).size).toBe(2);
    expect(rows[1]?.partition).toBe(`transfers_${midnight.toISOString().slice(0, 7).replace('-', '_')}`);
  });
});

describe('what the others hear', () => {
  it('MUST have one order for each aggregate, whichever lane or process tells it (I10)', async () => {
    const processes = [anEngine({ lanes: 3, batchSize: 4 }), anEngine({ lanes: 3, batchSize: 4 }), anEngine({ lanes: 3, batchSize: 4 })];
    const aggregates = Array.from({ length: 5 }, () => randomUUID());
    const pairs = await Promise.all(Array.from({ length: 6 }, async () => [await aUser(ledger, 100n), await aUser(ledger)] as const));
    await Promise.all(
      Array.from({ length: 240 }, (_, at) => {
        const [from, to] = pairs[at % pairs.length] ?? [rich, poor];
        const aggregateId = aggregates[at % aggregates.length] ?? '';
        const payload = { walletId: from.walletId, ownerId: from.userId, currency: 'USD' } as const;
        return processes[at % 3]?.submit(
          aSubmission([move(from.walletId, to.walletId)], { tell: () => [{ type: 'WalletClosed', aggregateId, payload }] }),
        );
      }),
    );
    const rows = await sql<{ aggregate: string; sequences: string[]; count: string }>(
      ledger,
      `select aggregate_id as aggregate, array_agg(sequence::text order by ordinal) as sequences, count(*) as count from outbox where aggregate_id = any($1::text[]) group by aggregate_id`,
      [aggregates],
    );
    expect(rows).toHaveLength(aggregates.length);
    for (const { sequences } of rows) expect(sequences).toEqual(Array.from({ length: 48 }, (_, at) => String(at + 1)));
  });
});

describe('the chain of batches', () => {
  it('MUST stay whole when three processes seal at once and one of them dies before its commit', async () => {
    const engine = anEngine({ batchSize: 2 });
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([
        engine.submitAll(Array.from({ length: 20 }, () => aSubmission([one()]))),
        ...Array.from({ length: 3 }, (_, at) =>
          inUnit(ledger, async (unit) => {
            await sealBatches(unit);
            if (at === 0) throw new Error('died');
          }).catch((error: unknown) => expect(error).toMatchObject({ message: 'died' })),
        ),
      ]);
    }
    await sealAll(ledger);
    const [counts] = await sql<{ batches: string; seals: string; last: string }>(
      ledger,
      'select (select count(*) from ledger_batches) as batches, count(*) as seals, max(ordinal) as last from ledger_seals',
    );
    expect([counts?.seals, counts?.last]).toEqual([counts?.batches, counts?.batches]);
  });
});

describe('after all of this', () => {
  it('the books MUST prove themselves', async () => {
    expect((await proofOf(ledger)).checks.filter(({ samples }) => samples.length > 0)).toEqual([]);
  });
});

async function movedTo({ walletId }: TestUser): Promise<bigint> {
  const [row] = await sql<{ posted: string }>(ledger, 'select credits_posted::text as posted from accounts where id = $1', [walletId]);
  return BigInt(row?.posted ?? 0);
}
