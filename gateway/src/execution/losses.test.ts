import { describe, expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, parse } from 'graphql';
import { isNo, notNull, THINGS, told } from '../../test/lossy-graph.ts';
import { smallGraph } from '../../test/small-graph.ts';
import type { TreeObject } from './data/tree.ts';
import { Places } from './plan/places.ts';
import { clientShape, compileShape } from './shape/compile-shape.ts';

const WRONG_COUNT = 'The subgraph did not answer as many entities as it was asked for.';

describe('a value of a wrong form is an error of its position', () => {
  it.each([
    ['int', '"1"', 'Int'],
    ['float', '"1"', 'Float'],
    ['flag', '1', 'Boolean'],
    ['color', '"GREEN"', 'Color'],
    ['text', '{"secret":1}', 'String'],
    ['texts', '"secret"', '[String!]'],
    ['ints', '{"0":1}', '[Int]'],
    ['next { id }', '[{"id":"1"}]', 'Thing'],
    ['nexts { id }', '{"id":"1"}', '[[Thing!]]'],
  ])('%s as %s', async (field, value, type) => {
    const [name = ''] = field.split(' ');
    for (const more of ['', ' must']) {
      const answers = { a: `{"data":{"thing":{"${name}":${value},"must":1}}}` };
      const { data, errors } = await told(answers, `{ thing { ${field}${more} } }`);
      expect(data).toEqual({ thing: { [name]: null, ...(more ? { must: 1 } : {}) } });
      expect(errors).toEqual([`thing.${name}: ${isNo(type, `Thing.${name}`)}`]);
    }
  });

  it('with aliases, and the places in lists', async () => {
    const answers = { a: '{"data":{"a":[{"b":[1,"2",null,true],"c":[[1],["x",2],5]}]}}' };
    const { data, errors } = await told(answers, '{ a: things { b: ints c: rows } }');
    expect(data).toEqual({ a: [{ b: [1, null, null, null], c: [[1], null, null] }] });
    expect(errors).toEqual([
      `a.0.b.1: ${isNo('Int', 'Thing.ints')}`,
      `a.0.b.3: ${isNo('Int', 'Thing.ints')}`,
      `a.0.c.1.0: ${isNo('Int', 'Thing.rows')}`,
      `a.0.c.2: ${isNo('[Int!]', 'Thing.rows')}`,
    ]);
  });

  it.each([
    ['no type', '{ node { id } }', 'node', '"Nobody"'],
    ['a type that is hidden', '{ node { id } }', 'node', '"Hidden"'],
    ['what is no name', '{ node { id } }', 'node', '7'],
    ['an interface, where the type is asked for', '{ node { id __typename } }', 'node', '"Node"'],
    ['a type that is not one of the union', '{ any { ... on Other { of { id } } ... on Node { id } } }', 'any', '"Shade"'],
  ])('where an object is of %s, which is not named', async (_title, query, field, typename) => {
    const { data, errors } = await told({ a: `{"data":{"${field}":{"__typename":${typename},"id":"1"}}}` }, query);
    expect(data).toEqual({ [field]: null });
    expect(errors).toEqual([`${field}: ${isNo(field === 'node' ? 'Node' : 'Any', `Query.${field}`)}`]);
  });

  it('also of an enum value that clients may not see', async () => {
    expect((await told({ a: '{"data":{"shade":"DARK"}}' }, '{ shade }')).errors).toEqual([`shade: ${isNo('Shade', 'Query.shade')}`]);
  });
});

describe('null where null may not be is an error of its position', () => {
  it.each([
    ['{ thing { must } }', '{"thing":{"must":null}}', { thing: null }, ['thing.must: Thing.must']],
    ['{ thing { must } }', '{"thing":{}}', { thing: null }, ['thing.must: Thing.must']],
    ['{ must { id } }', '{}', null, ['must: Query.must']],
    ['{ m: must { m: must } }', '{"m":{"m":null}}', null, ['m.m: Thing.must']],
    [
      '{ thing { texts rows } }',
      '{"thing":{"texts":["a",null],"rows":[[1,null]]}}',
      { thing: { texts: null, rows: [null] } },
      ['thing.texts.1: Thing.texts', 'thing.rows.0.1: Thing.rows'],
    ],
    [
      '{ things { id } }',
      '{"things":[{"id":"1"},null,{"id":null}]}',
      { things: null },
      ['things.1: Query.things', 'things.2.id: Thing.id'],
    ],
    [
      '{ thing { nexts { id } id } }',
      '{"thing":{"id":"1","nexts":[[null],[{"id":"2"}]]}}',
      { thing: { nexts: [null, [{ id: '2' }]], id: '1' } },
      ['thing.nexts.0.0: Thing.nexts'],
    ],
    [
      '{ node { ...F } } fragment F on Node { next { ... on Node { id } } }',
      '{"node":{"__typename":"Thing","next":{"id":null}}}',
      { node: { next: null } },
      ['node.next.id: Thing.id'],
    ],
    ['{ any { ... on Other { of { id } } } }', '{"any":{"__typename":"Other","of":null}}', { any: null }, ['any.of: Other.of']],
  ])('%s answered with %s', async (query, answer, data, errors) => {
    const found = await told({ a: `{"data":${answer}}` }, query);
    const expected = errors.map((each) => each.replace(/ (.*)/, (_all, field: string) => ` ${notNull(field)}`));
    expect(found).toEqual({ data, errors: expected });
  });

  it('and what another value is, is none', async () => {
    const { errors } = await told({ a: '{"data":{"thing":{"must":"1"}}}' }, '{ thing { must } }');
    expect(errors).toEqual([`thing.must: ${isNo('Int', 'Thing.must')}`]);
  });

  it('within entities, at every position of each', async () => {
    const answers = {
      a: THINGS.replace('"2"', '"1"'),
      b: '{"data":{"_entities":[{"more":5,"least":1,"parts":[{"size":1},{"size":null}]}]}}',
    };
    const { data, errors } = await told(answers, '{ things { m: more least parts { size } } }');
    expect(data).toEqual({ things: [0, 1].map(() => ({ m: null, least: 1, parts: null })) });
    expect(errors).toEqual([0, 1].map((index) => `things.${index}.parts.1.size: ${notNull('Part.size')}`));
  });

  it('beside what is handed on as it came, and what the schema says of itself', async () => {
    const a = '{"data":{"t":{"next":{"id":"1"}},"thing":{"must":null}}}';
    const { data, errors } = await told({ a }, '{ __typename __schema { queryType { name } } t: thing { next { id } } thing { must } }');
    expect(data).toEqual({ __typename: 'Query', __schema: { queryType: { name: 'Query' } }, t: { next: { id: '1' } }, thing: null });
    expect(errors).toEqual([`thing.must: ${notNull('Thing.must')}`]);
  });

  it('only where a condition does not leave it out', async () => {
    const query = 'query($with: Boolean!) { thing { id must @include(if: $with) ... @skip(if: $with) { int } } }';
    const answers = { a: '{"data":{"thing":{"id":"1","int":"x"}}}' };
    expect((await told(answers, query, { with: false })).errors).toEqual([`thing.int: ${isNo('Int', 'Thing.int')}`]);
    expect((await told(answers, query, { with: true })).errors).toEqual([`thing.must: ${notNull('Thing.must')}`]);
  });
});

describe('no error is told', () => {
  it.each([
    ['at the position', '{"errors":[{"message":"lost","path":["thing","must"]}],"data":{"thing":{"must":null}}}', 'thing.must'],
    ['below it', '{"errors":[{"message":"lost","path":["thing","must","more"]}],"data":{"thing":{"must":null}}}', 'thing.must.more'],
    ['above it', '{"errors":[{"message":"lost","path":["thing"]}],"data":{"thing":{"must":"x"}}}', 'thing'],
    [
      'at another one that took the object with it',
      '{"errors":[{"message":"lost","path":["thing","int"]}],"data":{"thing":null}}',
      'thing.int',
    ],
    ['of the whole answer', '{"errors":[{"message":"lost"}],"data":{"thing":{"must":null}}}', undefined],
  ])('beside an error %s', async (_title, a, path) => {
    expect(await told({ a }, '{ thing { must } }')).toEqual({ data: { thing: null }, errors: [`${path}: lost`] });
  });

  it('of what a subgraph that failed would have brought', async () => {
    const root = await told(
      { a: '{"errors":[{"message":"lost","path":["must","must"]}],"data":null}' },
      '{ t: must { id } must { must } }',
    );
    expect(root).toEqual({ data: null, errors: ['must.must: lost'] });
    const b = '{"errors":[{"message":"lost","path":["_entities",0]},{"message":"lost","path":["_entities",1]}],"data":null}';
    const entities = await told({ a: THINGS, b }, '{ things { id least } }');
    expect(entities).toEqual({ data: { things: null }, errors: ['things.0: lost', 'things.1: lost'] });
  });

  it('of an entity that is not there', async () => {
    const one = { a: '{"data":{"thing":{"__typename":"Thing","id":"1"}}}', b: '{"data":{"_entities":[null]}}' };
    expect(await told(one, '{ thing { id least } }')).toEqual({ data: { thing: null }, errors: [] });
    expect(await told({ a: THINGS, b: '{"data":{"_entities":[null,{"least":1}]}}' }, '{ things { least } }')).toEqual({
      data: { things: null },
      errors: [],
    });
  });

  it('of its type, of which another subgraph knows an interface only', async () => {
    const books =
      'type Query { none: Int } interface Media @key(fields: "id") { id: ID! } type Book implements Media @key(fields: "id") { id: ID! pages: Int! }';
    const top = 'type Query { top: Media } type Media @interfaceObject @key(fields: "id") { id: ID! rank: Int }';
    const answerOf = async (entity: string) => {
      const graph = await smallGraph({
        a: { sdl: top, answer: () => '{"data":{"top":{"__typename":"Media","id":"1","rank":1}}}' },
        b: { sdl: books, answer: () => `{"data":{"_entities":[${entity}]}}` },
      });
      return graph.run('{ top { __typename rank } }');
    };
    expect(await answerOf('null')).toMatchObject({ data: { top: null }, errors: [] });
    expect(await answerOf('{}')).toMatchObject({ data: { top: null }, errors: [{ message: isNo('Media', 'Query.top'), path: ['top'] }] });
    expect(await answerOf('{"__typename":"Book"}')).toMatchObject({ data: { top: { __typename: 'Book', rank: 1 } }, errors: [] });
  });

  it('of what nobody is asked for', async () => {
    const query = 'query($with: Boolean!) { thing { int ... @include(if: $with) { more } } }';
    expect(await told({ a: '{"data":{"thing":{"int":1}}}' }, query, { with: false })).toEqual({ data: { thing: { int: 1 } }, errors: [] });
    const node = '{ node { id ... on Thing { more } } any { ... on Thing { more } } }';
    const a = '{"data":{"node":null,"any":{"__typename":"Other"}}}';
    expect(await told({ a }, node)).toEqual({ data: { node: null, any: {} }, errors: [] });
  });

  it('of the key of which another error says why it is null', async () => {
    const a = '{"errors":[{"message":"lost","path":["thing","id"]}],"data":{"thing":{"__typename":"Thing","id":null,"int":1}}}';
    expect(await told({ a }, '{ thing { int more } }')).toEqual({ data: { thing: { int: 1, more: null } }, errors: ['thing.id: lost'] });
    const all = '{"errors":[{"message":"lost"}],"data":{"thing":{"__typename":"Thing","id":null,"int":1}}}';
    expect((await told({ a: all }, '{ thing { int least } }')).errors).toEqual(['undefined: lost']);
  });

  it('of what it was needed for', async () => {
    const answers = { a: THINGS, b: '{"data":{"_entities":[null,{"more":"m"}]}}', c: '{"data":{"_entities":[{"sign":"s"}]}}' };
    expect(await told(answers, '{ things { sign } }')).toEqual({ data: { things: null }, errors: [] });
  });

  it('of what is null and may be', async () => {
    expect(
      (
        await told(
          { a: '{"data":{"thing":{"int":null,"ints":[null],"rows":[null],"nexts":null}}}' },
          '{ thing { int ints rows nexts { id } next { id } } }',
        )
      ).errors,
    ).toEqual([]);
  });
});

describe('an error is told all the same', () => {
  const THING = '{"data":{"thing":{"__typename":"Thing","id":"1","int":1}}}';

  it.each([
    ['of an entity that another subgraph does not have', '{"data":{"_entities":[null]}}', []],
    ['beside an error of another fetch', '{"errors":[{"message":"lost"}],"data":{"_entities":[{"more":null}]}}', ['undefined: lost']],
    ['beside an answer of no use to another fetch', '{"data":{"_entities":[]}}', [`undefined: ${WRONG_COUNT}`]],
  ])('%s', async (_title, b, others) => {
    const { data, errors } = await told({ a: THING, b, c: '{"data":{"_entities":[{}]}}' }, '{ thing { int more other } }');
    expect([data, errors]).toEqual([{ thing: null }, [...others, `thing.other: ${notNull('Thing.other')}`]]);
  });

  it.each([
    ['null as the key', '{"__typename":"Thing","id":null,"int":1}'],
    ['no type that there is', '{"__typename":"Nobody","id":"1","int":1}'],
    ['a type that no object has', '{"__typename":"ID","id":"1","int":1}'],
    ['what is no name', '{"__typename":7,"id":"1","int":1}'],
  ])('of %s, by which others would have been asked, and then nothing else of those', async (_title, thing) => {
    const unfit = (path: string) => `${path}: A subgraph did not answer what others are asked by.`;
    const b = '{"data":{"_entities":[{"more":"m"}]}}';
    expect(await told({ a: `{"data":{"thing":${thing}}}`, b }, '{ thing { int more } }')).toEqual({
      data: { thing: { int: 1, more: null } },
      errors: [unfit('thing')],
    });
    const a = `{"data":{"things":[${thing},{"__typename":"Thing","id":"1","int":2},${thing}]}}`;
    expect(await told({ a, b: '{"data":{"_entities":[{"least":1}]}}' }, '{ things { int least } }')).toEqual({
      data: { things: null },
      errors: [unfit('things.0'), unfit('things.2')],
    });
  });

  it('of what an object holds, by which others cannot be asked', async () => {
    const { errors } = await told(
      { a: '{"data":{"thing":{"__typename":"Thing","id":null,"int":"x","must":1}}}' },
      '{ thing { int must more } }',
    );
    expect(errors).toEqual(['thing: A subgraph did not answer what others are asked by.', `thing.int: ${isNo('Int', 'Thing.int')}`]);
  });

  it('beside an error of another fetch, deep within its own', async () => {
    const b = '{"errors":[{"message":"lost"}],"data":{"_entities":[{"parts":[{"size":null}]}]}}';
    const a = '{"data":{"thing":{"__typename":"Thing","id":"1","nexts":[[{"id":null}]]}}}';
    expect((await told({ a, b }, '{ thing { id nexts { id } parts { size } } }')).errors).toEqual([
      'undefined: lost',
      `thing.nexts.0.0.id: ${notNull('Thing.id')}`,
    ]);
  });

  it.each(['{"data":null}', '{"data":null,"errors":[]}'])('of %s in the place of a whole answer', async (a) => {
    const nothing = 'undefined: The subgraph did not answer what it was asked for.';
    expect(await told({ a }, '{ thing { must } }')).toEqual({ data: { thing: null }, errors: [nothing] });
    expect(await told({ a }, '{ must { must } }')).toEqual({ data: null, errors: [nothing] });
  });

  it('beside an error of another position', async () => {
    const a = '{"errors":[{"message":"lost","path":["thing","int"]}],"data":{"thing":{"int":null,"float":"x","texts":[null]}}}';
    expect((await told({ a }, '{ thing { int float texts } }')).errors).toEqual([
      'thing.int: lost',
      `thing.float: ${isNo('Float', 'Thing.float')}`,
      `thing.texts.0: ${notNull('Thing.texts')}`,
    ]);
  });

  it('of another form, beside an error without a path', async () => {
    const a = '{"errors":[{"message":"lost"}],"data":{"thing":{"int":"x"}}}';
    expect((await told({ a }, '{ thing { int } }')).errors).toEqual(['undefined: lost', `thing.int: ${isNo('Int', 'Thing.int')}`]);
  });

  it('of what others answer as null of an entity that is not there', async () => {
    const a = '{"data":{"things":[{"__typename":"Thing","id":"1","must":null}]}}';
    const { errors } = await told({ a, b: '{"data":{"_entities":[null]}}' }, '{ things { must more } }');
    expect(errors).toEqual([`things.0.must: ${notNull('Thing.must')}`]);
  });

  it('of an entity that lacks what it must have', async () => {
    const { errors } = await told({ a: THINGS, b: '{"data":{"_entities":[{"least":1},{}]}}' }, '{ things { least } }');
    expect(errors).toEqual([`things.1.least: ${notNull('Thing.least')}`]);
  });

  it.each(['{"data":null}', '{"data":{"_entities":[[],{"least":1}]}}'])(
    'of %s in the place of entities, as one of the fetch',
    async (b) => {
      const { data, errors } = await told({ a: THINGS, b }, '{ things { more } }');
      expect(data).toEqual({ things: [{ more: null }, { more: null }] });
      expect(errors).toEqual([`undefined: ${WRONG_COUNT}`]);
    },
  );
});

describe('a thousand errors are told', () => {
  const many = (count: number, thing: string) => `[${Array.from({ length: count }, () => thing).join(',')}]`;

  it('of what was answered, and that there are more', async () => {
    const { errors } = await told({ a: `{"data":{"things":${many(1_500, '{"int":"x"}')}}}` }, '{ things { int } }');
    expect(errors.slice(998)).toEqual([
      `things.998.int: ${isNo('Int', 'Thing.int')}`,
      `things.999.int: ${isNo('Int', 'Thing.int')}`,
      'undefined: There are 500 more errors like these.',
    ]);
  });

  it('of one fetch, and that there are more, which nothing else is told of', async () => {
    const a = `{"data":{"things":${many(1_500, '{"__typename":"Thing","id":"1"}')}}}`;
    const b =
      '{"errors":[{"message":"lost","path":["_entities",0,"least"],"extensions":{"code":"TIMEOUT"}},{"message":"late","path":["_entities",0]}],"data":{"_entities":[null]}}';
    const { errors } = await told({ a, b }, '{ things { id least } }');
    expect(errors.slice(998)).toEqual([
      'things.998.least: lost',
      'things.999.least: lost',
      'things: There are 2000 more errors like these.',
    ]);
    const root = `{"errors":${many(1_002, '{"message":"lost","path":["thing"]}')},"data":{"thing":null}}`;
    expect((await told({ a: root }, '{ thing { id } }')).errors.slice(1_000)).toEqual(['undefined: There are 2 more errors like these.']);
  });
});

it('an answer is looked at once more only if something of it is lost', () => {
  const schema = buildSchema('type Query { a: Int b: [Int] c: Query }');
  const document = parse('{ a b c { a } }');
  const operation = getOperationAST(document);
  if (!operation) throw new Error('There is no operation.');
  const meter = { characters: 0 };
  const asked = clientShape({ document, operation, schema, keyOf: (key) => key });
  const { print } = compileShape(asked, new Places(meter, new Map()), meter);
  const isLess = (root: TreeObject) => print(root, [], new Map()).isLessThanAnswered;
  expect([{ $a: '"x"' }, { $b: '[1,"x"]' }, { $b: '1' }, { $c: [] }, { $c: { $a: 'true' } }].map(isLess)).toEqual(Array(5).fill(true));
  expect([{}, { $a: null }, { $a: '1', $b: '[1,null]', $c: { $a: null } }].map(isLess)).toEqual([false, false, false]);
});
