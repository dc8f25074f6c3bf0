import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { actAs, commonTestConfig, describeSubgraphContract, startTestSubgraph, type TestSubgraph } from '../testing/index.ts';
import { type CounterServices, createCounterSubgraph } from './test/counter-subgraph.ts';

const ADD = `mutation($input: CounterAddInput!) { counterAdd(input: $input) { __typename
  ... on CounterAdded { counter { value } } ... on Problem { code message } ... on IdempotencyKeyReused { differingFields } ... on InvalidInput { issues { path } } } }`;

describeSubgraphContract(() => createCounterSubgraph({ ...commonTestConfig('postgres://nobody@127.0.0.1:1/none') }));

describe('a mutation with an idempotency key', () => {
  let users: TestSubgraph<CounterServices>;
  beforeAll(async () => {
    users = await startTestSubgraph('kit', createCounterSubgraph, {}, { version: 'counters-1' });
  });
  beforeEach(() => {
    users.subgraph.services.onAdd = async () => undefined;
  });
  afterAll(() => users.close());

  const add = async (viewer: ReturnType<typeof actAs.user>, input: object, key?: string) => {
    const answer = await users.ask(viewer, ADD, { input }, key ? { key } : {});
    return {
      ...answer,
      outcome: answer.data?.counterAdd as { __typename: string; counter?: { value: number }; differingFields?: string[] },
    };
  };

  it('happens once when it is sent twice, and says that the second answer is a replay', async () => {
    const viewer = actAs.user();
    const first = await add(viewer, { amount: 5, idempotencyKey: 'a' });
    const second = await add(viewer, { amount: 5, idempotencyKey: 'a' });
    expect([first.outcome, second.outcome]).toEqual([first.outcome, { __typename: 'CounterAdded', counter: { value: 5 } }]);
    expect([first.extensions, second.extensions]).toEqual([
      { idempotency: { replayed: { counterAdd: false } } },
      { idempotency: { replayed: { counterAdd: true } } },
    ]);
    expect([typeof first.committed, second.committed]).toEqual(['string', null]);
  });

  it('MUST have one effect when it is sent ten times at once', async () => {
    const viewer = actAs.user();
    const answers = await Promise.all(Array.from({ length: 10 }, () => add(viewer, { amount: 3 }, 'at-once')));
    expect(answers.map(({ outcome }) => outcome)).toEqual(answers.map(() => ({ __typename: 'CounterAdded', counter: { value: 3 } })));
    expect(answers.filter(({ committed }) => committed)).toHaveLength(1);
  });

  it('names the fields that differ when the key comes back with other input', async () => {
    const viewer = actAs.user();
    await add(viewer, { amount: 5, note: 'a', idempotencyKey: 'b' });
    const { outcome } = await add(viewer, { amount: 6, note: 'b', idempotencyKey: 'b' });
    expect(outcome).toMatchObject({ __typename: 'IdempotencyKeyReused', differingFields: ['input.amount', 'input.note'] });
  });

  it('remembers a definitive refusal although it would now pass', async () => {
    const viewer = actAs.user();
    await add(viewer, { amount: 40 }, randomUUID());
    expect((await add(viewer, { amount: 20 }, 'refused')).outcome.__typename).toBe('CounterFull');
    expect((await add(viewer, { amount: 20 }, 'refused')).extensions).toEqual({ idempotency: { replayed: { counterAdd: true } } });
  });

  it('leaves the key free and writes nothing for malformed input', async () => {
    const viewer = actAs.user();
    expect((await add(viewer, { amount: 0 }, 'retry')).outcome.__typename).toBe('InvalidInput');
    expect((await add(viewer, { amount: 7 }, 'retry')).outcome).toMatchObject({ counter: { value: 7 } });
  });

  it('leaves the key free when the use case fails, and masks why', async () => {
    const viewer = actAs.user();
    users.subgraph.services.onAdd = async () => {
      throw new Error('disk on fire at 10.0.0.7');
    };
    const failed = await add(viewer, { amount: 7 }, 'crash');
    expect(failed.errors).toEqual([
      expect.objectContaining({
        message: 'Something went wrong on our side.',
        extensions: { code: 'INTERNAL', errorId: expect.any(String) },
      }),
    ]);
    users.subgraph.services.onAdd = async () => undefined;
    expect((await add(viewer, { amount: 7 }, 'crash')).outcome).toMatchObject({ counter: { value: 7 } });
  });

  it('answers that the first request is still running instead of waiting for ever', async () => {
    const viewer = actAs.user();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    users.subgraph.services.onAdd = () => held;
    const first = add(viewer, { amount: 1 }, 'slow');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await add(viewer, { amount: 1 }, 'slow')).outcome.__typename).toBe('IdempotencyInProgress');
    release();
    expect((await first).outcome.counter).toEqual({ value: 1 });
  });

  it('MUST not keep others waiting while one client repeats itself', async () => {
    const viewer = actAs.user();
    const held = Promise.withResolvers<void>();
    users.subgraph.services.onAdd = () => held.promise;
    const repeated = Array.from({ length: 30 }, () => add(viewer, { amount: 1 }, 'again'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startedAt = performance.now();
    expect((await users.ask(actAs.user(), '{ counter { value } }')).data).toEqual({ counter: null });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    held.resolve();
    expect((await Promise.all(repeated)).map(({ outcome }) => outcome.counter)).toEqual(Array(30).fill({ value: 1 }));
  });

  it('derives one key per field from the header', async () => {
    const viewer = actAs.user();
    const twice = `mutation { a: counterAdd(input: { amount: 1 }) { __typename } b: counterAdd(input: { amount: 1 }) { ... on CounterAdded { counter { value } } } }`;
    await users.ask(viewer, twice, {}, { key: 'header' });
    const { data, extensions } = await users.ask(viewer, twice, {}, { key: 'header' });
    expect([data, extensions]).toEqual([
      { a: { __typename: 'CounterAdded' }, b: { counter: { value: 2 } } },
      { idempotency: { replayed: { a: true, b: true } } },
    ]);
  });

  it('does not let another principal see an outcome under the same key', async () => {
    await add(actAs.user(), { amount: 9 }, 'shared');
    expect((await add(actAs.user(), { amount: 4 }, 'shared')).outcome).toMatchObject({ counter: { value: 4 } });
  });

  it.each([
    ['no key', { amount: 1 }, undefined, 'IDEMPOTENCY_KEY_REQUIRED'],
    ['two different keys', { amount: 1, idempotencyKey: 'x' }, 'y', 'BAD_USER_INPUT'],
    ['a key with spaces', { amount: 1, idempotencyKey: 'a b' }, undefined, 'BAD_USER_INPUT'],
    ['a key of 129 characters', { amount: 1, idempotencyKey: 'k'.repeat(129) }, undefined, 'BAD_USER_INPUT'],
    ['a number as text', { amount: '1' }, 'z', 'BAD_USER_INPUT'],
  ])('refuses %s', async (_title, input, key, code) => {
    expect((await add(actAs.user(), input, key)).errors).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code }) }),
    ]);
  });

  it.each(['a\u0000b', '\ud800'])('refuses text that nobody can store with its path, and leaves the key free (%#)', async (note) => {
    const viewer = actAs.user();
    const issues = [{ path: ['input', 'note'] }];
    expect((await add(viewer, { amount: 1, note }, 'unstorable')).outcome).toMatchObject({ __typename: 'InvalidInput', issues });
    expect((await add(viewer, { amount: 1 }, 'unstorable')).outcome).toMatchObject({ counter: { value: 1 } });
  });
});

describe('access and masking', () => {
  let users: TestSubgraph<CounterServices>;
  beforeAll(async () => {
    users = await startTestSubgraph('kit', createCounterSubgraph, {}, { version: 'counters-1', isStarted: false });
  });
  afterAll(() => users.close());

  it.each([
    ['a visitor', actAs.visitor(), '{ counter { value } }', 'UNAUTHENTICATED'],
    ['a customer', actAs.user(), '{ counters }', 'FORBIDDEN'],
    ['anybody', actAs.visitor(), '{ broken }', 'INTERNAL'],
    ['a wrong field', actAs.visitor(), '{ nothing }', 'BAD_USER_INPUT'],
    ['broken syntax', actAs.visitor(), '{ ', 'BAD_USER_INPUT'],
  ])('answers %s with a code of the closed list', async (_title, viewer, query, code) => {
    const { errors } = await users.ask(viewer, query);
    expect(errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code }) })]);
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });

  it('answers an entity to its owner and null to others', async () => {
    const viewer = actAs.user();
    await users.ask(viewer, 'mutation { counterAdd(input: { amount: 1 }) { __typename } }', {}, { key: 'k' });
    const entities = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on Counter { value } } }';
    const r = [{ __typename: 'Counter', id: viewer.userId }];
    expect((await users.ask(viewer, entities, { r })).data).toEqual({ _entities: [{ value: 1 }] });
    expect((await users.ask(actAs.user(), entities, { r })).data).toEqual({ _entities: [null] });
  });
});
