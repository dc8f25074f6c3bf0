import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamOf } from '@tessera/schema/contract';
import { newId } from '@tessera/service-kit/ids';
import { createSeal } from '@tessera/service-kit/messaging';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { Redis } from 'ioredis';
import { aLedger, anEvent, aUser, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { leg } from '../../test/postings.ts';

/** As it runs: commands come by the stream of payments. */
let ledger: TestLedger;
let redis: Redis;
let user: TestUser;
beforeAll(async () => {
  ledger = await aLedger({ isStarted: true });
  redis = new Redis(ledger.config.redisUrl);
  user = await aUser(ledger);
});
afterAll(async () => {
  redis.disconnect();
  await ledger.close();
});

const balance = async () =>
  (await sql<{ minor: string }>(ledger, 'select credits_posted as minor from accounts where id = $1', [user.walletId]))[0]?.minor;

describe('a command of payments', () => {
  const stream = streamOf('PostingRequested');
  const key = () => `${ledger.config.redisKeyPrefix ?? ''}${stream}`;

  /** Right in every way: the next position, the right stream, a payload of the contract. */
  function command(): string {
    const legs = [leg('system:bank:USD', user.walletId, '1000000', 'OTHER')];
    const payload = { factKey: `forged:${randomUUID()}`, legs, pendingUntil: null, orderId: null, paymentId: null };
    return JSON.stringify({ ...anEvent('PostingRequested', payload), source: 'payments', stream });
  }
  const write = (text: string, ...mark: string[]) => redis.xadd(key(), '1-0', 'e', text, ...mark);
  /** What the consumer does about an entry that it does not take: it asks payments for the right one. */
  const isRefused = () => redis.hexists(`${ledger.config.redisKeyPrefix ?? ''}tessera:replay:payments`, `${stream}|ledger`);

  it.each([
    ['no mark', (): string[] => []],
    ['a mark made without the secret of the services', (text: string) => ['s', createSeal(ledger.config.secret).of(text)]],
  ])('that somebody wrote into Redis moves nothing: %s', async (_name, mark) => {
    const text = command();
    await write(text, ...mark(text));
    await eventually('the consumer refuses it', async () => (await isRefused()) === 1);
    expect(await balance()).toBe('0');
    await redis.del(key(), `${ledger.config.redisKeyPrefix ?? ''}tessera:replay:payments`);
  });

  it('with the mark of a service is carried out, so that the others were refused for the lack of it', async () => {
    const text = command();
    await write(text, 's', createSeal(ledger.config.eventsSecret).of(text));
    await eventually('the money is there', async () => (await balance()) === '1000000');
  });
});

describe('in the graph of the ledger, whoever asks', () => {
  const viewers = () => [user.viewer, actAs.admin(), actAs.visitor(), actAs.service('payments'), actAs.service('orders')];
  const holds = async () => (await sql<{ count: string }>(ledger, 'select count(*) from transfers'))[0]?.count;

  it.each(['holdCreate', 'holdPost', 'holdVoid', 'postingCreate', 'postingResolve', 'walletFund', 'fund'])(
    'there is no %s',
    async (name) => {
      for (const viewer of viewers()) {
        const { errors } = await ledger.ask(viewer, `mutation { ${name}(input: { idempotencyKey: "${randomUUID()}" }) { __typename } }`);
        expect(errors).toMatchObject([{ message: expect.stringContaining('Cannot query field'), extensions: { code: 'BAD_USER_INPUT' } }]);
      }
    },
  );

  it.each(['Hold', 'Posting', 'HoldRequested', 'PostingRequested', 'LedgerAccount', 'Query', 'Mutation', '_Service'])(
    '_entities knows no %s',
    async (type) => {
      const before = await holds();
      const of = [{ __typename: type, id: newId('hold'), walletId: user.walletId, amount: { currency: 'USD', minor: '1' } }];
      for (const viewer of viewers()) {
        const { data, errors } = await ledger.ask(viewer, 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }', {
          of,
        });
        expect([data ?? null, errors]).toMatchObject([null, [{ extensions: { code: 'BAD_USER_INPUT' } }]]);
      }
      expect(await holds()).toBe(before);
    },
  );

  it('_entities believes nothing that a reference says beside its id', async () => {
    const of = [{ __typename: 'Wallet', id: user.walletId, ownerId: 'usr_x', balance: { currency: 'USD', minor: '9' }, isClosed: true }];
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Wallet { isClosed balance { minor } owner { id } } } }';
    const stored = await balance();
    expect(await ledger.data(user.viewer, query, { of })).toEqual({
      _entities: [{ isClosed: false, balance: { minor: stored }, owner: { id: user.userId } }],
    });
    expect(await ledger.data(actAs.service('payments'), query, { of })).toEqual({ _entities: [null] });
  });

  it('a service has no mutation of people either', async () => {
    const query = 'mutation ($input: TransferCreateInput!) { transferCreate(input: $input) { __typename } }';
    const input = {
      fromWalletId: user.walletId,
      to: { handle: 'x' },
      amount: { currency: 'USD', minor: '1' },
      idempotencyKey: randomUUID(),
    };
    const { errors } = await ledger.ask(actAs.service('payments'), query, { input });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});
