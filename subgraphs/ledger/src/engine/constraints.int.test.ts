import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sqlState } from '@tessera/service-kit/persistence';
import { aLedger, aUser, inUnit, proofOf, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { post } from './post.ts';
import type { Leg, PostRequest } from './request.ts';

let ledger: TestLedger;
let user: TestUser;
beforeAll(async () => {
  ledger = await aLedger();
  user = await aUser(ledger, 100n);
});
afterAll(() => ledger.close());

const aMove = (key: string, minor: bigint, credit = 'system:fees:USD'): PostRequest => ({
  scope: 'test',
  key,
  legs: [{ kind: 'MOVE', debit: user.walletId, credit, amount: { currency: 'USD', minor }, code: 'OTHER' }],
  actor: 'test',
  traceparent: null,
});

describe('the database', () => {
  it.each([
    ['a wallet below its floor', `update accounts set debits_posted = 101 where kind = 'WALLET'`, '23514'],
    ['a negative counter', `update accounts set debits_pending = -1 where kind = 'BANK'`, '23514'],
    ['a closed wallet with money', `update accounts set is_closed = true, closed_at = now() where kind = 'WALLET'`, '23514'],
    ['a changed transfer', `update transfers set amount_minor = 1`, '23001'],
    ['a deleted transfer', `delete from transfers`, '23001'],
    ['emptied books', `truncate transfers cascade`, '23001'],
    ['a forgotten key', `delete from transfer_keys`, '23001'],
    ['a deleted account', `delete from accounts`, '23001'],
    ...(
      [
        ['id', `id || 'x'`],
        ['kind', `'FEES'`],
        ['address', `'system:fees:EUR'`],
        ['owner_id', `'usr_other'`],
        ['currency', `'EUR'`],
        ['normal_side', `'CREDIT'`],
      ] as const
    ).map(
      ([column, value]) =>
        [`another ${column} of an account`, `update accounts set ${column} = ${value} where kind = 'BANK'`, '23001'] as const,
    ),
    ...['Usd', 'US', 'USDX', '', 'U5D', 'USD\n'].map(
      (currency) =>
        [
          `the currency ${JSON.stringify(currency)}`,
          `insert into accounts (id, kind, owner_id, currency, normal_side, floor_minor, opened_at) select 'x', kind, owner_id, '${currency}', normal_side, 0, now() from accounts where kind = 'WALLET' limit 1`,
          '23514',
        ] as const,
    ),
    [
      'a second default wallet',
      `insert into accounts (id, kind, owner_id, currency, normal_side, floor_minor, is_default, opened_at) select 'x', kind, owner_id, currency, normal_side, 0, true, now() from accounts where kind = 'WALLET' limit 1`,
      '23505',
    ],
  ])('refuses %s', async (_what, statement, code) => {
    const failure = await sql(ledger, statement).then(() => null, sqlState);
    expect(failure).toBe(code);
  });
});

describe('post', () => {
  it('evaluates a batch in order and counts a key that comes twice once', async () => {
    const outcomes = await inUnit(ledger, ({ em }) =>
      post(em, [aMove('one', 60n), aMove('two', 60n), aMove('one', 60n), aMove('one', 1n), aMove('three', 40n)]),
    );
    expect(outcomes).toMatchObject([
      { kind: 'POSTED', isReplayed: false },
      { kind: 'REFUSED', refusal: { reason: 'INSUFFICIENT_FUNDS', availableMinor: 40n } },
      { kind: 'POSTED', isReplayed: true },
      { kind: 'KEY_REUSED', differingFields: ['legs.0.minor'] },
      { kind: 'POSTED' },
    ]);
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
  });

  it('leaves one fact when different bodies race with one new key', async () => {
    const racer = await aUser(ledger, 100n);
    const race = (minor: bigint) =>
      inUnit(ledger, ({ em }) =>
        post(em, [
          {
            ...aMove('race', minor),
            legs: [
              {
                kind: 'MOVE',
                debit: racer.walletId,
                credit: `payable:${racer.userId}:USD`,
                amount: { currency: 'USD', minor },
                code: 'OTHER',
              },
            ],
          },
        ]),
      );
    const kinds = (await Promise.all([race(1n), race(2n), race(3n)])).map(([outcome]) => outcome?.kind);
    expect(kinds.toSorted()).toEqual(['KEY_REUSED', 'KEY_REUSED', 'POSTED']);
  });

  it('MUST refuse what counts for limits from whoever does not say what holds by default', async () => {
    const sent = { ...aMove('sent', 1n), legs: aMove('sent', 1n).legs.map((leg) => ({ ...leg, code: 'TRANSFER' }) as Leg) };
    await expect(inUnit(ledger, ({ em }) => post(em, [sent]))).rejects.toThrow('with the defaults');
    expect(await inUnit(ledger, ({ em }) => post(em, [sent], {}))).toHaveLength(1);
  });

  it('refuses to run outside a transaction', async () => {
    await expect(post(ledger.subgraph.platform.orm.em.fork(), [aMove('alone', 1n)])).rejects.toThrow('inside the transaction');
  });
});

describe('ledgerProof', () => {
  it('MUST turn red for books that were tampered with', async () => {
    await sql(ledger, `update accounts set debits_posted = debits_posted + 7 where kind = 'BANK'`);
    const { isOk, checks } = await proofOf(ledger);
    expect(isOk).toBe(false);
    expect(checks.filter(({ samples }) => samples.length > 0).map(({ id }) => id)).toEqual(['debits-equal-credits', 'counters-fold']);
  });
});
