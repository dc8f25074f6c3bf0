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

  it('says where in the query a value is that it refuses', () => {
    expect(classified(ask('{ count(first: "hunter2") }', {}))).toMatchObject([{ code: 'BAD_USER_INPUT', data: { path: ['first'] } }]);
  });

  it.each([
    ['in a field', { in: { amount: 'hunter2' } }, '$in.amount: ', ['in', 'amount']],
    ['in a list', { in: { amount: 1, more: [1, 'hunter2'] } }, '$in.more[1]: ', ['in', 'more', '1']],
    ['at the top', { in: 'hunter2' }, '$in: ', ['in']],
    ['that is missing', { in: {} }, '$in: Field "amount"', ['in']],
  ])('says where a bad variable %s is, without quoting the whole input', (_title, variableValues, place, path) => {
    const taking = buildSchema('type Query { take(in: In): Int } input In { amount: Int! more: [Int] }');
    const { errors = [] } = graphqlSync({ schema: taking, source: 'query ($in: In) { take(in: $in) }', variableValues });
    const [first] = errors.map((error) => classifyError(error));
    expect(first).toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining(place), data: { path } });
  });
});
