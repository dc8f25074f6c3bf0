import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { smallGraph } from '../../test/small-graph.ts';
import type { CompiledOperation } from './operation/compile-operation.ts';
import { OperationCache } from './operation/operation-cache.ts';

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
    // Eight answers are 32 MB; V8 itself keeps the last text in which something was looked for, and what was compiled takes its own.
    expect(heapMegabytes() - before).toBeLessThan(16);
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

describe('of a thousand operations that are all carried out', () => {
  const SUBGRAPHS = {
    a: {
      sdl: `type Query { items: [Item!] } interface Item { id: ID! text: String } type Book implements Item @key(fields: "id") { id: ID! text: String } type Film implements Item @key(fields: "id") { id: ID! text: String }`,
      resolvers: {
        Query: {
          items: () => [
            { __typename: 'Book', id: '1' },
            { __typename: 'Film', id: '2' },
          ],
        },
      },
    },
    b: {
      sdl: 'type Book @key(fields: "id") { id: ID! pages: Int } type Film @key(fields: "id") { id: ID! minutes: Int }',
      resolvers: { Book: { __resolveReference: () => ({ pages: 7 }) }, Film: { __resolveReference: () => ({ minutes: 9 }) } },
    },
  };
  const OPTIONS = { maxEntries: 100, maxCharacters: 300_000 };

  it('only so much is kept as the cache allows, with everything that is generated at a first request', async () => {
    const asText = await smallGraph(SUBGRAPHS);
    const asObjects = await smallGraph(SUBGRAPHS, { form: 'objects' });
    const cache = new OperationCache<CompiledOperation>(OPTIONS);
    const carryOut = async (index: number) => {
      const query = `{ items { id_${index}: id text ... on Book { pages } ... on Film { minutes } } }`;
      const compiled = cache.get(`operation ${index}`, () => asText.compile(query));
      const before = compiled.meter.characters;
      for (const { ask, sent } of [asText, asObjects]) {
        expect((await compiled.run({}, ask, null)).data).toContain(`{"id_${index}":"2","text":null,"minutes":9}`);
        sent.length = 0;
      }
      return compiled.meter.characters - before;
    };
    let last = 0;
    for (let index = 0; index < 300; index += 1) last = await carryOut(index);
    const held = heapMegabytes();
    for (let index = 300; index < 1_000; index += 1) last = await carryOut(index);
    expect(heapMegabytes() - held).toBeLessThan(4);
    const { entries, characters, evictions, misses } = cache.facts();
    expect(last).toBeGreaterThan(1_000);
    expect(entries).toBeLessThanOrEqual(OPTIONS.maxEntries);
    expect(characters - last).toBeLessThanOrEqual(OPTIONS.maxCharacters); // what the last one added is seen at the next miss
    expect([misses, entries + evictions]).toEqual([1_000, 1_000]);
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
