import { expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, parse } from 'graphql';
import { contextOf } from '../../test/context.ts';
import { guardExecutor } from './guard-executor.ts';

it('of a list that is wrong throughout, so many mistakes are told as clients need', async () => {
  const schema = buildSchema('type Query { sum(of: [Int!]): Int }');
  const refuse = () => Promise.reject(new Error('Nothing runs where a variable is wrong.'));
  const guarded = guardExecutor(
    refuse,
    () => new Map(),
    () => schema,
  );
  const document = parse('query ($of: [Int!]) { sum(of: $of) }');
  const operation = getOperationAST(document);
  if (!operation) throw new Error('There is no operation.');
  const variables = { of: Array.from({ length: 1_000 }, () => 'x') };
  const { errors = [] } = await guarded({ document, operation, queryHash: '', request: { variables }, context: contextOf() });
  expect(errors.slice(48).map(({ message, extensions }) => [message.slice(0, 30), extensions.code])).toEqual([
    ['$of[48]: Int cannot represent ', 'BAD_USER_INPUT'],
    ['$of[49]: Int cannot represent ', 'BAD_USER_INPUT'],
    ['Too many errors processing var', 'BAD_USER_INPUT'],
  ]);
});
