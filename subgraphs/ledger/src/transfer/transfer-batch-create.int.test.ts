import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { aLedger, aUser, proofOf, published, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { anItem, BATCH, kindsOf, payer, sendBatch, usd } from '../../test/batches.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

async function balance({ walletId }: TestUser): Promise<string> {
  const [row] = await sql<{ minor: string }>(ledger, 'select credits_posted - debits_posted as minor from accounts where id = $1', [
    walletId,
  ]);
  return String(row?.minor);
}
const balances = (...users: readonly TestUser[]) => Promise.all(users.map(balance));

describe('transferBatchCreate', () => {
  it('sends to handles, e-mail addresses and wallets, and answers each in its place', async () => {
    const [payer, ann, bob] = [await aUser(ledger, 1_000n), await aUser(ledger), await aUser(ledger)];
    const answer = await sendBatch(ledger, payer, [
      anItem({ handle: `@${ann.handle.toUpperCase()}` }, '1', { note: ' one ' }),
      anItem({ email: bob.email.toUpperCase() }, '2'),
      anItem({ walletId: newId('wallet') }, '3'),
      anItem({ walletId: ann.walletId }, '4'),
      anItem({ walletId: bob.walletId }, '5000'),
      anItem({ handle: payer.handle }, '6'),
      anItem({ walletId: bob.walletId }, '7', { amount: { currency: 'EUR', minor: '7' } }),
      anItem({ walletId: bob.walletId }, '8', { fromWalletId: bob.walletId }),
      anItem({ walletId: bob.walletId }, '9'),
    ]);
    expect(answer).toMatchObject({ __typename: 'TransferBatchCreated', createdCount: 4 });
    expect(answer.results).toMatchObject([
      { transfer: { amount: { minor: '1' }, note: 'one' } },
      { transfer: { amount: { minor: '2' }, note: null } },
      { code: 'RECIPIENT_NOT_FOUND', path: ['input', 'items', '2', 'to'] },
      { transfer: { amount: { minor: '4' } } },
      { code: 'INSUFFICIENT_FUNDS', path: ['input', 'fromWalletId'] },
      { code: 'SAME_ACCOUNT', path: ['input', 'items', '5', 'to'] },
      { code: 'CURRENCY_MISMATCH', path: ['input', 'items', '6', 'amount', 'currency'] },
      { code: 'WALLET_NOT_FOUND', path: ['input', 'items', '7', 'fromWalletId'] },
      { transfer: { amount: { minor: '9' } } },
    ]);
    expect(await balances(payer, ann, bob)).toEqual(['984', '5', '11']);
    const told = (await published(ledger, 'TransferPosted')).filter(({ debit }) => debit.accountId === payer.walletId);
    expect(told.map(({ amount }) => amount.minor)).toEqual(['1', '2', '4', '9']);
  });

  it('makes a thousand in one commit, in the order of the list, with a handful of statements for finding everybody', async () => {
    const [payer, friends] = [await aUser(ledger, 10_000n), await Promise.all(Array.from({ length: 5 }, () => aUser(ledger)))];
    const items = Array.from({ length: 1_000 }, (_, at) =>
      anItem({ email: friends[at % 5]?.email }, String(1 + (at % 3)), { note: `pay ${at}` }),
    );
    const answer = await sendBatch(ledger, payer, items);
    expect(answer.createdCount).toBe(1_000);
    expect(answer.results?.map(({ transfer }) => transfer?.note)).toEqual(items.map((_, at) => `pay ${at}`));
    const rows = await sql<{ batches: string; in_order: boolean }>(
      ledger,
      `select count(distinct batch_id) as batches, bool_and(substr(note, 5)::int = debit_sequence - 2) as in_order from transfers
       where debit_account_id = $1 and code = 'TRANSFER'`,
      [payer.walletId],
    );
    expect(rows).toEqual([{ batches: '1', in_order: true }]);
    const paid = items.reduce((sum, { amount }) => sum + BigInt(amount.minor), 0n);
    expect(await balance(payer)).toBe(String(10_000n - paid));
  });

  it('opens wallets for all known recipients without one, in one commit', async () => {
    const [payer, ann, bob] = [await aUser(ledger), await aUser(ledger), await aUser(ledger)];
    const fund = { walletOwnerId: payer.userId, currency: 'JPY', amountMinor: 100n, factKey: randomUUID() } as const;
    const { walletId } = await ledger.subgraph.services.operator.fund(fund);
    const amount = { currency: 'JPY', minor: '10' };
    const to = [{ handle: ann.handle }, { email: bob.email }, { email: ann.email }];
    const answer = await sendBatch(
      ledger,
      payer,
      to.map((recipient) => ({ to: recipient, amount })),
      { fromWalletId: walletId },
    );
    expect(answer.createdCount).toBe(3);
    const received = `select owner_id, credits_posted from accounts where currency = 'JPY' and owner_id = any($1)`;
    expect(await sql(ledger, `${received} order by credits_posted`, [[ann.userId, bob.userId]])).toEqual([
      { owner_id: bob.userId, credits_posted: '10' },
      { owner_id: ann.userId, credits_posted: '20' },
    ]);
    const opened = (await published(ledger, 'WalletOpened')).filter(({ currency }) => currency === 'JPY');
    expect(opened.map(({ ownerId }) => ownerId).sort()).toEqual([ann.userId, bob.userId, payer.userId].sort());
  });

  it('is for who may send batches', async () => {
    const user = await aUser(ledger, 10n);
    const input = { fromWalletId: user.walletId, items: [anItem({ handle: 'a' }, '1')], idempotencyKey: randomUUID() };
    expect((await ledger.ask(user.viewer, BATCH, { input })).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});

describe('an atomic batch', () => {
  it('moves everything as one linked group', async () => {
    const [payer, ann, bob] = [await aUser(ledger, 100n), await aUser(ledger), await aUser(ledger)];
    const items = [anItem({ handle: ann.handle }, '60'), anItem({ handle: bob.handle }, '40')];
    const answer = await sendBatch(ledger, payer, items, { atomic: true });
    expect(answer).toMatchObject({
      createdCount: 2,
      results: [{ transfer: { amount: { minor: '60' } } }, { transfer: { amount: { minor: '40' } } }],
    });
    expect(await balances(payer, ann, bob)).toEqual(['0', '60', '40']);
    const groups = await sql(ledger, 'select distinct linked_group from transfers where id = any($1)', [
      answer.results?.map(({ transfer }) => transfer?.id),
    ]);
    expect(groups).toEqual([{ linked_group: answer.results?.[0]?.transfer?.id }]);
  });

  it.each([
    ['funds that do not suffice for all', (friend: TestUser) => anItem({ walletId: friend.walletId }, '71'), 'InsufficientFunds'],
    ['an unknown recipient', (_friend: TestUser) => anItem({ email: 'nobody@example.test' }, '1'), 'RecipientNotFound'],
    ['a foreign wallet', ({ walletId }: TestUser) => anItem({ walletId }, '1', { fromWalletId: walletId }), 'WalletNotFound'],
  ])('moves nothing for %s, names the item, and stays so', async (_what, bad, reason) => {
    const [payer, friend] = [await aUser(ledger, 100n), await aUser(ledger)];
    const good = anItem({ walletId: friend.walletId }, '30');
    const idempotencyKey = randomUUID();
    const send = () => sendBatch(ledger, payer, [good, bad(friend), good], { atomic: true, idempotencyKey });
    const answer = await send();
    expect(answer).toMatchObject({
      ...{ __typename: 'TransferBatchRefused', itemIndex: 1, path: ['input', 'items', '1'] },
      reason: { __typename: reason },
    });
    expect(await balances(payer, friend)).toEqual(['100', '0']);
    await ledger.subgraph.services.operator.fund({
      walletOwnerId: payer.userId,
      currency: 'USD',
      amountMinor: 500n,
      factKey: randomUUID(),
    });
    expect(await send()).toEqual(answer);
    expect(await balances(payer, friend)).toEqual(['600', '0']);
  });

  it('tells that it was refused, once, by the item at fault', async () => {
    const [payer, friend] = [await aUser(ledger, 5n), await aUser(ledger)];
    const items = ['3', '4', '1'].map((minor) => anItem({ walletId: friend.walletId }, minor));
    await sendBatch(ledger, payer, items, { atomic: true });
    const told = (await published(ledger, 'TransferRefused')).filter(({ factKey }) => factKey.includes(payer.userId));
    expect(told).toMatchObject([{ amount: usd('4'), reason: 'INSUFFICIENT_FUNDS' }]);
    const rows = await sql(ledger, `select reason from transfers where debit_account_id = $1 and state = 'REFUSED' order by id`, [
      payer.walletId,
    ]);
    expect(rows.map(({ reason }) => reason).sort()).toEqual(['INSUFFICIENT_FUNDS', 'LINKED_LEG_REFUSED', 'LINKED_LEG_REFUSED']);
  });
});

describe('keys of batches', () => {
  it('answer a retry equally, also racing ones, and refusals although the wallet was filled since', async () => {
    const [payer, friend] = [await aUser(ledger, 10n), await aUser(ledger)];
    const items = ['4', '100', '5'].map((minor) => anItem({ walletId: friend.walletId }, minor));
    const idempotencyKey = randomUUID();
    const send = () => sendBatch(ledger, payer, items, { idempotencyKey });
    const answers = await Promise.all([send(), send(), send()]);
    await ledger.subgraph.services.operator.fund({
      walletOwnerId: payer.userId,
      currency: 'USD',
      amountMinor: 500n,
      factKey: randomUUID(),
    });
    answers.push(await send());
    expect(answers.map(kindsOf)).toEqual(answers.map(() => ['TransferCreated', 'InsufficientFunds', 'TransferCreated']));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await balances(payer, friend)).toEqual(['501', '9']);
  });

  it('tell a replay from a first answer', async () => {
    const [user, friend] = [await aUser(ledger, 10n), await aUser(ledger)];
    const input = { fromWalletId: user.walletId, items: [anItem({ walletId: friend.walletId }, '1')], idempotencyKey: randomUUID() };
    const first = await ledger.ask(payer(user), BATCH, { input });
    const second = await ledger.ask(payer(user), BATCH, { input });
    expect([first, second].map(({ extensions }) => extensions)).toEqual(
      [false, true].map((isReplayed) => ({ idempotency: { replayed: { transferBatchCreate: isReplayed } } })),
    );
    expect([first.committed === null, second.committed === null]).toEqual([false, true]);
    expect(second.data).toEqual(first.data);
  });

  it('name what differs, and then nothing of the other body happens', async () => {
    const [payer, friend] = [await aUser(ledger, 100n), await aUser(ledger)];
    const item = anItem({ walletId: friend.walletId }, '1');
    const idempotencyKey = randomUUID();
    await sendBatch(ledger, payer, [item, item], { idempotencyKey });
    const [longer, other, atomic] = [
      await sendBatch(ledger, payer, [item, item, item], { idempotencyKey }),
      await sendBatch(ledger, payer, [item, { ...item, amount: usd('2') }], { idempotencyKey }),
      await sendBatch(ledger, payer, [item, item], { idempotencyKey, atomic: true }),
    ];
    expect(longer.__typename).toBe('IdempotencyKeyReused');
    expect(other.differingFields).toEqual(['input.items.1.amount.minor']);
    expect(atomic.differingFields).toEqual(['input.atomic']);
    expect(await balance(friend)).toBe('2');
  });

  it('of items are one payment for ever, in whatever batch they come', async () => {
    const [payer, friend] = [await aUser(ledger, 100n), await aUser(ledger)];
    const item = (invoice: string, minor: string) => anItem({ walletId: friend.walletId }, minor, { idempotencyKey: invoice });
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    const first = await sendBatch(ledger, payer, [item(a, '1'), item(b, '2')]);
    const second = await sendBatch(ledger, payer, [item(b, '2'), item(a, '9'), item(c, '4')]);
    expect(second.results).toMatchObject([
      { transfer: first.results?.[1]?.transfer },
      { __typename: 'IdempotencyKeyReused', differingFields: ['input.items.1.amount.minor'] },
      { transfer: { amount: { minor: '4' } } },
    ]);
    expect(await balance(friend)).toBe('7');
  });
});

describe('misses in batches', () => {
  it('stop at 20 in an hour, in the order of the items: nothing that comes after is told, found or not', async () => {
    const [prober, friend] = [await aUser(ledger, 100n), await aUser(ledger)];
    const nobody = (at: number) => anItem({ email: `nobody${at}@example.test` }, '1');
    const hit = anItem({ email: friend.email }, '1');
    const items = [hit, ...Array.from({ length: 25 }, (_, at) => nobody(at)), hit];
    const idempotencyKey = randomUUID();
    const answer = await sendBatch(ledger, prober, items, { idempotencyKey });
    expect(kindsOf(answer)).toEqual(['TransferCreated', ...Array(20).fill('RecipientNotFound'), ...Array(6).fill('RateLimited')]);
    expect(await balance(friend)).toBe('1');
    const [before] = await sql(ledger, 'select misses from recipient_misses where sender_id = $1', [prober.userId]);
    expect(kindsOf(await sendBatch(ledger, prober, items, { idempotencyKey }))).toEqual(kindsOf(answer));
    expect(await sql(ledger, 'select misses from recipient_misses where sender_id = $1', [prober.userId])).toEqual([before]);
    // An hour later the rest is decided, under the same key.
    await sql(ledger, `update recipient_misses set window_started_at = window_started_at - interval '61 minutes' where sender_id = $1`, [
      prober.userId,
    ]);
    expect(kindsOf(await sendBatch(ledger, prober, items, { idempotencyKey }))).toEqual([
      'TransferCreated',
      ...Array(25).fill('RecipientNotFound'),
      'TransferCreated',
    ]);
  });

  it('count together with those of single batches that race', async () => {
    const prober = await aUser(ledger, 100n);
    const batch = (name: string) => Array.from({ length: 10 }, (_, at) => anItem({ email: `${name}${at}@example.test` }, '1'));
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => sendBatch(ledger, prober, batch(name))));
    const kinds = answers.flatMap(kindsOf);
    expect(kinds.filter((kind) => kind === 'RecipientNotFound').length).toBeLessThanOrEqual(20);
    expect(kinds).toHaveLength(40);
    expect(await sendBatch(ledger, prober, batch('e'), { atomic: true })).toMatchObject({ __typename: 'RateLimited' });
  });
});

describe('the books afterwards', () => {
  it('MUST prove themselves', async () => {
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
  });
});
