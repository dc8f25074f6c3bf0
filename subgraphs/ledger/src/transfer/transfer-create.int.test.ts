import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { aLedger, aUser, proofOf, published, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';

const CREATE = `mutation ($input: TransferCreateInput!) {
  transferCreate(input: $input) {
    __typename
    ... on Problem { code message }
    ... on InsufficientFunds { available { minor } }
    ... on IdempotencyKeyReused { differingFields }
    ... on InvalidInput { issues { path } }
    ... on RateLimited { retryAfterMs }
    ... on TransferCreated {
      transfer { id state code note amount { minor } debitAccount { id displayName balance { minor } } creditAccount { id displayName balance { minor } } }
    }
  }
}`;

interface Answer {
  readonly __typename: string;
  readonly code?: string;
  readonly available?: { readonly minor: string };
  readonly differingFields?: readonly string[];
  readonly issues?: readonly { readonly path: readonly string[] }[];
  readonly retryAfterMs?: number;
  readonly transfer?: { readonly id: string; readonly creditAccount: { readonly displayName: string; readonly balance: unknown } };
}

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

const usd = (minor: string) => ({ currency: 'USD', minor });
async function send(from: TestUser, to: object, minor: string, more: object = {}): Promise<Answer> {
  const input = { fromWalletId: from.walletId, to, amount: usd(minor), idempotencyKey: randomUUID(), ...more };
  const { data, errors } = await ledger.ask(from.viewer, CREATE, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as { transferCreate: Answer }).transferCreate;
}
async function balance(user: TestUser): Promise<string> {
  const { wallet } = await ledger.data<{ wallet: { balance: { minor: string } } }>(
    user.viewer,
    'query ($id: ID!) { wallet(id: $id) { balance { minor } } }',
    { id: user.walletId },
  );
  return wallet.balance.minor;
}

describe('transferCreate', () => {
  it('moves money to a handle, an e-mail address or a wallet, and hides the balance of the other side', async () => {
    const [buyer, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    const answer = await send(buyer, { handle: `@${friend.handle.toUpperCase()}` }, '100', { note: ' for lunch ' });
    expect(answer).toMatchObject({
      __typename: 'TransferCreated',
      transfer: {
        state: 'POSTED',
        code: 'TRANSFER',
        note: 'for lunch',
        amount: { minor: '100' },
        debitAccount: { id: buyer.walletId, balance: { minor: '900' } },
      },
    });
    expect(answer.transfer?.creditAccount).toEqual({ id: friend.walletId, displayName: `User ${friend.handle}`, balance: null });
    expect(await send(buyer, { email: friend.email.toUpperCase() }, '100')).toMatchObject({ __typename: 'TransferCreated' });
    expect(await send(buyer, { walletId: friend.walletId }, '100')).toMatchObject({ __typename: 'TransferCreated' });
    expect([await balance(buyer), await balance(friend)]).toEqual(['700', '300']);
  });

  it('tells both sides with owner, sequence, balance and available after the movement', async () => {
    const [buyer, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    const { transfer } = await send(buyer, { walletId: friend.walletId }, '250');
    const posted = await published(ledger, 'TransferPosted');
    expect(posted.find(({ transferId }) => transferId === transfer?.id)).toMatchObject({
      amount: usd('250'),
      debit: { accountId: buyer.walletId, ownerId: buyer.userId, sequence: 2, balance: usd('750'), available: usd('750') },
      credit: { accountId: friend.walletId, ownerId: friend.userId, sequence: 1, balance: usd('250'), available: usd('250') },
    });
  });

  it('counts once when the same key comes twice at once, and answers the same', async () => {
    const [buyer, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    const idempotencyKey = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => send(buyer, { walletId: friend.walletId }, '10', { idempotencyKey })),
    );
    expect(new Set(answers.map(({ transfer }) => transfer?.id)).size).toBe(1);
    expect(await balance(friend)).toBe('10');
  });

  it('names the fields when a key comes back with another body', async () => {
    const [buyer, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    const idempotencyKey = randomUUID();
    await send(buyer, { walletId: friend.walletId }, '10', { idempotencyKey });
    const reused = await send(buyer, { walletId: friend.walletId }, '11', { idempotencyKey });
    expect(reused).toMatchObject({ __typename: 'IdempotencyKeyReused', differingFields: ['input.amount.minor'] });
  });

  it('remembers a refusal under its key although the wallet was filled since', async () => {
    const [buyer, friend] = [await aUser(ledger, 5n), await aUser(ledger)];
    const idempotencyKey = randomUUID();
    const first = await send(buyer, { walletId: friend.walletId }, '10', { idempotencyKey });
    expect(first).toMatchObject({ __typename: 'InsufficientFunds', available: { minor: '5' } });
    await ledger.subgraph.services.operator.fund({
      walletOwnerId: buyer.userId,
      currency: 'USD',
      amountMinor: 100n,
      factKey: randomUUID(),
    });
    expect(await send(buyer, { walletId: friend.walletId }, '10', { idempotencyKey })).toEqual(first);
    expect(await send(buyer, { walletId: friend.walletId }, '10')).toMatchObject({ __typename: 'TransferCreated' });
    const refused = await sql(ledger, `select reason, debit_sequence from transfers where state = 'REFUSED' and debit_account_id = $1`, [
      buyer.walletId,
    ]);
    expect(refused).toEqual([{ reason: 'INSUFFICIENT_FUNDS', debit_sequence: null }]);
  });

  it('opens a wallet for a known recipient who has none in the currency, once however many send at once', async () => {
    const [buyer, friend] = [await aUser(ledger), await aUser(ledger)];
    await ledger.subgraph.services.operator.fund({
      walletOwnerId: buyer.userId,
      currency: 'EUR',
      amountMinor: 100n,
      factKey: randomUUID(),
    });
    const [from] = await sql<{ id: string }>(ledger, `select id from accounts where owner_id = $1 and currency = 'EUR'`, [buyer.userId]);
    const euro = { fromWalletId: from?.id, amount: { currency: 'EUR', minor: '10' } };
    const answers = await Promise.all([1, 2, 3].map(() => send(buyer, { handle: friend.handle }, '10', euro)));
    expect(answers.map(({ __typename }) => __typename)).toEqual(['TransferCreated', 'TransferCreated', 'TransferCreated']);
    expect(await sql(ledger, `select credits_posted from accounts where owner_id = $1 and currency = 'EUR'`, [friend.userId])).toEqual([
      { credits_posted: '30' },
    ]);
  });

  it.each([
    ['nobody’s wallet', async (me: TestUser) => ({ from: me, more: { fromWalletId: newId('wallet') } }), 'WALLET_NOT_FOUND'],
    [
      'somebody else’s wallet',
      async (me: TestUser) => ({ from: me, more: { fromWalletId: (await aUser(ledger, 50n)).walletId } }),
      'WALLET_NOT_FOUND',
    ],
    ['another currency', async (me: TestUser) => ({ from: me, more: { amount: { currency: 'EUR', minor: '1' } } }), 'CURRENCY_MISMATCH'],
    ['its own wallet', async (me: TestUser) => ({ from: me, more: { to: { handle: me.handle } } }), 'SAME_ACCOUNT'],
    ['an unknown wallet', async (me: TestUser) => ({ from: me, more: { to: { walletId: newId('wallet') } } }), 'RECIPIENT_NOT_FOUND'],
    ['a system account', async (me: TestUser) => ({ from: me, more: { to: { walletId: 'system:fees:USD' } } }), 'RECIPIENT_NOT_FOUND'],
    ['no recipient', async (me: TestUser) => ({ from: me, more: { to: {} } }), 'INVALID_INPUT'],
    ['two recipients', async (me: TestUser) => ({ from: me, more: { to: { handle: 'a', email: 'a@example.test' } } }), 'INVALID_INPUT'],
    ['nothing', async (me: TestUser) => ({ from: me, more: { amount: usd('0') } }), 'INVALID_INPUT'],
    ['less than nothing', async (me: TestUser) => ({ from: me, more: { amount: usd('-5') } }), 'INVALID_INPUT'],
    ['the largest amount', async (me: TestUser) => ({ from: me, more: { amount: usd('9223372036854775807') } }), 'INSUFFICIENT_FUNDS'],
    ['a note with control characters', async (me: TestUser) => ({ from: me, more: { note: 'ring\u0007' } }), 'INVALID_INPUT'],
    ['a note of a megabyte', async (me: TestUser) => ({ from: me, more: { note: 'x'.repeat(1_000_000) } }), 'INVALID_INPUT'],
    ['an id of a megabyte', async (me: TestUser) => ({ from: me, more: { fromWalletId: 'x'.repeat(1_000_000) } }), 'INVALID_INPUT'],
  ])('answers a problem for %s and moves nothing', async (_what, given, code) => {
    const [me, friend] = [await aUser(ledger, 100n), await aUser(ledger)];
    const { from, more } = await given(me);
    expect(await send(from, { walletId: friend.walletId }, '1', more)).toMatchObject({ code });
    expect([await balance(me), await balance(friend)]).toEqual(['100', '0']);
  });

  it('stops looking recipients up after 20 misses of a sender, even racing ones', async () => {
    const [prober, friend] = [await aUser(ledger, 100n), await aUser(ledger)];
    const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => send(prober, { email: `nobody${at}@example.test` }, '1')));
    const kinds = answers.map(({ __typename }) => __typename);
    expect(kinds.filter((kind) => kind === 'RecipientNotFound')).toHaveLength(20);
    expect(kinds.filter((kind) => kind === 'RateLimited')).toHaveLength(10);
    const limited = await send(prober, { handle: friend.handle }, '1');
    expect(limited.__typename).toBe('RateLimited');
    expect(limited.retryAfterMs).toBeGreaterThan(3_000_000);
  });

  it('MUST keep the sum of a ring unchanged under 100 parallel transfers', async () => {
    const ring = await Promise.all(Array.from({ length: 10 }, () => aUser(ledger, 1_000n)));
    const moves = Array.from({ length: 100 }, (_, at) =>
      send(ring[at % 10] as TestUser, { walletId: ring[(at + 1 + (at % 3)) % 10]?.walletId }, String(1 + ((at * 37) % 400))),
    );
    const kinds = new Set((await Promise.all(moves)).map(({ __typename }) => __typename));
    expect([...kinds].every((kind) => kind === 'TransferCreated' || kind === 'InsufficientFunds')).toBe(true);
    const balances = await Promise.all(ring.map(balance));
    expect(balances.reduce((sum, minor) => sum + BigInt(minor), 0n)).toBe(10_000n);
  });

  it('puts separate requests into shared commits', async () => {
    const [buyer, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    const commits = async () => Number((await sql<{ count: string }>(ledger, 'select count(*) from ledger_batches'))[0]?.count);
    const before = await commits();
    const answers = await Promise.all(Array.from({ length: 60 }, () => send(buyer, { walletId: friend.walletId }, '1')));
    expect(answers.every(({ __typename }) => __typename === 'TransferCreated')).toBe(true);
    expect((await commits()) - before).toBeLessThan(20);
  });

  it('tells a replay from a first answer, and what it has committed', async () => {
    const [buyer, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    const input = { fromWalletId: buyer.walletId, to: { walletId: friend.walletId }, amount: usd('1'), idempotencyKey: randomUUID() };
    const first = await ledger.ask(buyer.viewer, CREATE, { input });
    const second = await ledger.ask(buyer.viewer, CREATE, { input });
    expect([first.extensions, second.extensions]).toEqual(
      [false, true].map((isReplayed) => ({ idempotency: { replayed: { transferCreate: isReplayed } } })),
    );
    expect([first.committed === null, second.committed === null]).toEqual([false, true]);
    expect(second.data).toEqual(first.data);
  });

  it('MUST leave books that prove themselves', async () => {
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
  });
});
