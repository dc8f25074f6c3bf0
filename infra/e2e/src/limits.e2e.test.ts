import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from '@jest/globals';
import { ask, type GraphAnswer, send } from './graph/ask.ts';
import { type Person, seeded } from './graph/people.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const endpoint = `${platform.url}/graphql`;
const QUICK_MS = 200;

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) =>
  send(endpoint, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
const graph = (query: string, variables: unknown = {}) => post(JSON.stringify({ query, variables }));
const nested = (depth: number) => `{ categories ${'{ children '.repeat(depth)} { id } ${'}'.repeat(depth)} }`;
const times = (count: number, write: (index: number) => string) => Array.from({ length: count }, (_, index) => write(index)).join(' ');

/** A refusal: what is sent, status and code of the answer, the limit that it names. */
type Refusal = readonly [
  what: string,
  send: () => Promise<GraphAnswer<Record<string, unknown>>>,
  status: number,
  code: string,
  limit?: string,
];

const refusals: readonly Refusal[] = [
  ['a query that is nested too deeply', () => graph(nested(15)), 400, 'OPERATION_NOT_ALLOWED', 'depth'],
  [
    'depth that fragments hide',
    () =>
      graph(
        `{ categories { ...A } } ${times(14, (i) => `fragment ${letter(i)} on Category { children { ...${letter(i + 1)} } }`)} fragment ${letter(14)} on Category { id }`,
      ),
    400,
    'OPERATION_NOT_ALLOWED',
    'depth',
  ],
  [
    'fragments that contain themselves',
    () => graph('{ categories { ...A } } fragment A on Category { children { ...A } }'),
    400,
    'OPERATION_NOT_ALLOWED',
  ],
  ['two hundred aliases', () => graph(`{ categories { ${times(200, (i) => `a${i}: name`)} } }`), 400, 'OPERATION_NOT_ALLOWED', 'aliases'],
  ['too many root fields', () => graph(`{ ${times(25, (i) => `a${i}: me { id }`)} }`), 400, 'OPERATION_NOT_ALLOWED', 'rootFields'],
  [
    'too many mutation fields',
    () => graph(`mutation { ${times(6, (i) => `a${i}: cartClear(input: {}) { __typename }`)} }`),
    400,
    'OPERATION_NOT_ALLOWED',
    'mutationFields',
  ],
  [
    'two log-ins in one request',
    () => graph(`mutation { ${times(2, (i) => `a${i}: sessionOpen(input: { email: "a@b.example", password: "x" }) { __typename }`)} }`),
    400,
    'OPERATION_NOT_ALLOWED',
    'logInFields',
  ],
  ['too many tokens', () => graph(`{ ${'a '.repeat(2_500)} }`), 400, 'OPERATION_NOT_ALLOWED', 'tokens'],
  ['too many characters', () => graph(`{ me { id } } #${'x'.repeat(16_000)}`), 400, 'OPERATION_NOT_ALLOWED', 'characters'],
  [
    'a ladder of fragments that would be 2^20 fields',
    () =>
      graph(
        `{ categories { ...A } } ${times(20, (i) => `fragment ${letter(i)} on Category { x: parent { id } ...${letter(i + 1)} ...${letter(i + 1)} }`)} fragment ${letter(20)} on Category { id }`,
      ),
    400,
    'OPERATION_NOT_ALLOWED',
  ],
  ['a heap of directives', () => graph(`{ me { id ${'@include(if: true) '.repeat(50)} } }`), 400, 'OPERATION_NOT_ALLOWED', 'directives'],
  [
    'introspection that asks for types in types without end',
    () => graph(`{ __schema { types ${'{ fields { type '.repeat(12)} { name } ${'} }'.repeat(12)} } }`),
    400,
    'OPERATION_NOT_ALLOWED',
    'introspectionDepth',
  ],
  [
    'a list of 300 in the input',
    () =>
      graph('query($i: [ID!]) { products(where: { vendor: { in: $i } }) { totalCount } }', {
        i: Array.from({ length: 300 }, () => 'usr_x'),
      }),
    400,
    'OPERATION_NOT_ALLOWED',
    'listItems',
  ],
  [
    'input nested 10,000 levels deep',
    () => post(`{"query":"{ me { id } }","variables":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`),
    400,
    'OPERATION_NOT_ALLOWED',
    'inputDepth',
  ],
  ['a body of 300 KB', () => graph('{ me { id } }', { x: 'x'.repeat(300_000) }), 400, 'OPERATION_NOT_ALLOWED', 'bodyBytes'],
  ['a body of 2 MB', () => graph('{ me { id } }', { x: 'x'.repeat(2_000_000) }), 413, 'BAD_USER_INPUT'],
  [
    'a compressed body',
    () => post(new Uint8Array(gzipSync('{"query":"{ me { id } }"}')), { 'content-encoding': 'gzip' }),
    400,
    'BAD_USER_INPUT',
  ],
  ['several operations as a batch', () => post('[{"query":"{ me { id } }"},{"query":"{ me { id } }"}]'), 400, 'BAD_USER_INPUT'],
  [
    'a mutation by GET',
    () =>
      send(`${endpoint}?query=${encodeURIComponent('mutation { cartClear(input: {}) { __typename } }')}`, {
        headers: { 'apollo-require-preflight': '1' },
      }),
    405,
    'BAD_USER_INPUT',
  ],
  ['a GET that any page can make', () => send(`${endpoint}?query=${encodeURIComponent('{ me { id } }')}`, {}), 400, 'BAD_USER_INPUT'],
  [
    'a form that any page can send',
    () => send(endpoint, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{ me { id } }"}' }),
    400,
    'BAD_USER_INPUT',
  ],
  [
    'a subscription over HTTP',
    () => ask(platform.url, { query: 'subscription { orderUpdated { kind } }', token: admin.accessToken }),
    400,
    'OPERATION_NOT_ALLOWED',
  ],
  ['text that is not JSON', () => post('{"query":'), 400, 'BAD_USER_INPUT'],
  ['JSON that is no request', () => post('42'), 400, 'BAD_USER_INPUT'],
  ['an empty body', () => post(''), 400, 'BAD_USER_INPUT'],
  ['a query that is a number', () => post('{"query":42}'), 400, 'BAD_USER_INPUT'],
  ['text that is not GraphQL', () => graph('{ me { id '), 400, 'BAD_USER_INPUT'],
  ['an operation that is not there', () => post('{"query":"query A { me { id } }","operationName":"B"}'), 400, 'BAD_USER_INPUT'],
  ['several operations, none of them named', () => graph('query A { me { id } } query B { me { id } }'), 400, 'BAD_USER_INPUT'],
  ['a field that is not there', () => graph('{ me { idd } }'), 400, 'BAD_USER_INPUT'],
  [
    'a variable of another type',
    () => graph('query($first: Int) { products(first: $first) { totalCount } }', { first: 'many' }),
    400,
    'BAD_USER_INPUT',
  ],
  ['a variable that is missing', () => graph('query($id: ID!) { order(id: $id) { id } }'), 400, 'BAD_USER_INPUT'],
  [
    'a name that reaches into the machinery of objects',
    () => post('{"query":"{ me { id } }","variables":{"__proto__":{"a":1}}}'),
    400,
    'BAD_USER_INPUT',
  ],
  [
    'a persisted operation that nobody knows',
    () => post(`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${'0'.repeat(64)}"}}}`),
    200,
    'PERSISTED_QUERY_NOT_FOUND',
  ],
];

let admin: Person;
beforeAll(async () => {
  admin = await seeded('admin', platform);
  for (const [, refused] of refusals) await refused(); // so that the figures are not those of code that runs for the first time
});

test.each<Refusal>(refusals)('%s is refused at once with a clear code', async (...[, refused, status, code, limit]: Refusal) => {
  const { tookMs, ...answer } = await quickest(refused);
  expect([answer.status, answer.codes[0]]).toEqual([status, code]);
  if (limit) expect(answer.errors[0]?.extensions).toMatchObject({ limit });
  expect(JSON.stringify(answer.errors)).not.toMatch(/Did you mean|stack|node_modules|\.ts:/);
  expect(answer.data ?? null).toBeNull();
  expect(tookMs).toBeLessThan(QUICK_MS);
});

test('the front door is as it was after all that', async () => {
  const answer = await ask<{ me: { id: string } }>(platform.url, { query: '{ me { id } ledgerProof { isOk } }', token: admin.accessToken });
  expect(answer.errors).toEqual([]);
  expect(answer.data?.me.id).toBe(admin.id);
});

test('what the standard tools ask at their start is let in', async () => {
  const { getIntrospectionQuery } = await import('graphql');
  const answer = await graph(getIntrospectionQuery());
  expect([answer.status, answer.errors]).toEqual([200, []]);
});

/** Other suites run on the same machine: one slow answer of three says nothing about the gateway. */
async function quickest(refused: () => Promise<GraphAnswer<Record<string, unknown>>>) {
  const answers = [await refused(), await refused(), await refused()];
  return answers.reduce((best, answer) => (answer.tookMs < best.tookMs ? answer : best));
}

function letter(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}
