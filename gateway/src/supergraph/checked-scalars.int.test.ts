import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SCALARS } from '@tessera/service-kit/graphql';
import { buildSchema, isScalarType, isSpecifiedScalarType } from 'graphql';
import { ALICE, ALICES_ORDER, bearer, post, startToyPlatform, type ToyPlatform } from '../../test/toy-platform.ts';
import { closeClients, connect, subscribe } from '../../test/toy-socket.ts';
import { composeToys } from '../../test/toy-subgraphs.ts';

const SAID = 'DateTime must be RFC 3339, such as 2026-11-21T09:30:00.000Z.';
const BAD = 'the day after';
/** Not as our scalar would print them. */
const [GOOD, LATER] = ['2026-11-21T09:30:00Z', '2026-11-21T10:30:00.5+01:00'];
const PLACE_AND_LOG_IN =
  'mutation($i: SessionOpenInput!) { orderPlace { id } sessionOpen(input: $i) { ... on SessionOpened { user { id } } } }';
const FOLLOW = 'subscription($after: Cursor) { orderUpdated(after: $after) { kind } }';

test('every custom scalar of our graph is one of those that are checked', () => {
  const schema = buildSchema(readFileSync(new URL('../../../schema/api.graphql', import.meta.url), 'utf8'));
  const custom = Object.values(schema.getTypeMap()).filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
  expect(SCALARS.map(({ name }) => name)).toEqual(expect.arrayContaining(custom.map(({ name }) => name)));
  expect(custom.length).toBeGreaterThan(5);
});

describe.each(['tessera', 'apollo'] as const)('with the executor %s', (executor) => {
  let platform: ToyPlatform;
  let alice: Record<string, string>;
  let token: string;
  const seen = () => [platform.users, platform.orders, platform.ledger].flatMap((toy) => toy.seen.map(({ query }) => query));

  beforeAll(async () => {
    platform = await startToyPlatform({ scalars: SCALARS, config: { executor } });
    token = await platform.token(ALICE);
    alice = bearer(token);
  });
  beforeEach(() => {
    for (const toy of [platform.users, platform.orders, platform.ledger]) toy.seen.length = 0;
  });
  afterEach(closeClients);
  afterAll(() => platform.close());

  test.each<[string, string, object, string[], string]>([
    ['a variable in a list', 'query($at: [DateTime!]) { orders(at: $at) { id } }', { at: [GOOD, BAD] }, ['at', '1'], `$at[1]: ${SAID}`],
    ['a variable in the place of a list', 'query($at: [DateTime!]) { orders(at: $at) { id } }', { at: BAD }, ['at'], `$at: ${SAID}`],
    [
      'a variable in an input in an input',
      'query($f: OrderFilter) { orders(filter: $f) { id } }',
      { f: { at: [GOOD], next: { at: [BAD] } } },
      ['f', 'next', 'at', '0'],
      `$f.next.at[0]: ${SAID}`,
    ],
    ['a number', 'query($at: DateTime!) { orders(at: [$at]) { id } }', { at: 5 }, ['at'], '$at: DateTime must be a string.'],
    ['a literal', `{ orders(at: "${BAD}") { id } }`, {}, ['at'], SAID],
    ['a literal of another kind', '{ orders(at: [5]) { id } }', {}, ['at', '0'], 'DateTime must be a string.'],
    ['a literal in a list in an input', `{ orders(filter: { at: ["${GOOD}" "${BAD}"] }) { id } }`, {}, ['filter', 'at', '1'], SAID],
    ['the default of a variable', `query($at: [DateTime!] = ["${BAD}"]) { orders(at: $at) { id } }`, { at: [GOOD] }, ['at', '0'], SAID],
    ['one of two fields of a mutation', PLACE_AND_LOG_IN, { i: { email: 'a', password: 'right' } }, ['i', 'email'], '$i.email: '],
  ])('%s that the scalar refuses is refused before a subgraph is asked', async (_what, query, variables, path, message) => {
    const { status, data, errors } = await post(platform.url, { query, variables }, alice);
    expect([status, data]).toEqual([400, undefined]);
    expect(errors).toEqual([
      { message: expect.stringContaining(message), locations: [expect.anything()], extensions: { code: 'BAD_USER_INPUT', path } },
    ]);
    expect(seen()).toEqual([]);
  });

  test('a wrong Int and a wrong scalar are told alike', async () => {
    const both = 'query($id: ID!, $at: DateTime!) { order(id: $id) { id } orders(at: [$at]) { id } }';
    const { status, errors } = await post(platform.url, { query: both, variables: { id: {}, at: BAD } }, alice);
    expect([status, errors.map(({ extensions }) => extensions)]).toEqual([
      400,
      [
        { code: 'BAD_USER_INPUT', path: ['id'] },
        { code: 'BAD_USER_INPUT', path: ['at'] },
      ],
    ]);
  });

  test('what it takes reaches the subgraph as it came', async () => {
    const query = `query($at: [DateTime!] = ["${GOOD}"]) { orders(at: $at, filter: { at: ["${LATER}"] }) { id } }`;
    for (const at of [undefined, [GOOD], [LATER], LATER, null]) {
      const { data } = await post(platform.url, { query, variables: at === undefined ? {} : { at } }, alice);
      expect(data).toEqual({ orders: [{ id: ALICES_ORDER }] });
      const asked = platform.orders.seen.at(-1);
      expect([asked?.query, asked?.variables?.at]).toEqual([expect.stringContaining(`"${LATER}"`), at]);
    }
    const sent = { email: 'alice@example.com', password: 'right' };
    expect((await post(platform.url, { query: PLACE_AND_LOG_IN, variables: { i: sent } }, alice)).data?.orderPlace).toEqual({
      id: ALICES_ORDER,
    });
    expect(platform.users.seen.at(-1)?.variables).toEqual({ i: sent });
  });

  test.each<[string, string, Record<string, unknown>, string[]]>([
    ['variable', FOLLOW, { after: '' }, ['after']],
    ['literal', 'subscription { orderUpdated(after: "") { kind } }', {}, ['after']],
  ])('a %s of a subscription is refused over the socket', async (_what, query, variables, path) => {
    const errors = await subscribe(connect(platform.url, token), query, variables).failed();
    expect(errors).toEqual([
      {
        message: expect.stringContaining('Cursor must be one that an earlier answer gave.'),
        locations: [expect.anything()],
        extensions: { code: 'BAD_USER_INPUT', path },
      },
    ]);
  });

  test('another supergraph in its place checks alike', async () => {
    const [users, orders, ledger] = [platform.users, platform.orders, platform.ledger];
    await platform.gateway.replaceSchema({ supergraphSdl: `${await composeToys([users, orders, ledger])}\n# again` });
    for (const query of [`{ orders(at: "${BAD}") { id } }`, 'query($at: DateTime! = "") { orders(at: [$at]) { id } }'])
      expect((await post(platform.url, { query }, alice)).status).toBe(400);
    const query = 'query($at: [DateTime!]) { orders(at: $at) { id } }';
    expect((await post(platform.url, { query, variables: { at: BAD } }, alice)).status).toBe(400);
    const errors = await subscribe(connect(platform.url, token), FOLLOW, { after: '' }).failed();
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['after'] } }]);
    expect(seen()).toEqual([]);
  });
});

test('a gateway that is told nothing of scalars lets the subgraphs say what they take', async () => {
  const platform = await startToyPlatform();
  const alice = bearer(await platform.token(ALICE));
  const answer = await post(platform.url, { query: `{ orders(at: "${BAD}") { id } }` }, alice);
  expect([answer.data, answer.errors]).toEqual([{ orders: [{ id: ALICES_ORDER }] }, []]);
  await platform.close();
});
