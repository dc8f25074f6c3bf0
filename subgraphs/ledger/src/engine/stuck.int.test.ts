import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { aLedger, aUser, proofOf, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { cutOff } from '../../test/cut-off.ts';
import { createEngines } from '../../test/engines.ts';
import { aSubmission, kindOf, move } from '../../test/submissions.ts';
import { LedgerBusy, LedgerUnsure } from './busy.ts';
import { TookTooLong } from './connection.ts';
import { receiverOf } from './receivers.ts';
import type { Leg } from './request.ts';

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

/** Five seconds, and a little for a machine that has more to do. */
const BEFORE_GATEWAY_GIVES_UP_MS = 5_500;
const one = (): Leg => move(rich.walletId, poor.walletId);

describe('an account that somebody keeps locked', () => {
  /** Somebody outside, who locks an account until told to stop. */
  const lock = async (walletId: string) => {
    const client = new Client({ connectionString: ledger.config.databaseUrl });
    outsiders.push(client);
    await client.connect();
    await client.query('begin');
    return { locked: client.query('select from accounts where id = $1 for update', [walletId]), release: () => client.end() };
  };
  const outsiders: Client[] = [];
  afterEach(async () => {
    await Promise.all(outsiders.splice(0).map((client) => client.end()));
  });

  it('MUST not hold up those who do not name it, neither those that came with it nor those after', async () => {
    const engine = anEngine({ lanes: 2, bounds: { lockMs: 200 } });
    const saver = await aUser(ledger, 10n);
    const outside = await lock(saver.walletId);
    await outside.locked;
    const kinds: string[] = [];
    const ask = (legs: readonly Leg[]) =>
      engine.submit(aSubmission(legs)).then(({ outcome }) => {
        kinds.push(
          legs === toSaver || (legs[0] && 'debit' in legs[0] && legs[0].debit === saver.walletId) ? `stuck ${outcome.kind}` : outcome.kind,
        );
      });
    const toSaver = [move(rich.walletId, receiverOf(saver.userId, 'USD'))];
    const together = [...Array.from({ length: 7 }, () => ask([one()])), ask([move(saver.walletId, poor.walletId)]), ask(toSaver)];
    const startedMs = performance.now();
    await Promise.all(together.slice(0, 7));
    const later = [ask([move(saver.walletId, rich.walletId)]), ask(toSaver)];
    for (let round = 0; round < 5; round += 1) await ask([one()]);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(kinds).toEqual(Array(12).fill('POSTED'));
    await outside.release();
    await Promise.all([...together, ...later]);
    expect(kinds.slice(12)).toEqual(Array(4).fill('stuck POSTED'));
  });

  it('is told to be busy after a while, or unknown where it may have been committed before', async () => {
    const way = await cutOff(ledger.config.databaseUrl);
    const [guarded, taken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const before = async () => {
      guarded.resolve(); // now it has its locks
      return () => undefined;
    };
    const engine = anEngine({ lanes: 1, databaseUrl: way.url, bounds: { lockMs: 200 }, guard: { before } });
    const [saver, other] = [await aUser(ledger, 10n), await aUser(ledger, 10n)];
    const outside = await lock(saver.walletId);
    await outside.locked;
    const askedAtMs = performance.now();
    const refused = anEngine()
      .submit(aSubmission([move(saver.walletId, rich.walletId)])) // nobody else names these two: who waits for one lock holds another
      .catch((error: unknown) => [error, performance.now() - askedAtMs]);
    way.loseAnswerToCommit(taken.promise);
    const key = randomUUID();
    const unsure = engine.submit(aSubmission([move(other.walletId, poor.walletId)], { key })).catch((error: unknown) => error);
    await guarded.promise;
    const next = await lock(other.walletId);
    await next.locked; // as soon as the commit is done, of which nobody has told the engine
    taken.resolve();
    const [error, afterMs] = (await refused) as [unknown, number];
    expect([error, await unsure]).toEqual([expect.any(LedgerBusy), expect.any(LedgerUnsure)]);
    expect(afterMs).toBeLessThan(BEFORE_GATEWAY_GIVES_UP_MS);
    await Promise.all([outside.release(), next.release()]);
    const again = await engine.submit(aSubmission([move(other.walletId, poor.walletId)], { key }));
    expect(again.outcome).toMatchObject({ kind: 'POSTED', isReplayed: true });
    await engine.close();
    await way.close();
  });
});

describe('a batch that takes too long', () => {
  it.each([{ statementMs: 400 }, { transactionMs: 400 }])('is split until its parts do not: %j', async (bounds) => {
    const own = await aLedger();
    const failures: unknown[] = [];
    const engine = anEngine({
      ...{ databaseUrl: own.config.databaseUrl, lanes: 1, bounds },
      events: { onFailure: (error) => failures.push(error) },
    });
    const [from, to] = [await aUser(own, 100n), await aUser(own)];
    await sql(own, 'create function be_slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.03); return new; end $$');
    await sql(own, 'create trigger be_slow before insert on transfers for each row execute function be_slow()');
    const settled = await engine.submitAll(Array.from({ length: 16 }, () => aSubmission([move(from.walletId, to.walletId)])));
    expect(settled.map(kindOf)).toEqual(Array(16).fill('POSTED'));
    expect(failures[0]).toEqual('statementMs' in bounds ? expect.objectContaining({ code: '57014' }) : expect.any(TookTooLong));
    await engine.close();
    await own.close();
  });
});

describe('a migration under way', () => {
  it('MUST not fail what was decided before, whatever column is added or changed meanwhile', async () => {
    const own = await aLedger();
    const failures: unknown[] = [];
    const engine = anEngine({ databaseUrl: own.config.databaseUrl, lanes: 1, events: { onFailure: (error) => failures.push(error) } });
    const [from, to] = [await aUser(own, 100n), await aUser(own)];
    const key = randomUUID();
    const replay = async () => (await engine.submit(aSubmission([move(from.walletId, to.walletId)], { key }))).outcome.kind;
    expect([await replay(), await replay()]).toEqual(['POSTED', 'POSTED']);
    await sql(own, 'alter table transfers add column later text');
    expect([await replay(), failures]).toEqual(['POSTED', []]);
    await sql(own, 'alter table transfers alter column note type varchar(1000)');
    expect([await replay(), failures]).toEqual(['POSTED', [expect.objectContaining({ code: '0A000' })]]);
    await engine.close();
    await own.close();
  });
});

describe('after all of this', () => {
  it('the books MUST prove themselves', async () => {
    expect((await proofOf(ledger)).checks.filter(({ samples }) => samples.length > 0)).toEqual([]);
  });
});
