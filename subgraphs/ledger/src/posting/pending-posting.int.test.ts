import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { aLedger, aUser, inUnit, proofOf, sql, type TestLedger } from '../../test/a-ledger.ts';
import { balances, inAnHour, leg, posting, resolution, told, typesTold, usd } from '../../test/postings.ts';
import { expireHolds } from '../hold/expire-holds.ts';

const CLEARING = 'system:clearing.stripe:USD';
const FEES = 'system:fees:USD';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterEach(async () => {
  expect(await proofOf(ledger)).toMatchObject({ isOk: true });
});
afterAll(() => ledger.close());

/** A refund to a card as payments asks for it: from a vendor and the platform, of nobody's wallet. */
function aRefund() {
  const factKey = `refund:${newId('refund')}`;
  const payable = `payable:${newId('user')}:USD`;
  const facts = { orderId: newId('order'), paymentId: newId('payment') };
  const legs = [leg(payable, CLEARING, '95', 'REFUND'), leg(FEES, CLEARING, '5', 'REFUND')];
  const ask = (pendingUntil = inAnHour()) => posting(ledger, factKey, legs, { ...facts, pendingUntil });
  const resolve = (outcome: 'POST' | 'VOID', key = `${factKey}:${outcome}`) =>
    resolution(ledger, key, { pendingFactKey: factKey, outcome, ...facts });
  return { factKey, payable, facts, legs, ask, resolve };
}
const reasonsOf = async (factKey: string) => (await told(ledger, factKey)).map(({ type, payload }) => payload.reason ?? type);
const rowsOf = (factKey: string) =>
  sql<{ state: string; group: string }>(ledger, 'select state, linked_group as group from transfers where fact_key = $1 order by id', [
    factKey,
  ]);

describe('a pending posting', () => {
  it('holds its legs as one linked group, and tells each hold once and the answer every time', async () => {
    const before = await balances(ledger);
    const { factKey, payable, facts, ask, resolve } = aRefund();
    const pendingUntil = inAnHour();
    await ask(pendingUntil);
    await ask(pendingUntil);
    const events = await told(ledger, factKey);
    expect(events.map(({ type }) => type)).toEqual(['HoldPlaced', 'HoldPlaced', 'PostingCompleted', 'PostingCompleted']);
    const [first, second, completed, again] = events;
    expect(first).toMatchObject({
      aggregateId: first?.payload.holdId,
      payload: {
        amount: usd('95'),
        code: 'REFUND',
        expiresAt: pendingUntil,
        debit: { address: payable, ownerId: null, sequence: 1, balance: usd('0'), available: usd('-95') },
        credit: { address: CLEARING, ownerId: null },
        ...facts,
      },
    });
    expect(completed?.payload).toMatchObject({ transferIds: [first?.payload.holdId, second?.payload.holdId], ...facts });
    expect(again?.payload).toEqual(completed?.payload);
    expect(new Set((await rowsOf(factKey)).map(({ group }) => group))).toEqual(new Set([first?.payload.holdId]));
    expect(await balances(ledger)).toMatchObject({ [payable]: '0 (-95)' });
    await resolve('VOID');
    expect(await balances(ledger)).toEqual(before);
  });

  it.each([
    ['POST', 'HoldPosted', 'POSTED', 'HOLD_POSTED'],
    ['VOID', 'HoldVoided', 'VOIDED', 'HOLD_VOIDED'],
  ] as const)('is resolved whole by %s, once: the same key answers the same, another is refused', async (outcome, event, state, reason) => {
    const { factKey, payable, facts, ask, resolve } = aRefund();
    await ask();
    await resolve(outcome);
    await resolve(outcome);
    const events = await told(ledger, `${factKey}:${outcome}`);
    expect(events.map(({ type }) => type)).toEqual([event, event, 'PostingCompleted', 'PostingCompleted']);
    const [first, second, completed, again] = events;
    expect(first).toMatchObject({
      aggregateId: first?.payload.holdId,
      payload: { amount: usd('95'), debit: { address: payable }, ...facts },
    });
    expect(completed?.payload).toMatchObject({ transferIds: [first?.payload.transferId, second?.payload.transferId], ...facts });
    expect(again?.payload).toEqual(completed?.payload);
    expect((await rowsOf(`${factKey}:${outcome}`)).map((row) => row.state)).toEqual([state, state]);

    for (const other of ['POST', 'VOID'] as const) {
      await resolve(other, `${factKey}:other:${other}`);
      expect(await reasonsOf(`${factKey}:other:${other}`)).toEqual([reason]);
    }
    await ask((await told(ledger, factKey))[0]?.payload.expiresAt as string); // an instant, as the contract has it
    expect((await typesTold(ledger, factKey)).slice(-2)).toEqual(['PostingCompleted', 'PostingCompleted']);
  });

  it('is posted or voided, never both nor in part, when both race', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { factKey, ask, resolve } = aRefund();
      await ask();
      await Promise.all([resolve('POST'), resolve('VOID')]);
      const states = [...(await rowsOf(`${factKey}:POST`)), ...(await rowsOf(`${factKey}:VOID`))].map(({ state }) => state);
      expect([
        ['POSTED', 'POSTED'],
        ['VOIDED', 'VOIDED'],
      ]).toContainEqual(states);
    }
  });

  it('expires leg by leg under its own fact key, and cannot be posted from its deadline on, swept or not', async () => {
    const before = await balances(ledger);
    const { factKey, ask, resolve } = aRefund();
    await ask(new Date(Date.now() + 250).toISOString());
    await new Promise((resolved) => setTimeout(resolved, 270));
    await resolve('POST', `${factKey}:late`);
    expect(await reasonsOf(`${factKey}:late`)).toEqual(['HOLD_EXPIRED']);
    await Promise.all([1, 2].map(() => inUnit(ledger, expireHolds)));
    expect(await typesTold(ledger, factKey)).toEqual(['HoldPlaced', 'HoldPlaced', 'PostingCompleted', 'HoldExpired', 'HoldExpired']);
    await resolve('VOID');
    expect(await reasonsOf(`${factKey}:VOID`)).toEqual(['HOLD_EXPIRED']);
    expect(await balances(ledger)).toEqual(before);
  });

  it('holds nothing when one leg is refused, and what it did not hold cannot be resolved', async () => {
    const [user, factKey] = [await aUser(ledger, 10n), 'top-up-refund-refused'];
    const legs = [leg(user.walletId, CLEARING, '4', 'REFUND'), leg(user.walletId, CLEARING, '7', 'REFUND')];
    await posting(ledger, factKey, legs, { pendingUntil: inAnHour() });
    expect(await reasonsOf(factKey)).toEqual(['INSUFFICIENT_FUNDS']);
    expect(await balances(ledger)).toMatchObject({ [user.walletId]: '10' });
    for (const outcome of ['POST', 'VOID'] as const) {
      await resolution(ledger, `${factKey}:${outcome}`, { pendingFactKey: factKey, outcome });
      expect(await reasonsOf(`${factKey}:${outcome}`)).toEqual(['HOLD_NOT_FOUND']);
    }
    await posting(ledger, 'too-late', legs, { pendingUntil: new Date(Date.now() - 1_000).toISOString() });
    expect(await reasonsOf('too-late')).toEqual(['DEADLINE_PASSED']);
  });

  it('is not found before it was asked for, and that answer stays what it was', async () => {
    const { factKey, ask, resolve } = aRefund();
    await resolve('POST');
    await ask();
    await resolve('POST');
    expect(await reasonsOf(`${factKey}:POST`)).toEqual(['HOLD_NOT_FOUND', 'HOLD_NOT_FOUND']);
    await resolve('VOID');
    expect(await typesTold(ledger, `${factKey}:VOID`)).toEqual(['HoldVoided', 'HoldVoided', 'PostingCompleted']);
  });

  it('fails loudly when a fact key comes back with another content', async () => {
    const { factKey, facts, legs, ask, resolve } = aRefund();
    await ask();
    await expect(posting(ledger, factKey, legs, facts)).rejects.toThrow('legs.0.kind');
    await resolve('POST');
    await expect(resolve('VOID', `${factKey}:POST`)).rejects.toThrow('legs.0.kind');
    await expect(resolution(ledger, `${factKey}:POST`, { pendingFactKey: 'another', outcome: 'POST', ...facts })).rejects.toThrow(
      'legs.0.holdId',
    );
  });
});
