import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { aLedger, aUser, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { BATCH, payer, usd } from '../../test/batches.ts';

/** The table of bad input of the ledger, for a transfer and for the second of two in a batch: code and path, nothing moved, and what becomes of the key. */

let ledger: TestLedger;
let me: TestUser;
let friend: TestUser;
let closed: TestUser;
let closedOfMine: string;
beforeAll(async () => {
  ledger = await aLedger();
  [me, friend, closed] = [await aUser(ledger, 100n), await aUser(ledger, 5n), await aUser(ledger)];
  const close = 'mutation ($input: WalletCloseInput!) { walletClose(input: $input) { __typename } }';
  await ledger.data(closed.viewer, close, { input: { walletId: closed.walletId } });
  const open = 'mutation ($input: WalletOpenInput!) { walletOpen(input: $input) { ... on WalletOpened { wallet { id } } } }';
  const { walletOpen } = await ledger.data<{ walletOpen: { wallet: { id: string } } }>(me.viewer, open, { input: { currency: 'USD' } });
  closedOfMine = walletOpen.wallet.id;
  await ledger.data(me.viewer, close, { input: { walletId: closedOfMine } });
});
afterAll(() => ledger.close());

const CREATE = `mutation ($input: TransferCreateInput!) { transferCreate(input: $input) {
  __typename ... on Problem { code path } ... on InvalidInput { issues { path code } } } }`;

interface Answer {
  readonly __typename: string;
  readonly code?: string;
  readonly path?: readonly string[];
  readonly issues?: readonly { readonly path: readonly string[]; readonly code: string }[];
  readonly results?: readonly Answer[];
}
type Asked = Readonly<Record<string, unknown>>;
type Row = readonly [what: string, item: () => Asked, code: string, path: string];

const good = (): Asked => ({ fromWalletId: me.walletId, to: { walletId: friend.walletId }, amount: usd('1') });

/** Malformed: what the rules refuse; the key stays free. */
const malformed: readonly Row[] = [
  ['zero', () => ({ amount: usd('0') }), 'too_small', 'amount.minor'],
  ['a negative amount', () => ({ amount: usd('-5') }), 'too_small', 'amount.minor'],
  ['no recipient', () => ({ to: {} }), 'custom', 'to'],
  ['two recipients', () => ({ to: { handle: friend.handle, email: friend.email } }), 'custom', 'to'],
  ['a note of 10 KB', () => ({ note: 'x'.repeat(10_240) }), 'too_big', 'note'],
  ['a note of blanks', () => ({ note: '   ' }), 'too_small', 'note'],
  ['control characters in the note', () => ({ note: 'ring\u0007' }), 'custom', 'note'],
  ['a NUL in the note', () => ({ note: 'a\u0000b' }), 'invalid_format', 'note'],
  ['a lone surrogate in the note', () => ({ note: 'a\uD800' }), 'invalid_format', 'note'],
  ['a C1 control character in the note', () => ({ note: 'next\u0085' }), 'custom', 'note'],
  ['text that turns its direction in the note', () => ({ note: 'pay \u202e001\u202c' }), 'custom', 'note'],
  ['an isolate in the note', () => ({ note: 'to \u2067me\u2069' }), 'custom', 'note'],
  ['an endless handle', () => ({ to: { handle: 'x'.repeat(1_000) } }), 'too_big', 'to.handle'],
  ['an endless wallet id', () => ({ to: { walletId: 'x'.repeat(1_000) } }), 'too_big', 'to.walletId'],
  ['an endless id of the paying wallet', () => ({ fromWalletId: 'x'.repeat(1_000) }), 'too_big', 'fromWalletId'],
];

/** What a scalar refuses before anything runs. */
const unscalar: readonly Row[] = [
  ['an amount as a number', () => ({ amount: { currency: 'USD', minor: 5 } }), 'BAD_USER_INPUT', 'amount.minor'],
  ['an amount of another exponent', () => ({ amount: usd('1.50') }), 'BAD_USER_INPUT', 'amount.minor'],
  ['an amount with an e', () => ({ amount: usd('1e3') }), 'BAD_USER_INPUT', 'amount.minor'],
  ['an amount beyond 64 bits', () => ({ amount: usd('9223372036854775808') }), 'BAD_USER_INPUT', 'amount.minor'],
  ['no amount', () => ({ amount: { currency: 'USD' } }), 'BAD_USER_INPUT', 'amount'],
  ['an unknown currency', () => ({ amount: { currency: 'XQQ', minor: '1' } }), 'BAD_USER_INPUT', 'amount.currency'],
  ['what is no e-mail address', () => ({ to: { email: 'nobody' } }), 'BAD_USER_INPUT', 'to.email'],
];

/** Definite: the same for ever under the same key. */
const definite: readonly Row[] = [
  ['an unknown paying wallet', () => ({ fromWalletId: newId('wallet') }), 'WALLET_NOT_FOUND', 'fromWalletId'],
  ['a foreign paying wallet', () => ({ fromWalletId: friend.walletId }), 'WALLET_NOT_FOUND', 'fromWalletId'],
  ['a system account as paying wallet', () => ({ fromWalletId: 'system:bank:USD' }), 'WALLET_NOT_FOUND', 'fromWalletId'],
  ['a closed paying wallet', () => ({ fromWalletId: closedOfMine }), 'ACCOUNT_CLOSED', 'fromWalletId'],
  ['an unknown receiving wallet', () => ({ to: { walletId: newId('wallet') } }), 'RECIPIENT_NOT_FOUND', 'to'],
  ['an unknown handle', () => ({ to: { handle: `nobody-${randomUUID()}` } }), 'RECIPIENT_NOT_FOUND', 'to'],
  ['a system account as recipient', () => ({ to: { walletId: 'system:fees:USD' } }), 'RECIPIENT_NOT_FOUND', 'to'],
  ['a closed receiving wallet', () => ({ to: { walletId: closed.walletId } }), 'ACCOUNT_CLOSED', 'to'],
  ['itself', () => ({ to: { walletId: me.walletId } }), 'SAME_ACCOUNT', 'to'],
  ['another currency than the wallet’s', () => ({ amount: { currency: 'EUR', minor: '1' } }), 'CURRENCY_MISMATCH', 'amount.currency'],
  ['more than is there', () => ({ amount: usd('101') }), 'INSUFFICIENT_FUNDS', 'fromWalletId'],
  ['the largest amount', () => ({ amount: usd('9223372036854775807') }), 'INSUFFICIENT_FUNDS', 'fromWalletId'],
];

/** How each mutation is asked with one bad item, and where that stands. */
const ways = {
  transferCreate: {
    ask: (bad: Asked, idempotencyKey: string) => ledger.ask(me.viewer, CREATE, { input: { ...good(), ...bad, idempotencyKey } }),
    prefix: ['input'],
    problemOf: (answer: Answer) => answer,
  },
  transferBatchCreate: {
    ask: (bad: Asked, idempotencyKey: string) =>
      ledger.ask(payer(me), BATCH, {
        input: {
          items: [
            { ...good(), amount: usd('101') },
            { ...good(), ...bad },
          ],
          idempotencyKey,
        },
      }),
    prefix: ['input', 'items', '1'],
    problemOf: (answer: Answer) => answer.results?.[1] ?? answer,
  },
} as const;
type Way = keyof typeof ways;

const each = (rows: readonly Row[]) =>
  (Object.keys(ways) as Way[]).flatMap((way) => rows.map(([what, item, code, path]) => [way, what, item, code, path] as const));

async function standing() {
  const [row] = await sql(
    ledger,
    `select (select count(*) from transfers where state <> 'REFUSED') as transfers, (select count(*) from transfer_keys) as keys,
       (select count(*) from idempotency_keys) as claims, (select sum(debits_posted + credits_posted) from accounts) as moved`,
  );
  return row;
}

const field = (answer: Awaited<ReturnType<TestLedger['ask']>>, way: Way): Answer => {
  expect(answer.errors).toBeUndefined();
  return answer.data?.[way] as Answer; // the only field that was asked for
};

describe('malformed input', () => {
  it.each(each(malformed))('%s refuses %s with the path, writes nothing and leaves the key free', async (way, _what, bad, code, path) => {
    const { ask, prefix } = ways[way];
    const before = await standing();
    const key = randomUUID();
    const answer = field(await ask(bad(), key), way);
    expect(answer).toMatchObject({ __typename: 'InvalidInput', issues: [{ code, path: [...prefix, ...path.split('.')] }] });
    expect(await standing()).toEqual(before);
    expect(field(await ask({ amount: usd('101') }, key), way).__typename).not.toBe('IdempotencyKeyReused');
  });

  it('is refused with the path in the text of a query, too', async () => {
    const text = `mutation { transferCreate(input: { fromWalletId: "w", to: { handle: "h" }, amount: { currency: "USD", minor: 5 }, idempotencyKey: "literal" }) { __typename } }`;
    expect((await ledger.ask(me.viewer, text)).errors).toMatchObject([
      { message: 'MinorUnits must be a string.', extensions: { code: 'BAD_USER_INPUT', path: ['input', 'amount', 'minor'] } },
    ]);
  });

  it.each(each(unscalar))('%s refuses %s as BAD_USER_INPUT with the path', async (way, _what, bad, code, path) => {
    const { ask, prefix } = ways[way];
    const before = await standing();
    const key = randomUUID();
    const { errors } = await ask(bad(), key);
    expect(errors).toMatchObject([{ extensions: { code, path: [...prefix, ...path.split('.')] } }]);
    expect(await standing()).toEqual(before);
    expect(field(await ask({ amount: usd('101') }, key), way).__typename).not.toBe('IdempotencyKeyReused');
  });
});

describe('a definite refusal', () => {
  it.each(each(definite))(
    '%s refuses %s with the path, moves nothing and remembers it under the key',
    async (way, _what, bad, code, path) => {
      const { ask, prefix, problemOf } = ways[way];
      await sql(ledger, 'delete from recipient_misses');
      const moved = (await standing())?.moved;
      const [key, input] = [randomUUID(), bad()];
      const problem = problemOf(field(await ask(input, key), way));
      expect(problem).toMatchObject({ code, path: [...prefix, ...path.split('.')] });
      expect((await standing())?.moved).toBe(moved);
      expect(problemOf(field(await ask(input, key), way))).toEqual(problem);
      expect(field(await ask({ note: 'another' }, key), way).__typename).toBe('IdempotencyKeyReused');
    },
  );
});

describe('a malformed batch', () => {
  const item = () => ({ to: { walletId: friend.walletId }, amount: usd('1') });
  const keyed = (idempotencyKey: string) => ({ ...item(), idempotencyKey });
  it.each<readonly [string, () => Asked, string, string]>([
    ['no items', () => ({ items: [] }), 'too_small', 'items'],
    ['1,001 items', () => ({ items: Array.from({ length: 1_001 }, item) }), 'too_big', 'items'],
    ['two items with one key', () => ({ items: [keyed('a'), item(), keyed('a')] }), 'duplicate', 'items.2.idempotencyKey'],
    ['a key of an item with a blank', () => ({ items: [keyed('a b')] }), 'invalid_format', 'items.0.idempotencyKey'],
    ['an endless key of an item', () => ({ items: [keyed('x'.repeat(129))] }), 'too_big', 'items.0.idempotencyKey'],
    ['keys of items in an atomic batch', () => ({ items: [item(), keyed('a')], atomic: true }), 'not_allowed', 'items.1.idempotencyKey'],
    ['no wallet that pays', () => ({ items: [item()], fromWalletId: null }), 'missing', 'items.0.fromWalletId'],
  ])('is refused for %s, with the path; nothing is written, and the key stays free', async (_what, bad, code, path) => {
    const before = await standing();
    const idempotencyKey = randomUUID();
    const ask = async (more: Asked) =>
      field(await ledger.ask(payer(me), BATCH, { input: { fromWalletId: me.walletId, ...more, idempotencyKey } }), 'transferBatchCreate');
    expect(await ask(bad())).toMatchObject({ __typename: 'InvalidInput', issues: [{ code, path: ['input', ...path.split('.')] }] });
    expect(await standing()).toEqual(before);
    expect((await ask({ items: [{ ...item(), amount: usd('101') }] })).__typename).toBe('TransferBatchCreated');
  });

  it('tells a hundred mistakes at most, however many there are', async () => {
    const items = Array.from({ length: 1_000 }, () => ({ ...item(), amount: usd('0') }));
    const answer = await ledger.ask(payer(me), BATCH, { input: { fromWalletId: me.walletId, items, idempotencyKey: randomUUID() } });
    expect(field(answer, 'transferBatchCreate').issues).toHaveLength(100);
  });
});

describe('walletLimitsSet', () => {
  const admin = actAs.admin();
  const SET = `mutation ($input: WalletLimitsSetInput!) { walletLimitsSet(input: $input) {
    __typename ... on Problem { code path } ... on InvalidInput { issues { path code } } } }`;
  const ask = (bad: Asked, idempotencyKey: string) =>
    ledger.ask(admin, SET, { input: { walletId: closed.walletId, perDay: usd('5'), reason: 'A trial', ...bad, idempotencyKey } });
  const answerOf = (answer: Awaited<ReturnType<typeof ask>>) => {
    expect(answer.errors).toBeUndefined();
    return answer.data?.walletLimitsSet as Answer; // the only field that was asked for
  };
  const changes = () => sql(ledger, 'select count(*) from user_limit_changes');

  it.each<readonly [string, () => Asked, string, string]>([
    ['a negative bound of a day', () => ({ perDay: usd('-1') }), 'too_small', 'perDay.minor'],
    ['a negative bound of a transfer', () => ({ perTransfer: usd('-1') }), 'too_small', 'perTransfer.minor'],
    ['no words why', () => ({ reason: ' ' }), 'too_small', 'reason'],
    ['10 KB of words', () => ({ reason: 'x'.repeat(10_240) }), 'too_big', 'reason'],
    ['control characters', () => ({ reason: 'ring\u0007' }), 'custom', 'reason'],
    ['a NUL', () => ({ reason: 'a\u0000b' }), 'invalid_format', 'reason'],
    ['an endless id', () => ({ walletId: 'x'.repeat(1_000) }), 'too_big', 'walletId'],
  ])('refuses %s with the path, writes nothing and leaves the key free', async (_what, bad, code, path) => {
    const [before, key] = [await changes(), randomUUID()];
    expect(answerOf(await ask(bad(), key))).toMatchObject({ issues: [{ code, path: ['input', ...path.split('.')] }] });
    expect(await changes()).toEqual(before);
    expect(answerOf(await ask({}, key)).__typename).toBe('WalletLimitsChanged');
  });

  it.each<readonly [string, () => Asked, string]>([
    ['an amount as a number', () => ({ perDay: { currency: 'USD', minor: 5 } }), 'perDay.minor'],
    ['an amount beyond 64 bits', () => ({ perDay: usd('9223372036854775808') }), 'perDay.minor'],
    ['an unknown currency', () => ({ perTransfer: { currency: 'XQQ', minor: '1' } }), 'perTransfer.currency'],
  ])('refuses %s as BAD_USER_INPUT with the path', async (_what, bad, path) => {
    const before = await changes();
    expect((await ask(bad(), randomUUID())).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', path: ['input', ...path.split('.')] } },
    ]);
    expect(await changes()).toEqual(before);
  });

  it.each<readonly [string, () => Asked, string, string]>([
    ['an unknown wallet', () => ({ walletId: newId('wallet') }), 'WALLET_NOT_FOUND', 'walletId'],
    ['a system account', () => ({ walletId: 'system:fees:USD' }), 'WALLET_NOT_FOUND', 'walletId'],
    ['another currency than the wallet’s', () => ({ perDay: { currency: 'EUR', minor: '1' } }), 'CURRENCY_MISMATCH', 'perDay.currency'],
  ])('refuses %s with the path, and remembers it under the key', async (_what, bad, code, path) => {
    const [before, key, input] = [await changes(), randomUUID(), bad()];
    const problem = answerOf(await ask(input, key));
    expect(problem).toMatchObject({ code, path: ['input', ...path.split('.')] });
    expect(answerOf(await ask(input, key))).toEqual(problem);
    expect(answerOf(await ask({ reason: 'another' }, key)).__typename).toBe('IdempotencyKeyReused');
    expect(await changes()).toEqual(before);
  });
});
