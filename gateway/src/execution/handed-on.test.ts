import { describe, expect, it } from '@jest/globals';
import { smallGraph } from '../../test/small-graph.ts';

const SHOP = `type Query { shop: Shop }
  type Shop { name: String! owner: Owner boxes: [Box!] rows: [[Box]] }
  type Owner { name: String address: Address! } type Address { city: String! }
  enum Color { RED BLUE } scalar JSON
  type Box @key(fields: "id") { id: ID! color: Color int: Int! float: Float flag: Boolean tags: [String] any: JSON inner: Owner }`;
const OWNER = '{"name":"O","address":{"city":"C"}}';
const BOX = '{ shop { boxes { __typename id color int float flag tags any inner { name address { city } } } } }';

const answered = async (query: string, data: string, form: 'text' | 'objects' = 'text') => {
  const graph = await smallGraph({ a: { sdl: SHOP, answer: () => `{"data":${data}}` } }, { form });
  return graph.run(query);
};
const box = (parts: Record<string, string> = {}) => {
  const all = {
    __typename: '"Box"',
    id: '"1"',
    color: '"RED"',
    int: '7',
    float: '1.5',
    flag: 'true',
    tags: '["a",null]',
    any: '{"x":[1]}',
    inner: OWNER,
    ...parts,
  };
  const members = Object.entries(all).map(([key, value]) => `"${key}":${value}`);
  return `{${members.join(',')}}`;
};

describe('a part of an answer that is what the client asked for', () => {
  it.each([
    ['a string with an escape', { id: '"a\\"b\\u00e9\\\\"' }],
    ['an exponent', { float: '-1.25e-2' }],
    ['digits beyond a double', { float: '0.1000000000000000055511151231257827' }],
    ['nulls where they may be', { color: 'null', float: 'null', flag: 'null', tags: 'null', any: 'null', inner: 'null' }],
    ['an id that is a number', { id: '12' }],
    ['an empty list', { tags: '[]' }],
    ['a negative number', { int: '-7' }],
    ['any JSON', { any: '[{"a":"]}"},1e5]' }],
    ['beyond ASCII', { id: '"Grüße, 世界"' }],
  ])('is handed on to the last character with %s', async (_title, parts) => {
    const data = `{"shop":{"boxes":[${box()},${box(parts)},${box()}]}}`;
    const { text, errors } = await answered(BOX, data);
    expect(Buffer.from(text ?? '', 'latin1').toString()).toBe(data);
    expect(errors).toEqual([]);
    expect((await answered(BOX, data, 'objects')).data).toEqual(JSON.parse(data));
  });

  it.each([
    ['another enum value', { color: '"GREEN"' }, { color: null }],
    ['another type of leaf', { flag: '"true"' }, { flag: null }],
    ['a number with a fraction and no digits', { float: '"1"' }, { float: null }],
    ['a member of a list of another type', { tags: '["a",1]' }, { tags: ['a', null] }],
    ['another type of integer', { int: '7.0' }, { int: 7 }],
    ['a null below that spreads', { inner: '{"name":"O","address":null}' }, { inner: null }],
    ['an absent member that may be null', { inner: '{"address":{"city":"C"}}' }, { inner: { name: null, address: { city: 'C' } } }],
    ['another name of the type', { __typename: '"Other"' }, {}],
  ])('is answered by its schema with %s', async (_title, parts, expected) => {
    const answer = `{"shop":{"boxes":[${box()},${box(parts)}]}}`;
    const plain = JSON.parse(box()) as object;
    const wanted = { shop: { boxes: [plain, { ...plain, ...expected }] } };
    expect((await answered(BOX, answer)).data).toEqual(wanted);
    expect((await answered(BOX, answer, 'objects')).data).toEqual(wanted);
  });

  it.each([
    ['a null that must not be', `[${box({ id: 'null' })}]`],
    ['an object in the place of a list', box()],
  ])('becomes null with %s', async (_title, boxes) => {
    const answer = `{"shop":{"boxes":${boxes}}}`;
    expect((await answered(BOX, answer)).data).toEqual({ shop: { boxes: null } });
    expect((await answered(BOX, answer, 'objects')).data).toEqual({ shop: { boxes: null } });
  });

  it.each([
    ['an escape that is none', box({ id: '"\\q"' })],
    ['a leading zero', box({ int: '07' })],
    ['no comma', box().replace(',', '')],
    ['one bracket too many', `${box()}]`],
    ['an end in the middle', box().slice(0, 40)],
  ])('is refused with %s', async (_title, text) => {
    const graph = await smallGraph({ a: { sdl: SHOP, answer: () => `{"data":{"shop":{"boxes":[${text}]}}}` } });
    await expect(graph.compile(BOX).run({}, graph.ask, null)).rejects.toThrow();
  });

  it('has the keys of its fragments, in the order of the client', async () => {
    const query = '{ shop { ...B owner { name } } } fragment B on Shop { owner { address { city } name } name }';
    const { text } = await answered(query, `{"shop":{"owner":{"address":{"city":"C"},"name":"O"},"name":"N"}}`);
    expect(text).toBe('{"shop":{"owner":{"address":{"city":"C"},"name":"O"},"name":"N"}}');
  });

  it('is not what a condition leaves out', async () => {
    const graph = await smallGraph({ a: { sdl: SHOP, answer: () => `{"data":{"shop":{"name":"N","owner":${OWNER}}}}` } });
    const query = 'query($with: Boolean!) { shop { name owner { name @include(if: $with) address { city } } } }';
    expect((await graph.run(query, { with: false })).data).toEqual({ shop: { name: 'N', owner: { address: { city: 'C' } } } });
  });
});

describe('what another subgraph needs of it', () => {
  const STOCK = `type Box @key(fields: "id") { id: ID! inner: Owner @external label: String @requires(fields: "inner { name address { city } }") }
    type Owner @shareable { name: String address: Address! } type Address @shareable { city: String! }`;

  it('is still taken along', async () => {
    const graph = await smallGraph({
      a: {
        sdl: SHOP.replaceAll(/type (Owner|Address)/g, 'type $1 @shareable'),
        answer: () => `{"data":{"shop":{"boxes":[{"__typename":"Box","id":"1","inner":${OWNER}}]}}}`,
      },
      b: { sdl: STOCK, resolvers: { Box: { __resolveReference: (box: object) => box, label: () => 'L' } as never } },
    });
    const { data } = await graph.run('{ shop { boxes { id inner { name address { city } } label } } }');
    expect(data).toEqual({ shop: { boxes: [{ id: '1', inner: JSON.parse(OWNER) as object, label: 'L' }] } });
    expect(graph.sent.at(-1)?.variables.representations).toEqual([{ __typename: 'Box', id: '1', inner: JSON.parse(OWNER) as object }]);
  });
});
