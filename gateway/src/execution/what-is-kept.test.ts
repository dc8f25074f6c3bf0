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

  it('counts the patterns that it is checked by, and bounds each', async () => {
    const values = Array.from({ length: 250 }, (_, index) => `CURRENCY_${index}`);
    const nested = (fields: (index: number) => string, depth: number): string => {
      const own = Array.from({ length: 40 }, (_, index) => fields(index)).join(',');
      return depth === 0 ? `{${own}}` : `{${own},NEXT${nested(fields, depth - 1)}}`;
    };
    const sdl = `type Query { t: T } enum Size { S M } enum Currency { ${values.join(' ')} } type T { size: Size currency: Currency next: T }`;
    const query = nested((index) => `s${index}:size c${index}:currency`, 9).replaceAll('NEXT', 'next');
    const answer = nested((index) => `"s${index}":"M","c${index}":"CURRENCY_249"`, 9).replaceAll('NEXT', '"next":');
    const graph = await smallGraph({ a: { sdl, answer: () => `{"data":{"t":${answer}}}` } });
    const compiled = graph.compile(`{ t ${query} }`);
    const patterns = await patternsOf(async () => expect((await compiled.run({}, graph.ask, null)).data).toBe(`{"t":${answer}}`));
    const sizes = nested((index) => `s${index}:size`, 9).replaceAll('NEXT', 'next');
    const small = graph.compile(`{ t ${sizes} }`);
    const before = small.meter.characters;
    const more = await patternsOf(() => small.run({}, graph.ask, null));
    expect(Math.max(...patterns, ...more)).toBeLessThan(3_000);
    expect(sum(more)).toBeGreaterThan(0);
    expect(small.meter.characters - before).toBeGreaterThan(sum(more));
    expect(sum(patterns)).toBeLessThan(compiled.meter.characters);
  });
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** How long the sticky expressions are that are made meanwhile. */
async function patternsOf(work: () => Promise<unknown>): Promise<readonly number[]> {
  const original = RegExp;
  const lengths: number[] = [];
  globalThis.RegExp = new Proxy(original, {
    construct: (target, [pattern, flags]: [string, string]) => {
      if (flags === 'y') lengths.push(pattern.length);
      return new target(pattern, flags);
    },
  });
  try {
    await work();
  } finally {
    globalThis.RegExp = original;
  }
  return lengths;
}
