import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { ask } from './graph/ask.ts';
import { availableOf, give, type Person, register, seeded, walletOf } from './graph/people.ts';
import { ADDRESS, offer, quoted } from './graph/shop.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const SEND_AND_QUOTE = `mutation SendAndQuote($send: TransferCreateInput!, $quote: CheckoutQuoteInput!) {
  transferCreate(input: $send) { __typename }
  checkoutQuote(input: $quote) { __typename }
}`;

let alice: Person;
let walletId: string;

beforeAll(async () => {
  alice = await register(platform);
  await give(await seeded('buyer', platform), alice, 1_000n);
  walletId = (await walletOf(alice)).id;
});

test('what the second of two subgraphs would refuse is refused before the first has moved money', async () => {
  const { cartId } = await quoted(alice, await offer(await seeded('vendor', platform), { minor: 100n, count: 1 }));
  const to = { walletId: (await walletOf(await register(platform))).id };
  const send = { fromWalletId: walletId, to, amount: { currency: 'USD', minor: '7' } };
  const headers = { 'idempotency-key': randomUUID() };
  const sendAndQuote = (shippingAddress: object) =>
    ask(platform.url, {
      query: SEND_AND_QUOTE,
      variables: { send, quote: { cartId, shippingAddress } },
      token: alice.accessToken,
      headers,
    });
  const before = await availableOf(alice);

  const refused = await sendAndQuote({ ...ADDRESS, country: 'nope' });
  expect([refused.status, refused.data ?? null, await availableOf(alice)]).toEqual([400, null, before]);
  expect(refused.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['quote', 'shippingAddress', 'country'] } }]);

  const mended = await sendAndQuote(ADDRESS);
  expect(mended.data).toEqual({ transferCreate: { __typename: 'TransferCreated' }, checkoutQuote: { __typename: 'CheckoutQuoted' } });
  expect(await availableOf(alice)).toBe(before - 7n);
});

test.each<[string, string, object, string[]]>([
  ['as a literal', 'query S($id: ID!) { wallet(id: $id) { statement(from: "nope", to: "2026-01-31") { __typename } } }', {}, ['from']],
  [
    'as a variable',
    'query S($id: ID!, $from: Date!) { wallet(id: $id) { statement(from: $from, to: "2026-01-31") { __typename } } }',
    { from: '2026-02-30' },
    ['from'],
  ],
])('a day that is none is told %s with its place', async (_how, query, variables, path) => {
  const answer = await ask(platform.url, { query, variables: { id: walletId, ...variables }, token: alice.accessToken });
  expect([answer.status, answer.data ?? null]).toEqual([400, null]);
  expect(answer.errors).toMatchObject([{ locations: [expect.anything()], extensions: { code: 'BAD_USER_INPUT', path } }]);
});
