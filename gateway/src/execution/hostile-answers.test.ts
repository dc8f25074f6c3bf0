import { describe, expect, it } from '@jest/globals';
import { smallGraph } from '../../test/small-graph.ts';
import type { Ask } from './plan/run.ts';

const SDL = `type Query { thing: Thing things: [Thing!] } enum Color { RED BLUE } scalar JSON
  type Thing @key(fields: "id") { id: ID! int: Int float: Float flag: Boolean color: Color text: String texts: [String!] ints: [Int] any: JSON must: Int! next: Thing }`;
const OTHER = 'type Thing @key(fields: "id") { id: ID! more: String }';

const graphOf = (
  answer: string | ((query: string, variables: Record<string, unknown>) => string | undefined),
  more?: (variables: Record<string, unknown>) => string,
) =>
  smallGraph({
    a: { sdl: SDL, answer: typeof answer === 'string' ? () => answer : answer },
    b: { sdl: OTHER, ...(more ? { answer: (_query: string, variables: Record<string, unknown>) => more(variables) } : {}) },
  });

describe('an answer that is not what the schema promises', () => {
  it.each([
    ['int', '"1"', null],
    ['int', '1.5', null],
    ['int', 'true', null],
    ['int', '-7', -7],
    ['int', '1e3', 1000],
    ['float', '"1"', null],
    ['float', '1.25e2', 125],
    ['flag', '1', null],
    ['flag', '"true"', null],
    ['flag', 'false', false],
    ['color', '"GREEN"', null],
    ['color', '"RED"', 'RED'],
    ['color', '1', null],
    ['text', '1', null],
    ['text', '{"a":1}', null],
    ['text', '"a\\u0000\\n\\"b"', 'a\u0000\n"b'],
    ['texts', '["a",null]', null],
    ['texts', '["a",1]', null],
    ['texts', '["a","\\"b"]', ['a', '"b']],
    ['ints', '[1,"2",null]', [1, null, null]],
    ['any', '{"a":[1,{"b":"]}"}]}', { a: [1, { b: ']}' }] }],
  ])('%s as %s is %j', async (field, value, expected) => {
    const graph = await graphOf(`{"data":{"thing":{"${field}":${value}}}}`);
    expect((await graph.run(`{ thing { ${field} } }`)).data).toEqual({ thing: { [field]: expected } });
  });

  it.each([
    ['white space', '{ "data" : { "thing" : { "id" : "1", "int" : 2 } } }'],
    ['another order of keys', '{"data":{"thing":{"int":2,"id":"1"}}}'],
    ['keys that nobody asked for', '{"data":{"thing":{"id":"1","__proto__":{"x":1},"int":2}},"constructor":1}'],
    ['extensions', '{"data":{"thing":{"id":"1","int":2}},"extensions":{"a":1}}'],
    ['data at the end', '{"extensions":{},"data":{"thing":{"id":"1","int":2}}}'],
    ['errors first', '{"errors":[{"message":"]}"}],"data":{"thing":{"id":"1","int":2}},"extensions":{"a":1}}'],
    ['errors twice', '{"errors":[{"message":"m"}],"data":{"thing":{"id":"1","int":2}},"errors":[]}'],
    ['a key twice', '{"data":{"thing":{"id":"0","id":"1","int":2}}}'],
  ])('is read with %s', async (_title, answer) => {
    const graph = await graphOf(answer);
    expect((await graph.run('{ thing { id int } }')).text).toBe('{"thing":{"id":"1","int":2}}');
  });

  it.each([
    '',
    '{',
    '[]',
    '1',
    '{}',
    '{"data":5}',
    '{"data":{"thing":{"id":"1","int":2}}',
    '{"data":{"thing":{"id":"1","int":2}}}}',
    '{"data":{"thing":{"id":"1","int":02}}}',
    '{"data":{"thing":{"id":"1","int":-}}}',
    '{"data":{"thing":{"id":"a\nb","int":2}}}',
    '{"data":{"thing":{"id":"\\q","int":2}}}',
    '{"data":{"thing":"text"}}',
    '{"data":{"thing":{"id":"1","int":2}},"errors":5}',
    '{"data":null,"errors":[{}]}',
    '{"errors":[{}],"data":{"thing":{"id":"1","int":2}}}',
    '{"errors":[{"message":"m"},],"data":{"thing":{"id":"1","int":2}}}',
    '{"errors":[{"message":"m"}]"data":{"thing":{"id":"1","int":2}}}',
    '{"errors":[{"message":"m"}],"data":{"thing":{"id":"1","int":2}}',
    '{"errors":[{"message":"m"}',
    '{"errors":[{"message":"m"}],"data":{"thing":"text"}}',
  ])('%j is refused as a whole', async (answer) => {
    const graph = await graphOf(answer);
    await expect(graph.run('{ thing { id int } }')).rejects.toThrow();
  });

  it('is scanned behind its errors, without being read a second time', async () => {
    const graph = await graphOf('{"errors":[{"message":"m","path":["thing","int"]}],"data":{"thing":{"id":"1","int":null}}}');
    const compiled = graph.compile('{ thing { id int } }');
    const ask: Ask = (request, context) => {
      const reader = {
        ...request.fetch.reader,
        readLoosely: () => {
          throw new Error('It was read a second time.');
        },
      };
      return graph.ask({ ...request, fetch: { ...request.fetch, reader } }, context);
    };
    const { data, errors } = await compiled.run({}, ask, null);
    expect([data, errors.map(({ path }) => path)]).toEqual(['{"thing":{"id":"1","int":null}}', [['thing', 'int']]]);
  });

  it('hands on numbers that JavaScript cannot hold', async () => {
    const graph = await graphOf('{"data":{"thing":{"any":123456789012345678901234567890}}}');
    expect((await graph.run('{ thing { any } }')).text).toBe('{"thing":{"any":123456789012345678901234567890}}');
  });

  it.each(['text', 'objects'] as const)('any JSON passes, however deep it is: as %s', async (form) => {
    const deep = `${'['.repeat(20_000)}{"a":[1,"]",null,{}]}${']'.repeat(20_000)}`;
    const answer = `{"data":{"thing":{"any":${deep},"id":"1"}}}`;
    const graph = await smallGraph({ a: { sdl: SDL, answer: () => answer } }, { form });
    for (const query of ['{ thing { any id } }', '{ thing { id any } }']) expect((await graph.run(query)).text).toContain(`"any":${deep}`);
  });

  it('null where a value must be spreads, with the errors that came', async () => {
    const graph = await graphOf('{"data":{"thing":null},"errors":[{"message":"gone","path":["thing","must"],"extensions":{"code":"X"}}]}');
    expect(await graph.run('{ thing { must } }')).toMatchObject({
      data: { thing: null },
      errors: [{ message: 'gone', path: ['thing', 'must'] }],
    });
    expect((await (await graphOf('{"data":{"thing":{"must":"1"}}}')).run('{ thing { must } }')).data).toEqual({ thing: null });
  });

  it('a path of an error that is none ends where it ceases to be one', async () => {
    const root = await graphOf(
      '{"data":{"thing":{"id":"1"}},"errors":[{"message":"m","path":["thing",{"a":1},null,"t"]},{"message":"m","path":[1.5]}]}',
    );
    expect((await root.run('{ thing { id } }')).errors.map(({ path }) => path)).toEqual([['thing'], undefined]);
    const things = '{"data":{"things":[{"__typename":"Thing","id":"1"}]}}';
    const entity = '{"data":{"_entities":[{"more":"x"}]},"errors":[{"message":"m","path":["_entities",0,null,"more"]}]}';
    const graph = await graphOf(things, () => entity);
    expect((await graph.run('{ things { more } }')).errors.map(({ path }) => path)).toEqual([['things', 0]]);
  });

  it.each(['[{"more":"x"}]', 'null'])('%s in the place of two entities is an error and no data', async (entities) => {
    const graph = await graphOf(
      '{"data":{"things":[{"__typename":"Thing","id":"1"},{"__typename":"Thing","id":"2"}]}}',
      () => `{"data":{"_entities":${entities}}}`,
    );
    expect(await graph.run('{ things { more } }')).toMatchObject({
      data: { things: [{ more: null }, { more: null }] },
      errors: [{ path: undefined }],
    });
  });

  it('no list of entities, and an error that says why, is that error alone', async () => {
    const graph = await graphOf(
      '{"data":{"things":[{"__typename":"Thing","id":"1"}]}}',
      () => '{"data":{"_entities":null},"errors":[{"message":"asleep","path":["_entities"]}]}',
    );
    expect((await graph.run('{ things { more } }')).errors).toEqual([{ message: 'asleep', path: ['things'] }]);
  });

  it.each([2, -1, 0.5, '0'])('an error about entity %j of two is told with the path of the list', async (index) => {
    const graph = await graphOf(
      '{"data":{"things":[{"__typename":"Thing","id":"1"},{"__typename":"Thing","id":"2"}]}}',
      () =>
        `{"data":{"_entities":[{"more":"a"},{"more":"b"}]},"errors":[{"message":"lost","path":["_entities",${JSON.stringify(index)},"more"]}]}`,
    );
    expect((await graph.run('{ things { more } }')).errors).toEqual([{ message: 'lost', path: ['things'] }]);
  });

  it('more than 1,000 entities are asked for in several fetches, with the errors at their places', async () => {
    const things = Array.from({ length: 2_500 }, (_, index) => `{"__typename":"Thing","id":"${index}"}`).join(',');
    const graph = await graphOf(`{"data":{"things":[${things}]}}`, ({ representations }) => {
      const list = representations as { id: string }[];
      const failed = list.findIndex(({ id }) => id === '2100');
      const errors = failed === -1 ? '' : `,"errors":[{"message":"lost","path":["_entities",${failed},"more"]}]`;
      return `{"data":{"_entities":[${list.map(({ id }) => (id === '2100' ? '{"more":null}' : `{"more":"m${id}"}`)).join(',')}]}${errors}}`;
    });
    const { data, errors } = await graph.run('{ things { more } }');
    const { things: answered } = data as { things: { more: string | null }[] };
    expect(graph.sent.slice(1).map(({ variables }) => (variables.representations as unknown[]).length)).toEqual([1_000, 1_000, 500]);
    expect([answered[0]?.more, answered[2_100]?.more, answered[2_499]?.more]).toEqual(['m0', null, 'm2499']);
    expect(errors).toEqual([{ message: 'lost', path: ['things', 2_100, 'more'] }]);
  });

  it('ten megabytes pass', async () => {
    const text = 'ü'.repeat(1_000);
    const things = Array.from({ length: 5_000 }, (_, index) => `{"id":"${index}","text":"${text}"}`).join(',');
    const graph = await graphOf(`{"data":{"things":[${things}]}}`);
    const { data } = await graph.run('{ things { id text } }');
    const { things: answered } = data as { things: { text: string }[] };
    expect([answered.length, answered[4_999]?.text]).toEqual([5_000, text]);
  });
});
