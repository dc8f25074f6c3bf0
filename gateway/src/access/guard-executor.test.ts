import { expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, parse, print } from 'graphql';
import { contextOf } from '../../test/context.ts';
import type { Executor } from '../execution/executor.ts';
import { guardExecutor } from './guard-executor.ts';
import type { AccessRules } from './rules.ts';

const SCHEMA = buildSchema('type Query { open: String secret: String sum(of: [Int!]): Int }');
const RULES: AccessRules = new Map([['Query.secret', { kind: 'authenticated' }]]);

function guardedBy(execute: Executor, query: string, name?: string) {
  const document = parse(query);
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error('There is no operation.');
  const guarded = guardExecutor(
    execute,
    () => RULES,
    () => SCHEMA,
  );
  return (variables: Readonly<Record<string, unknown>>) =>
    guarded({ document, operation, queryHash: query, request: { variables }, context: contextOf() });
}
const refuse: Executor = () => Promise.reject(new Error('Nothing runs where a variable is wrong.'));

it('takes a refused field out, and answers it with null and an error', async () => {
  const executed: string[] = [];
  const ask = guardedBy(async ({ document }) => {
    executed.push(print(document));
    return { data: { open: 'o' } };
  }, 'query($x: Boolean = false) { open secret @include(if: $x) }');
  expect(await ask({})).toEqual({ data: { open: 'o' } });
  expect(await ask({ x: true })).toMatchObject({
    data: { open: 'o', secret: null },
    errors: [{ path: ['secret'], extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(executed.map((each) => each.includes('secret'))).toEqual([true, false]);
});

it('MUST refuse null in a condition as a mistake of the client, before it looks at what the condition lets in', async () => {
  const ask = guardedBy(refuse, 'query($x: Boolean = false) { open secret @include(if: $x) }');
  expect(await ask({ x: null })).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
});

it('takes null where only another operation of the document has a condition', async () => {
  const query = 'query A($x: [Int!] = [1]) { sum(of: $x) } query B($x: Boolean = false) { open @include(if: $x) }';
  const execute: Executor = async () => ({ data: { sum: null } });
  expect(await guardedBy(execute, query, 'A')({ x: null })).toEqual({ data: { sum: null } });
  expect(await guardedBy(refuse, query, 'B')({ x: null })).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
});

it('of a list that is wrong throughout, so many mistakes are told as clients need', async () => {
  const ask = guardedBy(refuse, 'query ($of: [Int!]) { sum(of: $of) }');
  const variables = { of: Array.from({ length: 1_000 }, () => 'x') };
  const { errors = [] } = await ask(variables);
  expect(errors.slice(48).map(({ message, extensions }) => [message.slice(0, 30), extensions.code])).toEqual([
    ['$of[48]: Int cannot represent ', 'BAD_USER_INPUT'],
    ['$of[49]: Int cannot represent ', 'BAD_USER_INPUT'],
    ['Too many errors processing var', 'BAD_USER_INPUT'],
  ]);
});
