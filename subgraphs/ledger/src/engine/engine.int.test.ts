import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { aLedger, aUser, inUnit, proofOf, published, sealAll, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { cutOff } from '../../test/cut-off.ts';
import { createEngines } from '../../test/engines.ts';
import { move } from '../../test/submissions.ts';
import { sealBatches } from '../proof/seal-batches.ts';
import { refusalTold } from '../transfer/post-transfer.ts';
import { LedgerBusy } from './busy.ts';
import type { Leg, PostRequest } from './request.ts';
import type { Submission } from './submission.ts';

let ledger: TestLedger;
let rich: TestUser;
let poor: TestUser;
const { anEngine, closeAll } = createEngines(() => ledger);
beforeAll(async () => {
  ledger = await aLedger();
  rich = await aUser(ledger, 1_000_000n);
  poor = await aUser(ledger);
});
afterEach(closeAll);
afterAll(() => ledger.close());

function aSubmission(legs: readonly Leg[], { key = randomUUID(), caller }: { key?: string; caller?: string } = {}): Submission {
  const request: PostRequest = { scope: 'test', key, legs, actor: 'service:test', traceparent: null };
  const origin = { actor: 'service:test', correlationId: 'test', causationId: null, traceparent: null };
  const tell: Submission['tell'] = (outcome) => (legs.some(({ kind }) => kind !== 'MOVE') ? [] : refusalTold(request, outcome, key));
  return { request, origin, tell, ...(caller ? { caller } : {}) };
}
const one = (minor?: bigint) => [move(rich.walletId, poor.walletId, minor)];
const balanceOfPoor = async () =>
  BigInt(
    (
      await sql<{ posted: string }>(ledger, 'select credits_posted - debits_posted as posted from accounts where id = $1', [poor.walletId])
    )[0]?.posted ?? 0,
  );
const kindsOf = (settled: readonly { outcome: { kind: string } }[]) => settled.map(({ outcome }) => outcome.kind);

describe('the engine', () => {
  it('takes what waits as one batch, gives each its own result, and tells in the same commit', async () => {
    const sizes: number[] = [];
    const engine = anEngine({ lanes: 1, events: { onBatch: (size) => sizes.push(size) } });
    const before = await balanceOfPoor();
    const told = (await published(ledger, 'TransferPosted')).length;
    const settled = await Promise.all([
      ...Array.from({ length: 50 }, () => engine.submit(aSubmission(one()))),
      engine.submit(aSubmission(one(5_000_000n))),
    ]);
    expect(sizes).toEqual([51]);
    expect(kindsOf(settled).filter((kind) => kind === 'POSTED')).toHaveLength(50);
    expect(settled.at(-1)?.outcome).toMatchObject({ kind: 'REFUSED', refusal: { reason: 'INSUFFICIENT_FUNDS', side: 'debit' } });
    expect(await balanceOfPoor()).toBe(before + 50n);
    expect((await published(ledger, 'TransferPosted')).length).toBe(told + 50);
    expect(settled.every(({ committed }) => committed.length === 1)).toBe(true);
  });

  it('MUST see what others did to an account that it knows', async () => {
    const [engine, other] = [anEngine(), anEngine()];
    const { walletId } = await aUser(ledger);
    const receive = (by = engine) => by.submit(aSubmission([move(rich.walletId, walletId, 10n)]));
    const pay = async (minor: bigint) => (await engine.submit(aSubmission([move(walletId, rich.walletId, minor)]))).outcome;
    const change = (text: string) => sql(ledger, `update accounts set ${text} where id = $1`, [walletId]);
    expect([...kindsOf([await receive()]), (await pay(10n)).kind]).toEqual(['POSTED', 'POSTED']);
    await receive(other);
    expect(await pay(10n)).toMatchObject({ kind: 'POSTED' });
    await sql(
      ledger,
      `insert into user_limits (owner_id, currency, per_transfer_minor, is_own, used_minor, used_on) select owner_id, currency, 3, true, 20, now() from accounts where id = $1`,
      [walletId],
    );
    await receive(other);
    await change('is_limited = true');
    expect(await pay(4n)).toMatchObject({ kind: 'REFUSED', refusal: { reason: 'LIMIT_EXCEEDED' } });
    for (const minor of [3n, 3n, 3n, 1n]) expect((await pay(minor)).kind).toBe('POSTED');
    await change('is_closed = true, closed_at = now()');
    expect((await receive()).outcome).toMatchObject({ kind: 'REFUSED', refusal: { reason: 'ACCOUNT_CLOSED' } });
  });

  it('MUST not remember what a transaction opened that was rolled back', async () => {
    const engine = anEngine({ lanes: 1 });
    const payable = `payable:${rich.userId}:USD`;
    await sql(ledger, `create function fail_at_commit() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$`);
    await sql(
      ledger,
      `create constraint trigger fail_at_commit after insert on transfer_keys deferrable initially deferred
       for each row execute function fail_at_commit()`,
    );
    const pay = () => engine.submit(aSubmission([move(rich.walletId, payable)]));
    const failure = await pay().catch((error: unknown) => error);
    await sql(ledger, 'drop trigger fail_at_commit on transfer_keys');
    expect(failure).toMatchObject({ cause: expect.objectContaining({ message: 'not now' }) });
    expect((await pay()).outcome.kind).toBe('POSTED');
  });

  it('MUST count a key once among three processes that race with it, and answer all of them the same', async () => {
    const processes = [anEngine(), anEngine(), anEngine()];
    const before = await balanceOfPoor();
    const keys = Array.from({ length: 40 }, () => randomUUID());
    const answers = await Promise.all(keys.flatMap((key) => processes.map((engine) => engine.submit(aSubmission(one(), { key })))));
    for (let at = 0; at < keys.length; at += 1) {
      const same = answers
        .slice(at * 3, at * 3 + 3)
        .map(({ outcome }) => (outcome.kind === 'POSTED' ? outcome.transfers[0]?.id : outcome.kind));
      expect(new Set(same).size).toBe(1);
    }
    expect(await balanceOfPoor()).toBe(before + 40n);
  });

  it('names the field when a key comes back with another body, also within one batch', async () => {
    const engine = anEngine();
    const key = randomUUID();
    const settled = await Promise.all([engine.submit(aSubmission(one(1n), { key })), engine.submit(aSubmission(one(2n), { key }))]);
    expect(settled[1]?.outcome).toEqual({ kind: 'KEY_REUSED', differingFields: ['legs.0.minor'] });
  });

  it('stores every text as it came, whatever COPY or JSON give a meaning', async () => {
    const engine = anEngine();
    const odd = 'tab\t line\n back\\slash \\N "quote" {brace} \u001f \u001e ünï ✓';
    const leg = { ...move(rich.walletId, poor.walletId), note: odd } as Leg;
    const { outcome } = await engine.submit(aSubmission([leg], { key: `odd ${odd}` }));
    const [stored] = await sql<{ note: string; key: string }>(
      ledger,
      'select t.note, k.key from transfers t join transfer_keys k on t.id = any(k.transfer_ids) where t.id = $1',
      [outcome.kind === 'POSTED' ? outcome.transfers[0]?.id : ''],
    );
    expect(stored).toEqual({ note: odd, key: `odd ${odd}` });
    expect((await engine.submit(aSubmission([leg], { key: `odd ${odd}` }))).outcome).toMatchObject({ kind: 'POSTED', isReplayed: true });
  });

  it('isolates an item that the database refuses: its neighbours are committed', async () => {
    const engine = anEngine({ lanes: 1 });
    const poison = aSubmission([{ ...move(rich.walletId, poor.walletId), code: 'x'.repeat(65) } as Leg]);
    const before = await balanceOfPoor();
    const settled = await Promise.allSettled([
      ...Array.from({ length: 9 }, () => engine.submit(aSubmission(one()))),
      engine.submit(poison),
      ...Array.from({ length: 9 }, () => engine.submit(aSubmission(one()))),
    ]);
    expect(settled.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1);
    expect(settled[9]).toMatchObject({ status: 'rejected', reason: { code: '23514' } });
    expect(await balanceOfPoor()).toBe(before + 18n);
  });

  it('refuses more than it can queue before anything is written, and takes it later', async () => {
    const engine = anEngine({ lanes: 1, queueLimit: 10 });
    const before = await balanceOfPoor();
    const settled = await Promise.allSettled(Array.from({ length: 30 }, () => engine.submit(aSubmission(one()))));
    const busy = settled.filter((each) => each.status === 'rejected' && each.reason instanceof LedgerBusy);
    expect(busy).toHaveLength(20);
    expect(await balanceOfPoor()).toBe(before + 10n);
    expect((await engine.submit(aSubmission(one()))).outcome.kind).toBe('POSTED');
  });

  it('says that nothing was written when it is closed already', async () => {
    const engine = anEngine();
    await engine.close();
    await expect(engine.submit(aSubmission(one()))).rejects.toBeInstanceOf(LedgerBusy);
  });

  it('may be closed again while it closes', async () => {
    const engine = anEngine();
    const last = engine.submit(aSubmission(one()));
    await Promise.all([engine.close(), engine.close()]);
    expect((await last).outcome.kind).toBe('POSTED');
    await engine.close();
  });

  it('MUST not let 1,000 items of one caller starve a single transfer of another', async () => {
    const engine = anEngine({ lanes: 1, batchSize: 50 });
    let done = 0;
    const bulk = Array.from({ length: 1_000 }, () => engine.submit(aSubmission(one(), { caller: 'bulk' })).then(() => (done += 1)));
    await new Promise((resolve) => setImmediate(resolve));
    await engine.submit(aSubmission(one(), { caller: 'single' }));
    expect(done).toBeLessThanOrEqual(100);
    await Promise.all(bulk);
  });

  it('submits again with the same keys after its connections were ended, and counts once', async () => {
    const engine = anEngine();
    const before = await balanceOfPoor();
    await engine.submit(aSubmission(one()));
    const running = Array.from({ length: 200 }, () => engine.submit(aSubmission(one())));
    const kills = Array.from({ length: 5 }, () =>
      sql(
        ledger,
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tessera-ledger-lane' and datname = current_database()`,
      ),
    );
    await Promise.all(kills);
    expect(new Set(kindsOf(await Promise.all(running)))).toEqual(new Set(['POSTED']));
    expect(await balanceOfPoor()).toBe(before + 201n);
  });

  it('MUST tell the first who asked that they were, although the answer to the commit was lost (I12)', async () => {
    const way = await cutOff(ledger.config.databaseUrl);
    let told = 0;
    const engine = anEngine({ lanes: 1, databaseUrl: way.url, events: { onTold: () => (told += 1) } });
    await engine.submit(aSubmission(one()));
    const key = randomUUID();
    await anEngine().submit(aSubmission(one(), { key }));
    [told] = [0, way.loseAnswerToCommit()];
    const [moved, refused, others] = await Promise.all([
      engine.submit(aSubmission(one())),
      engine.submit(aSubmission(one(5_000_000n))),
      engine.submit(aSubmission(one(), { key })),
    ]);
    expect(moved).toMatchObject({ outcome: { kind: 'POSTED', isReplayed: false }, committed: [{ type: 'TransferPosted' }] });
    expect(refused).toMatchObject({ outcome: { kind: 'REFUSED', isReplayed: false }, committed: [{ type: 'TransferRefused' }] });
    expect(others).toMatchObject({ outcome: { kind: 'POSTED', isReplayed: true }, committed: [] });
    const ids = [moved, refused].flatMap(({ committed }) => committed.map(({ id }) => id));
    expect(await sql(ledger, 'select from outbox_events where id = any($1::text[])', [ids])).toHaveLength(2);
    expect(told).toBe(1);
    await engine.close();
    await way.close();
  });

  it('moves whatever is left, posts a hold in part, and gives the rest back', async () => {
    const engine = anEngine();
    const saver = await aUser(ledger, 300n);
    const hold: Leg = { ...move(saver.walletId, 'system:escrow:USD', 200n), kind: 'HOLD', expiresAt: new Date(Date.now() + 60_000) } as Leg;
    const placed = await engine.submit(aSubmission([hold]));
    const holdId = placed.outcome.kind === 'POSTED' ? (placed.outcome.transfers[0]?.id ?? '') : '';
    expect((await engine.submit(aSubmission([{ kind: 'POST', holdId, amountMinor: 201n }]))).outcome).toMatchObject({
      refusal: { reason: 'AMOUNT_INVALID' },
    });
    const posted = await engine.submit(aSubmission([{ kind: 'POST', holdId, amountMinor: 50n }]));
    expect(posted.outcome).toMatchObject({
      transfers: [{ amountMinor: 50n, releasedMinor: 200n, debit: { balanceMinor: 250n, availableMinor: 250n } }],
    });
    expect((await engine.submit(aSubmission([{ kind: 'VOID', holdId }]))).outcome).toMatchObject({ refusal: { reason: 'HOLD_POSTED' } });
    const rest = await engine.submit(aSubmission([move(saver.walletId, poor.walletId, 'AVAILABLE')]));
    expect(rest.outcome).toMatchObject({ transfers: [{ amountMinor: 250n, debit: { balanceMinor: 0n } }] });
    const nothing = await engine.submit({ ...aSubmission([move(saver.walletId, poor.walletId, 'AVAILABLE')]), tell: () => [] });
    expect(nothing.outcome).toMatchObject({ kind: 'REFUSED', refusal: { reason: 'INSUFFICIENT_FUNDS', availableMinor: 0n } });
  });

  it('MUST find an account that another lane is opening, however many name it first at once', async () => {
    const engine = anEngine({ lanes: 4, batchSize: 1 });
    const credit = `payable:${rich.userId}:USD`;
    const settled = await Promise.all(Array.from({ length: 20 }, () => engine.submit(aSubmission([move(rich.walletId, credit)]))));
    expect(new Set(kindsOf(settled))).toEqual(new Set(['POSTED']));
  });

  it('makes the partition of a month that nobody prepared', async () => {
    const other = await aLedger();
    const [from, to] = [await aUser(other, 10n), await aUser(other)];
    await sql(other, 'alter table transfers detach partition transfers_first');
    await sql(other, `update transfer_partition_zero set ends_at = '2020-01-01'`);
    const engine = anEngine({ databaseUrl: other.config.databaseUrl });
    const { outcome } = await engine.submit(aSubmission([move(from.walletId, to.walletId)]));
    expect(outcome.kind).toBe('POSTED');
    const [made] = await sql<{ name: string }>(
      other,
      `select tableoid::regclass::text as name from transfers where debit_account_id = $1`,
      [from.walletId],
    );
    expect(made?.name).toMatch(/^transfers_\d{4}_\d\d$/);
    await engine.close();
    await other.close();
  });
});

describe('the chain of batches', () => {
  it('seals every committed batch once, in a chain that can be computed again', async () => {
    await sealAll(ledger);
    await inUnit(ledger, sealBatches);
    const [counts] = await sql<{ batches: string; seals: string; last: string }>(
      ledger,
      'select (select count(*) from ledger_batches) as batches, count(*) as seals, max(ordinal) as last from ledger_seals',
    );
    expect(counts?.batches).not.toBe('0');
    expect([counts?.seals, counts?.last]).toEqual([counts?.batches, counts?.batches]);
  });

  it('MUST leave books that prove themselves', async () => {
    expect((await proofOf(ledger)).checks.filter(({ samples }) => samples.length > 0)).toEqual([]);
  });
});
