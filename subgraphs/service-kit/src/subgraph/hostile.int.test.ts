import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs, startTestSubgraph, type TestSubgraph } from '../testing/index.ts';
import { type CounterServices, createCounterSubgraph } from './test/counter-subgraph.ts';

const ENTITIES = 'query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Counter { value } } }';
const counters = (count: number) => Array.from({ length: count }, (_, index) => ({ __typename: 'Counter', id: `usr_${index}` }));

describe('hostile input of a subgraph', () => {
  let users: TestSubgraph<CounterServices>;
  beforeAll(async () => {
    users = await startTestSubgraph('kit', createCounterSubgraph, {}, { version: 'counters-1', isStarted: false });
  });
  afterAll(() => users.close());

  it.each([
    ['a number', [5]],
    ['a null', [null]],
    ['a list', [[]]],
    ['no type', [{ id: 'usr_a' }]],
    ['a type that is not text', [{ __typename: { a: 1 }, id: 'usr_a' }]],
    ['an unknown type', [{ __typename: 'Nothing', id: 'usr_a' }]],
    ['a type that is no entity', [{ __typename: 'CounterAdded', counterId: 'usr_a', id: 'usr_a' }]],
    ['the root type', [{ __typename: 'Query', id: 'usr_a' }]],
    ['an interface', [{ __typename: 'Problem', id: 'usr_a' }]],
    ['__proto__ as type', [{ __typename: '__proto__', id: 'usr_a' }]],
    ['constructor as type', [{ __typename: 'constructor', id: 'usr_a' }]],
    ['no id', [{ __typename: 'Counter' }]],
    ['an operator as id', [{ __typename: 'Counter', id: { $gt: '' } }]],
    ['a list as id', [{ __typename: 'Counter', id: ['usr_a'] }]],
    ['an inherited id', [JSON.parse('{"__typename":"Counter","__proto__":{"id":"usr_a"}}')]],
    ['a NUL in an id', [{ __typename: 'Counter', id: 'a\u0000b' }]],
    ['a NUL in another field', [{ __typename: 'Counter', id: 'usr_a', note: { deep: 'a\u0000b' } }]],
    ['1,001 references', counters(1_001)],
  ])('refuses %s among the references', async (_title, r) => {
    const { errors } = await users.ask(actAs.user(), ENTITIES, { r });
    expect(errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) })]);
  });

  it('tells where a text is that no store could hold', async () => {
    const r = [...counters(1), { __typename: 'Counter', id: 'usr_a', note: { deep: ['a', '\ud800'] } }];
    const { errors } = await users.ask(actAs.user(), ENTITIES, { r });
    expect(errors).toMatchObject([{ extensions: { path: ['representations', '1', 'note', 'deep', '1'] } }]);
  });

  it('answers 1,000 references, with what belongs to the viewer only', async () => {
    const { data, errors } = await users.ask(actAs.user(), ENTITIES, { r: counters(1_000) });
    expect([data?._entities, errors]).toEqual([Array(1_000).fill(null), undefined]);
  });

  it('takes __proto__ and constructor as aliases and as names of variables', async () => {
    const aliases =
      'mutation { __proto__: counterAdd(input: { amount: 1 }) { __typename } constructor: counterAdd(input: { amount: 1 }) { __typename } }';
    const { extensions } = await users.ask(actAs.user(), aliases, {}, { key: 'k' });
    expect(JSON.stringify(extensions)).toBe('{"idempotency":{"replayed":{"__proto__":false,"constructor":false}}}');
    const names = 'query($__proto__: String!, $constructor: String!) { a: echo(text: $__proto__) b: echo(text: $constructor) }';
    expect((await users.ask(actAs.user(), names, JSON.parse('{"__proto__":"x","constructor":"y"}'))).data).toEqual({ a: 'x', b: 'y' });
    expect(({} as { amount?: number }).amount).toBeUndefined();
  });

  it('answers a query that is too long, as it answers any other', async () => {
    const { errors } = await users.ask(actAs.user(), `{ echo(text: "${'a'.repeat(100_000)}") }`);
    expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })]);
  });
});
