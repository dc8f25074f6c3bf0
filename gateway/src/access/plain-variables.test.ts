import { describe, expect, test } from '@jest/globals';
import { buildSchema, type GraphQLScalarType, getVariableValues, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { compilePlainVariables } from './plain-variables.ts';

const schema = buildSchema(`
  scalar Anything
  scalar Lower
  scalar Upper
  enum Colour { RED GREEN }
  input Inner { id: ID!, colour: Colour, inner: Inner, list: [Inner!], limit: Int = 3 }
  input Bare { id: ID!, bare: Bare }
  input One @oneOf { a: String, b: String }
  type Query { field(weight: Float): String }
`);
const scalar = (name: string) => schema.getType(name) as GraphQLScalarType; // written above
scalar('Lower').parseValue = (value) => {
  if (value === 'text') return value;
  throw new TypeError('Not lower.');
};
scalar('Upper').parseValue = (value) => (typeof value === 'string' ? value.toUpperCase() : undefined);

const TYPES = [
  'String',
  'ID',
  'Int',
  'Float',
  'Boolean',
  'Colour',
  'Anything',
  'Lower',
  'Upper',
  'Inner',
  'Bare',
  'One',
  'Missing',
  'Query',
].flatMap((type) => [type, `${type}!`, `[${type}]`, `[${type}!]!`]);
const VALUES: readonly unknown[] = [
  null,
  'text',
  '',
  0,
  1.5,
  -1,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  Number.NaN,
  true,
  'RED',
  'BLUE',
  {},
  { id: 'a' },
  { id: 'a', limit: 1 },
  { id: 1, limit: 1 },
  { id: 'a', limit: 1, colour: 'RED', inner: { id: 'b', limit: 2, list: [{ id: 'c', limit: 3 }] } },
  { id: 'a', limit: 1, inner: { limit: 2 } },
  { id: 'a', more: 1 },
  { id: 'a', constructor: 1 },
  { id: 'a', bare: { id: 'b', bare: null } },
  { a: 'one' },
  { a: 'one', b: 'two' },
  [],
  ['a'],
  [null],
  [1, 'a'],
  [[1]],
  ['RED'],
  [{ id: 'a', limit: 1 }],
];
const ABSENT = Symbol('absent');

function operationOf(text: string): OperationDefinitionNode {
  const [operation] = parse(text).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('An operation is wanted.');
  return operation;
}

describe('plain variables', () => {
  test.each(TYPES.flatMap((type) => [[type, ''] as const, ...(type === 'Int' ? [[type, ' = 3'] as const] : [])]))(
    'of %s%s are such that coercion changes nothing',
    (type, defaultValue) => {
      const operation = operationOf(`query ($value: ${type}${defaultValue}) { field }`);
      const isPlain = compilePlainVariables(operation, schema);
      for (const value of [...VALUES, ABSENT]) {
        const given = value === ABSENT ? {} : { value };
        if (!isPlain(given)) continue;
        const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
        expect({ value, coerced, errors }).toEqual({ value, coerced: given, errors: undefined });
      }
    },
  );

  test.each([
    ['String', 'text'],
    ['ID!', 'id'],
    ['Int', 3],
    ['Float', 1.5],
    ['Boolean!', false],
    ['Colour', 'RED'],
    ['Anything', { any: ['thing'] }],
    ['[Lower!]', ['text']],
    ['Upper', 'RED'],
    ['[ID!]!', ['a', 'b']],
    ['Bare', { id: 'a', bare: { id: 'b' } }],
    ['Inner!', { id: 'a', limit: 1 }],
  ])('of %s are known as such', (type, value) => {
    const isPlain = compilePlainVariables(operationOf(`query ($value: ${type}, $absent: String) { field }`), schema);
    expect(isPlain({ value, more: 'not asked for' })).toBe(true);
  });

  test('are not looked for among what every object inherits', () => {
    const isPlain = compilePlainVariables(operationOf('query ($constructor: Anything!) { field }'), schema);
    expect(isPlain({})).toBe(false);
    expect(isPlain({ constructor: 1 })).toBe(true);
  });
});
