import { describe, expect, it } from '@jest/globals';
import { buildSchema, type ExecutionResult, type GraphQLSchema, graphqlSync } from 'graphql';
import { classifyError } from './error-table.ts';

const schema = buildSchema(`
  type Query { count(first: Int! = 1): Int union: Secret one: Known }
  type Known { id: ID }
  union Secret = Known`);

const ask = (source: string, rootValue: object, on: GraphQLSchema = schema): ExecutionResult =>
  graphqlSync({ schema: on, source, rootValue, variableValues: { n: null } });
const classified = ({ errors = [] }: ExecutionResult) => errors.map((error) => classifyError(error));

describe('the error table', () => {
  const knowing = buildSchema('type Query { one: Known } type Known { id: ID }');
  (knowing.getType('Known') as { isTypeOf?: unknown }).isTypeOf = () => false;

  it.each([
    ['a value that does not fit its scalar', ask('{ count }', { count: 'password=hunter2' })],
    ['an object of no known type', ask('{ union { __typename } }', { union: { __typename: 'hunter2' } })],
    ['an object of another type', ask('{ one { id } }', { one: { password: 'hunter2' } }, knowing)],
  ])('masks what GraphQL says about %s, which is our fault', (_title, result) => {
    expect(JSON.stringify(result.errors)).toContain('hunter2');
    expect(classified(result)).toEqual([
      expect.objectContaining({ code: 'INTERNAL', message: 'Something went wrong on our side.', isFault: true }),
    ]);
  });

  it.each([
    ['a document that is not valid', ask('{ nothing }', {})],
    ['an argument that is null at run time', ask('query($n: Int = 1) { count(first: $n) }', { count: 1 })],
  ])('repeats what GraphQL says about %s, which is the mistake of the caller', (_title, result) => {
    expect(classified(result)).toEqual([expect.objectContaining({ code: 'BAD_USER_INPUT', message: result.errors?.[0]?.message })]);
  });
});
