import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { sha256 } from '@tessera/service-kit/crypto';
import { getIntrospectionQuery } from 'graphql';
import { createAdmission } from './admit.ts';
import { LIMITS, type LimitName } from './limits.ts';

const admission = createAdmission();
const admit =
  (query: string | null, variables: unknown = {}, bodyBytes = 100) =>
  () =>
    admission.admit({ query, variables, bodyBytes });
const repeat = (count: number, part: (index: number) => string) => Array.from({ length: count }, (_, index) => part(index)).join(' ');
const nested = (depth: number) => `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`;
const refusal = (limit: LimitName, path?: readonly string[]) =>
  expect.objectContaining({ code: 'OPERATION_NOT_ALLOWED', data: { limit, maximum: LIMITS[limit], ...(path ? { path } : {}) } });

describe('admission', () => {
  test('lets ordinary operations and the introspection of tools in', () => {
    expect(admit(nested(LIMITS.depth))).not.toThrow();
    expect(
      admit(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true, oneOf: true })),
    ).not.toThrow();
  });

  test('leaves syntax errors to the server, which says where they are', () => {
    expect(admit('{ a ')).not.toThrow();
  });

  test.each<[string, LimitName, string]>([
    ['characters', 'characters', `{ a } #${'x'.repeat(LIMITS.characters)}`],
    ['tokens', 'tokens', `{ ${repeat(2_001, () => 'a')} }`],
    ['depth', 'depth', nested(LIMITS.depth + 1)],
    ['a depth of hundreds', 'depth', nested(400)],
    ['aliases', 'aliases', `{ b { ${repeat(31, (index) => `a${index}: a`)} } }`],
    ['root fields', 'rootFields', `{ ${repeat(21, () => 'a')} }`],
    ['mutation fields', 'mutationFields', `mutation { ${repeat(6, (index) => `a${index}: a`)} }`],
    ['log-ins', 'logInFields', 'mutation { a: sessionOpen b: sessionOpen }'],
    ['directives in one place', 'directives', `{ a ${'@skip(if: false) '.repeat(11)} }`],
    ['fields through a ladder of fragments', 'fields', ladder(30)],
    ['a fragment that contains itself', 'depth', '{ ...F } fragment F on Query { a { ...F } }'],
    ['depth hidden in an operation that is not the chosen one', 'depth', `query A { a } query B ${nested(20)}`],
    ['introspection in introspection', 'introspectionDepth', `{ __schema ${nested(21)} }`],
    ['a list in the text', 'listItems', `{ a(in: [${repeat(251, () => '1')}]) }`],
  ])('refuses too many %s', (_what, limit, query) => {
    expect(admit(query)).toThrow(refusal(limit));
  });

  test.each([
    'subscription ($a: Boolean!) { b @skip(if: $a) { c } }',
    'subscription { b @include(if: true) { c } }',
    'subscription ($a: Boolean!) { ... @include(if: $a) { b } }',
    'subscription ($a: Boolean!) { ...F } fragment F on Subscription { ...F b @include(if: $a) }',
  ])('takes no condition at the root of a subscription: %s', (query) => {
    expect(admit(query)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining('@skip') }));
  });

  test('takes conditions below the root of a subscription, and at the root of a query beside it', () => {
    expect(admit('subscription A ($a: Boolean!) { b { c @skip(if: $a) } } query B ($a: Boolean!) { b @skip(if: $a) }')).not.toThrow();
  });

  test('measures 10,000 steps of a ladder no longer than it takes to read them', () => {
    const startedAt = performance.now();
    expect(admit(ladder(60))).toThrow(refusal('fields'));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('takes no name %s in operation or input', (name) => {
    expect(admit(`{ ${name}: a }`)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    expect(admit('{ a }', JSON.parse(`{"input": [{"${name}": 1}]}`))).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });

  test.each([
    ['an exponent', '1e400'],
    ['one below zero', '-1e400'],
    ['400 digits', `1${'0'.repeat(400)}`],
  ])('takes no number that nobody could read: %s', (_what, number) => {
    const refused = {
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('A number is too large: 1.7976931348623157e+308 is the largest'),
    };
    expect(admit(`{ f(x: ${number}) }`)).toThrow(expect.objectContaining(refused));
    expect(admit('query ($x: J) { f(x: $x) }', { variables: { x: [JSON.parse(number)] } })).toThrow(
      expect.objectContaining({ ...refused, data: { path: ['x', '0'] } }),
    );
    expect(admit('{ f(x: 1e300, y: 12345678901234567890) }', { x: Number.MAX_VALUE })).not.toThrow();
  });

  test('bounds variables, also of persisted operations', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`);
    expect(admit(null, deep)).toThrow(refusal('inputDepth'));
    expect(admit(null, { ids: Array(251).fill(1) })).toThrow(refusal('listItems', ['ids']));
  });

  test('takes large bodies only for operations that deposit or import', () => {
    const size = LIMITS.bodyBytes + 1;
    expect(admit('{ a }', {}, size)).toThrow(refusal('bodyBytes'));
    expect(admit('mutation($i: I!) { unitsDeposit(input: $i) { a } }', { i: Array(1_000).fill('s') }, size)).not.toThrow();
    expect(admit('mutation($i: I!) { unitsDeposit(input: $i) { a } }', { i: Array(LIMITS.largeListItems + 1).fill('s') }, size)).toThrow(
      refusal('largeListItems', ['i']),
    );
  });

  test('takes a large body of a persisted operation that it has seen in full', () => {
    const query = 'mutation Batch($input: I!) { transferBatchCreate(input: $input) { a } }';
    const large = { query: null, variables: { variables: { input: { items: Array(1_000).fill('s') } } }, bodyBytes: LIMITS.bodyBytes + 1 };
    const byHash = (change = {}) => admission.admit({ ...large, query: admission.textOf(sha256(query)) ?? null, ...change });
    expect(() => byHash()).toThrow(refusal('bodyBytes'));
    admission.admit({ query, bodyBytes: 100 });
    expect(() => byHash()).not.toThrow();
    const tooMany = { variables: { variables: { input: { items: Array(LIMITS.largeListItems + 1).fill('s') } } } };
    expect(() => byHash(tooMany)).toThrow(refusal('largeListItems', ['input', 'items']));
  });
});

function ladder(steps: number): string {
  return `{ ...F0 } ${repeat(steps, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)} fragment F${steps} on Query { a }`;
}

test('MUST refuse what ends the stack of the parser, as a limit', async () => {
  // Plain JavaScript, in a thread whose stack is short.
  const query = `{ me(x: ${'['.repeat(900)}${']'.repeat(900)}) }`;
  const program = `
    const { parentPort } = await import('node:worker_threads');
    const { createAdmission } = await import(${JSON.stringify(new URL('./admit.ts', import.meta.url))});
    const { parse } = await import(${JSON.stringify(import.meta.resolve('graphql'))});
    const outcomeOf = (run) => { try { return run(); } catch (error) { return String(error); } };
    const query = ${JSON.stringify(query)};
    parentPort.postMessage([outcomeOf(() => parse(query)), outcomeOf(() => createAdmission().admit({ query, bodyBytes: 1 }))]);`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), { resourceLimits: { stackSizeMb: 0.3 } });
  const [[parsed, admitted]] = await once(worker, 'message');
  expect(parsed).toContain('RangeError');
  expect(admitted).toContain('nested too deeply');
});

describe('values in the text of an operation', () => {
  const inLists = (levels: number) => `{ products(where: ${'{and:['.repeat(levels)}${']}'.repeat(levels)}) { edges { cursor } } }`;

  test('MUST be nested no deeper than those in variables', () => {
    expect(admit(inLists(LIMITS.inputDepth / 2))).not.toThrow();
    expect(admit(inLists(LIMITS.inputDepth / 2 + 1))).toThrow(refusal('inputDepth'));
    expect(admit(`query ($a: [Int] = ${'['.repeat(17)}${']'.repeat(17)}) { a }`)).toThrow(refusal('inputDepth'));
  });

  test('may be many, side by side', () => {
    expect(admit(`{ products(where: { and: [${'{ a: [1] } '.repeat(100)}] }) { edges { cursor } } }`)).not.toThrow();
  });
});
