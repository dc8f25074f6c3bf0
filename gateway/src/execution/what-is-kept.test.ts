import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { smallGraph } from '../../test/small-graph.ts';

const MEGABYTE = 1024 * 1024;
/** Long enough for V8 to keep it as a piece of the text in which it came. */
const TYPE = 'ProductVariant';
const ITEMS = `type Query { items: [Item!] } interface Item { id: ID! text: String } type ${TYPE} implements Item @key(fields: "id") { id: ID! text: String }`;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapMegabytes = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed / MEGABYTE;
};

describe('a compiled operation', () => {
  it('keeps nothing of an answer', async () => {
    const graph = await smallGraph({
      a: {
        sdl: ITEMS,
        answer: (query) =>
          `{"data":{"items":[{"__typename":"${TYPE}","id":"1","${/\w+(?=:text)/.exec(query)?.[0]}":"${'x'.repeat(4 * MEGABYTE)}"}]}}`,
      },
      b: { sdl: `type ${TYPE} @key(fields: "id") { id: ID! more: String }`, answer: () => '{"data":{"_entities":[{"more":"m"}]}}' },
    });
    const before = heapMegabytes();
    const kept = Array.from({ length: 8 }, (_, index) => graph.compile(`{ items { id a${index}: text ... on ${TYPE} { more } } }`));
    for (const each of kept) expect((await each.run({}, graph.ask, null)).data?.length).toBeGreaterThan(4 * MEGABYTE);
    expect(heapMegabytes() - before).toBeLessThan(8);
    expect(kept).toHaveLength(8);
  });

  it('is not added to for names that are no types, and knows its types all the same', async () => {
    let name = '';
    const graph = await smallGraph({
      a: { sdl: ITEMS, answer: () => `{"data":{"items":[{"__typename":"${name}","id":"1"}]}}` },
      b: { sdl: `type ${TYPE} @key(fields: "id") { id: ID! more: String }`, answer: () => '{"data":{"_entities":[{"more":"m"}]}}' },
    });
    const compiled = graph.compile(`{ items { id ... on ${TYPE} { more } } }`);
    const answerTo = async (typename: string) => {
      name = typename;
      return (await compiled.run({}, graph.ask, null)).data;
    };
    for (let index = 0; index <= 1_000; index += 1) expect(await answerTo(`X${index}`)).toBe('{"items":null}');
    const answer = '{"items":[{"id":"1","more":"m"}]}';
    expect(await answerTo(TYPE)).toBe(answer);
    const { characters } = compiled.meter;
    expect([await answerTo(TYPE), await answerTo(`\\u0050${TYPE.slice(1)}`), await answerTo('X')]).toEqual([
      answer,
      answer,
      '{"items":null}',
    ]);
    expect(compiled.meter.characters).toBe(characters);
  });
});
