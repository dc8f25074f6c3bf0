import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { createOrm, rawSql, transaction } from '@tessera/service-kit/persistence';
import { actAs } from '@tessera/service-kit/testing';
import { aLedger, anEvent, aUser, inUnit, published, sql, type TestLedger } from '../../test/a-ledger.ts';
import { accountsNamed } from '../account/account-name.ts';
import { onHandleChanged } from '../recipient/on-handle-changed.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

const SEND = `mutation ($input: TransferCreateInput!) { transferCreate(input: $input) { __typename ... on TransferCreated { transfer { id } } } }`;
async function send(
  from: { viewer: ReturnType<typeof actAs.user>; walletId: string },
  to: object,
  minor: string,
): Promise<{ __typename: string; transfer?: { id: string } }> {
  const input = { fromWalletId: from.walletId, to, amount: { currency: 'USD', minor } };
  return (await ledger.data<{ transferCreate: { __typename: string; transfer?: { id: string } } }>(from.viewer, SEND, { input }))
    .transferCreate;
}

describe('a wallet', () => {
  it('comes with the registration, once, and is told', async () => {
    const user = await aUser(ledger);
    expect((await published(ledger, 'WalletOpened')).filter(({ ownerId }) => ownerId === user.userId)).toEqual([
      { walletId: user.walletId, ownerId: user.userId, currency: 'USD' },
    ]);
    expect(
      await ledger.data(
        user.viewer,
        'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { wallets { id currency } } } }',
        { r: [{ __typename: 'User', id: user.userId }] },
      ),
    ).toEqual({
      _entities: [{ wallets: [{ id: user.walletId, currency: 'USD' }] }],
    });
  });

  it('is listed before closed ones of its owner, however old those are', async () => {
    const { viewer, userId, walletId } = await aUser(ledger);
    const copies = `insert into accounts select (jsonb_populate_record(a,
        jsonb_build_object('id', 'wal_00000000000000000000000' || n, 'is_closed', true, 'closed_at', a.opened_at, 'is_default', false))).*
      from accounts a, generate_series(100, 300) n where a.id = $1`;
    await sql(ledger, copies, [walletId]);
    const { _entities } = await ledger.data<{ _entities: [{ wallets: { id: string }[] }] }>(
      viewer,
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { wallets { id } } } }',
      { r: [{ __typename: 'User', id: userId }] },
    );
    expect(_entities[0].wallets[0]).toEqual({ id: walletId });
    expect(_entities[0].wallets).toHaveLength(200);

    const other = await aUser(ledger);
    const both = await ledger.data<{ _entities: readonly { wallets: { id: string }[] }[] }>(
      actAs.admin(),
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { wallets { id } } } }',
      { r: [userId, other.userId].map((id) => ({ __typename: 'User', id })) },
    );
    expect(both._entities.map(({ wallets }) => wallets.length)).toEqual([200, 1]);
  });

  it('is not there for anybody else, by query, by reference and through its user', async () => {
    const [owner, stranger] = [await aUser(ledger, 100n), await aUser(ledger)];
    const { transfer } = await send(owner, { walletId: (await aUser(ledger)).walletId }, '1');
    const query = `query ($wallet: ID!, $transfer: ID!, $r: [_Any!]!) { wallet(id: $wallet) { id } transfer(id: $transfer) { id }
      _entities(representations: $r) { ... on Wallet { balance { minor } } ... on Transfer { amount { minor } } ... on User { wallets { id } } } }`;
    const ids = { wallet: owner.walletId, transfer: transfer?.id };
    const r = [
      { __typename: 'Wallet', id: ids.wallet },
      { __typename: 'Transfer', id: ids.transfer },
      { __typename: 'User', id: owner.userId },
    ];
    const nothing = { wallet: null, transfer: null, _entities: [null, null, { wallets: null }] };
    expect(await ledger.data(stranger.viewer, query, { ...ids, r })).toEqual(nothing);
    expect(await ledger.data(actAs.vendor(), query, { wallet: newId('wallet'), transfer: newId('transfer'), r })).toEqual(nothing);
    const all = {
      wallet: { id: ids.wallet },
      transfer: { id: ids.transfer },
      _entities: [{ balance: { minor: '99' } }, { amount: { minor: '1' } }, { wallets: [{ id: ids.wallet }] }],
    };
    expect(await ledger.data(owner.viewer, query, { ...ids, r })).toEqual(all);
    expect(await ledger.data(actAs.admin(), query, { ...ids, r })).toEqual(all);
    const { errors } = await ledger.ask(actAs.visitor(), '{ wallet(id: "x") { id } }');
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('lists its transfers newest first, page by page, each with the balance after it', async () => {
    const [me, friend] = [await aUser(ledger, 100n), await aUser(ledger, 50n)];
    for (const minor of ['1', '2', '3']) await send(me, { handle: friend.handle }, minor);
    await send(friend, { handle: me.handle }, '10');
    const query = `query ($id: ID!, $after: Cursor, $where: TransferWhere) { wallet(id: $id) { transfers(first: 2, after: $after, where: $where) {
      totalCount pageInfo { hasNextPage endCursor } edges { direction counterparty sequence balanceAfter { minor } node { code amount { minor } } } } } }`;
    interface Page {
      readonly wallet: {
        readonly transfers: {
          readonly totalCount: number;
          readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
          readonly edges: readonly object[];
        };
      };
    }
    const first = (await ledger.data<Page>(me.viewer, query, { id: me.walletId })).wallet.transfers;
    expect(first.edges).toEqual([
      {
        direction: 'IN',
        counterparty: `User ${friend.handle}`,
        sequence: 5,
        balanceAfter: { minor: '104' },
        node: { code: 'TRANSFER', amount: { minor: '10' } },
      },
      {
        direction: 'OUT',
        counterparty: `User ${friend.handle}`,
        sequence: 4,
        balanceAfter: { minor: '94' },
        node: { code: 'TRANSFER', amount: { minor: '3' } },
      },
    ]);
    expect(first).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } });
    const second = (await ledger.data<Page>(me.viewer, query, { id: me.walletId, after: first.pageInfo.endCursor })).wallet.transfers;
    expect(second.edges).toMatchObject([{ sequence: 3 }, { sequence: 2 }]);
    const third = (await ledger.data<Page>(me.viewer, query, { id: me.walletId, after: second.pageInfo.endCursor })).wallet.transfers;
    expect(third).toMatchObject({
      edges: [{ sequence: 1, counterparty: 'Bank', node: { code: 'FUNDING' } }],
      pageInfo: { hasNextPage: false },
    });
    const incoming = (await ledger.data<Page>(me.viewer, query, { id: me.walletId, where: { direction: 'IN' } })).wallet.transfers;
    expect(incoming).toMatchObject({ totalCount: 2, edges: [{ sequence: 5 }, { sequence: 1 }] });
    const { errors } = await ledger.ask(me.viewer, query, { id: me.walletId, after: first.pageInfo.endCursor, where: { direction: 'IN' } });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('knows its balance at any instant', async () => {
    const [me, friend] = [await aUser(ledger, 100n), await aUser(ledger)];
    const before = new Date();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await send(me, { handle: friend.handle }, '30');
    const query =
      'query ($id: ID!, $before: DateTime!, $now: DateTime!, $never: DateTime!) { wallet(id: $id) { a: balanceAt(time: $never) { minor } b: balanceAt(time: $before) { minor } c: balanceAt(time: $now) { minor } } }';
    const times = { never: '2001-01-01T00:00:00.000Z', before: before.toISOString(), now: new Date(Date.now() + 1_000).toISOString() };
    expect(await ledger.data(me.viewer, query, { id: me.walletId, ...times })).toEqual({
      wallet: { a: { minor: '0' }, b: { minor: '100' }, c: { minor: '70' } },
    });
  });
});

describe('walletOpen', () => {
  it('opens up to ten wallets beside the first of each currency, even when asked for more at once', async () => {
    const user = await aUser(ledger);
    const query =
      'mutation ($input: WalletOpenInput!) { walletOpen(input: $input) { __typename ... on WalletOpened { wallet { currency } } ... on Problem { code } } }';
    const answers = await Promise.all(
      Array.from({ length: 14 }, () =>
        ledger.data<{ walletOpen: { __typename: string } }>(user.viewer, query, { input: { currency: 'EUR' } }),
      ),
    );
    const kinds = answers.map(({ walletOpen }) => walletOpen.__typename);
    expect(kinds.filter((kind) => kind === 'WalletOpened')).toHaveLength(11);
    expect(kinds.filter((kind) => kind === 'WalletLimitReached')).toHaveLength(3);
    expect(await ledger.data(user.viewer, query, { input: { currency: 'GBP' } })).toMatchObject({
      walletOpen: { wallet: { currency: 'GBP' } },
    });
  });
});

describe('walletClose', () => {
  const CLOSE =
    'mutation ($input: WalletCloseInput!) { walletClose(input: $input) { __typename ... on WalletClosed { wallet { isClosed } } ... on Problem { code } } }';
  const close = async (viewer: ReturnType<typeof actAs.user>, walletId: string) =>
    (await ledger.data<{ walletClose: object }>(viewer, CLOSE, { input: { walletId } })).walletClose;

  it('closes an empty wallet for good; it takes nothing any more', async () => {
    const [me, friend] = [await aUser(ledger), await aUser(ledger, 10n)];
    expect(await close(me.viewer, me.walletId)).toEqual({ __typename: 'WalletClosed', wallet: { isClosed: true } });
    expect(await close(me.viewer, me.walletId)).toMatchObject({ code: 'ACCOUNT_CLOSED' });
    expect(await send(friend, { walletId: me.walletId }, '1')).toMatchObject({ __typename: 'AccountClosed' });
    expect(await send(friend, { handle: me.handle }, '1')).toMatchObject({ __typename: 'TransferCreated' });
  });

  it('refuses while money is in it, and for strangers', async () => {
    const [me, stranger] = [await aUser(ledger, 1n), await aUser(ledger)];
    expect(await close(me.viewer, me.walletId)).toMatchObject({ code: 'WALLET_NOT_EMPTY' });
    expect(await close(stranger.viewer, me.walletId)).toMatchObject({ code: 'WALLET_NOT_FOUND' });
    expect(await close(me.viewer, 'x'.repeat(1_000_000))).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await close(me.viewer, '\u202Ewal')).toMatchObject({ code: 'WALLET_NOT_FOUND' });
  });
});

describe('transferReverse', () => {
  const REVERSE = `mutation ($input: TransferReverseInput!) { transferReverse(input: $input) { __typename ... on Problem { code }
    ... on TransferReversed { transfer { code reverses { id } debitAccount { id } } } } }`;
  const reverse = async (transferId: string | undefined, note = 'mistake') =>
    (await ledger.data<{ transferReverse: object }>(actAs.admin(), REVERSE, { input: { transferId, note } })).transferReverse;

  it('takes a transfer back once, even when asked twice at once', async () => {
    const [me, friend] = [await aUser(ledger, 10n), await aUser(ledger)];
    const { transfer } = await send(me, { walletId: friend.walletId }, '10');
    const answers = await Promise.all([reverse(transfer?.id), reverse(transfer?.id)]);
    expect(answers).toContainEqual({
      __typename: 'TransferReversed',
      transfer: { code: 'REVERSAL', reverses: { id: transfer?.id }, debitAccount: { id: friend.walletId } },
    });
    expect(answers).toContainEqual({ __typename: 'TransferNotReversible', code: 'TRANSFER_NOT_REVERSIBLE' });
    const { reversedBy } = (
      await ledger.data<{ transfer: { reversedBy: { id: string } } }>(
        me.viewer,
        'query ($id: ID!) { transfer(id: $id) { reversedBy { id } } }',
        { id: transfer?.id },
      )
    ).transfer;
    expect(await reverse(reversedBy.id)).toMatchObject({ code: 'TRANSFER_NOT_REVERSIBLE' });
  });

  it('refuses what is gone, unknown or asked by others', async () => {
    const [me, friend] = [await aUser(ledger, 10n), await aUser(ledger)];
    const { transfer } = await send(me, { walletId: friend.walletId }, '10');
    await send(friend, { walletId: me.walletId }, '10');
    expect(await reverse(transfer?.id)).toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
    expect(await sql(ledger, `select type from outbox_events where aggregate_id = $1`, [transfer?.id])).toEqual([
      { type: 'TransferPosted' },
    ]);
    expect(
      await sql(ledger, `select type from outbox_events where aggregate_id = $1 order by ordinal desc limit 1`, [friend.walletId]),
    ).toEqual([{ type: 'TransferRefused' }]);
    expect(await sql(ledger, 'select aggregate_id, sequence from outbox_events group by 1, 2 having count(*) > 1')).toEqual([]);
    expect(await reverse(newId('transfer'))).toMatchObject({ code: 'TRANSFER_NOT_FOUND' });
    expect(await reverse(transfer?.id, 'x'.repeat(141))).toMatchObject({ code: 'INVALID_INPUT' });
    const { errors } = await ledger.ask(me.viewer, REVERSE, {
      input: { transferId: transfer?.id, note: 'mine', idempotencyKey: randomUUID() },
    });
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});

describe('the directory', () => {
  it('follows handles, never backwards, and names nobody while two hold one handle', async () => {
    const [old, next, payer] = [await aUser(ledger), await aUser(ledger), await aUser(ledger, 100n)];
    const entry = { userId: next.userId, handle: old.handle, displayName: 'Next', emailKey: 'key' };
    const change = (payload: typeof entry, sequence: number) =>
      inUnit(ledger, (unit) => onHandleChanged(anEvent('HandleChanged', payload, sequence), unit));
    await change(entry, 2);
    expect(await send(payer, { handle: old.handle }, '1')).toMatchObject({ __typename: 'RecipientNotFound' });
    await change({ ...entry, userId: old.userId, handle: 'renamed' }, 3);
    await change({ ...entry, userId: old.userId, handle: 'ancient' }, 2);
    expect(await send(payer, { handle: old.handle }, '1')).toMatchObject({ __typename: 'TransferCreated' });
    expect(await send(payer, { handle: 'Renamed' }, '1')).toMatchObject({ __typename: 'TransferCreated' });
    expect(await send(payer, { handle: 'ancient' }, '1')).toMatchObject({ __typename: 'RecipientNotFound' });
    expect(await sql(ledger, 'select credits_posted from accounts where id = $1', [next.walletId])).toEqual([{ credits_posted: '1' }]);
  });
});

describe('reports', () => {
  it('balance per currency, now and at an instant, for those who may read the ledger', async () => {
    const user = await aUser(ledger, 1_000n);
    const query =
      'query ($asOf: DateTime) { trialBalance(asOf: $asOf, currency: "USD") { lines { kind accounts debits { minor } } totals { currency isBalanced debits { minor } credits { minor } } } ledgerAccounts(where: { kind: [BANK], currency: "USD" }, first: 5) { totalCount edges { node { address displayName balance { minor } owner { id } } } } }';
    interface Report {
      readonly trialBalance: { readonly totals: readonly { readonly isBalanced: boolean; readonly debits: { readonly minor: string } }[] };
      readonly ledgerAccounts: { readonly totalCount: number };
    }
    const { trialBalance, ledgerAccounts } = await ledger.data<Report>(actAs.admin(), query);
    expect(trialBalance.totals).toMatchObject([{ currency: 'USD', isBalanced: true }]);
    expect(BigInt(trialBalance.totals[0]?.debits.minor ?? 0)).toBeGreaterThanOrEqual(1_000n);
    expect(ledgerAccounts).toMatchObject({
      totalCount: 1,
      edges: [{ node: { address: 'system:bank:USD', displayName: 'Bank', owner: null } }],
    });
    expect((await ledger.data<Report>(actAs.admin(), query, { asOf: '2001-01-01T00:00:00.000Z' })).trialBalance.totals).toEqual([]);
    const { errors } = await ledger.ask(user.viewer, query);
    expect(errors?.length).toBeGreaterThan(0);
  });
  it('list accounts by kind, currency, owner, name and state, each alone and together', async () => {
    const [user, other] = [await aUser(ledger, 10n), await aUser(ledger)];
    const LIST =
      'query ($where: LedgerAccountWhere) { ledgerAccounts(where: $where, first: 100) { totalCount edges { node { id displayName } } } }';
    const list = async (where: object) => {
      const { ledgerAccounts } = await ledger.data<{ ledgerAccounts: { edges: { node: { id: string; displayName: string } }[] } }>(
        actAs.admin(),
        LIST,
        { where },
      );
      return ledgerAccounts.edges.map(({ node }) => node);
    };
    const own = { id: user.walletId, displayName: `User ${user.handle}` };
    expect(await list({ ownerId: user.userId })).toEqual([own]);
    expect(await list({ name: ` USER ${user.handle.toUpperCase()} ` })).toEqual([own]);
    expect(await list({ name: user.handle, currency: 'USD', kind: ['WALLET'], isClosed: false, ownerId: user.userId })).toEqual([own]);
    expect(await list({ name: user.handle, isClosed: true })).toEqual([]);
    expect(await list({ name: user.handle, ownerId: other.userId })).toEqual([]);
    expect(await list({ name: 'ank', kind: ['BANK'], currency: 'USD' })).toMatchObject([{ displayName: 'Bank' }]);
    expect(await list({ name: '%%' })).toEqual([]);
    for (const name of ['x', ' y ', 'z'.repeat(65)]) {
      const { errors } = await ledger.ask(actAs.admin(), LIST, { where: { name } });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['where', 'name'] } }]);
    }
  });

  it('say what to do where too many names would have to be looked at', async () => {
    const hasty = createOrm({ databaseUrl: ledger.config.databaseUrl, entities: [], migrations: [], statementTimeoutMs: 300 });
    const own = hasty.em.fork(); // within the transaction below it would be one of that
    const asked = transaction(ledger.subgraph.platform.orm.em.fork(), async (em) => {
      await rawSql(em, 'lock table recipients in access exclusive mode');
      return accountsNamed('ann', own);
    });
    await expect(asked).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining('ownerId') });
    await hasty.close();
  });

  it('begin with the first year that PostgreSQL knows, and end now: nobody knows the books of tomorrow', async () => {
    const { viewer, walletId } = await aUser(ledger, 5n);
    const at = 'query ($id: ID!, $time: DateTime!) { wallet(id: $id) { balanceAt(time: $time) { minor } } }';
    const asOf = 'query ($time: DateTime!) { trialBalance(asOf: $time) { totals { currency } } }';
    expect(await ledger.data(viewer, at, { id: walletId, time: '0000-01-01T00:00:00.000+14:00' })).toEqual({
      wallet: { balanceAt: { minor: '0' } },
    });
    for (const time of ['9999-12-31T23:59:59.999-14:00', new Date(Date.now() + 60_000).toISOString()]) {
      const { errors: ofWallet } = await ledger.ask(viewer, at, { id: walletId, time });
      expect(ofWallet).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['time'] } }]);
      const { errors: ofReport } = await ledger.ask(actAs.admin(), asOf, { time });
      expect(ofReport).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['asOf'] } }]);
    }
  });
});
