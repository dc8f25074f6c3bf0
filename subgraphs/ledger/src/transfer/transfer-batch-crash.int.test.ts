import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aLedger, aUser, proofOf, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { anItem, BATCH, type BatchAnswer, payer } from '../../test/batches.ts';
import { type LedgerProcess, startLedgerProcess } from '../../test/ledger-process.ts';

const ITEMS = 1_000;
const COMMIT_SIZE = 100;
const WITHIN_MS = 120_000;

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

async function made({ walletId }: TestUser): Promise<number> {
  const [row] = await sql<{ count: string }>(ledger, `select count(*) from transfers where debit_account_id = $1 and state = 'POSTED'`, [
    walletId,
  ]);
  return Number(row?.count);
}

async function send(process: LedgerProcess, from: TestUser, input: object): Promise<BatchAnswer> {
  const { data, errors } = await process.ask(payer(from), BATCH, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.transferBatchCreate as BatchAnswer; // the only field that was asked for
}

it.each([
  ['ledger.batch.claimed', 0, false],
  ['ledger.engine.committed#3', 3 * COMMIT_SIZE, false],
  ['ledger.engine.committed#1', ITEMS, true],
])(
  'MUST lose no item and make none twice when the process dies at %s and the batch comes again',
  async (crashAt, decided, atomic) => {
    const [me, friend] = [await aUser(ledger, 100_000n), await aUser(ledger)];
    const items = Array.from({ length: ITEMS }, (_, at) => anItem({ walletId: friend.walletId }, String(1 + (at % 7))));
    const input = { fromWalletId: me.walletId, items, atomic, idempotencyKey: randomUUID() };
    const dying = await startLedgerProcess(ledger, { CRASH_AT: crashAt, LEDGER_ENGINE_BATCH_SIZE: String(COMMIT_SIZE) });
    await expect(send(dying, me, input)).rejects.toThrow();
    expect(await dying.ended).toBe('SIGKILL');
    expect(await made(me)).toBeGreaterThanOrEqual(decided);
    expect(await made(me)).toBeLessThanOrEqual(decided + COMMIT_SIZE); // another lane may have been under way

    const next = await startLedgerProcess(ledger, { LEDGER_ENGINE_BATCH_SIZE: String(COMMIT_SIZE) });
    const answers = [await send(next, me, input), await send(next, me, input)];
    await next.kill();
    expect(answers.map(({ createdCount }) => createdCount)).toEqual([ITEMS, ITEMS]);
    expect(answers[1]).toEqual(answers[0]);
    expect(await made(me)).toBe(ITEMS);
    const minors = answers[0]?.results?.map(({ transfer }) => transfer?.amount.minor);
    expect(minors).toEqual(items.map(({ amount }) => amount.minor));
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
  },
  WITHIN_MS,
);
