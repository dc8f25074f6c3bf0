import { describe, expect, it } from '@jest/globals';
import { buildSchema, GraphQLString, getNullableType, isLeafType } from 'graphql';
import { smallGraph } from '../../test/small-graph.ts';
import { Cursor } from './data/cursor.ts';
import { type LeafRule, leafRule } from './data/leaf-rules.ts';
import { parseWire } from './data/wire.ts';

const SDL = 'type Query { t: T } enum Color { RED BLUE } scalar Any type T { id: ID! v: TYPE vs: [TYPE] rows: [[TYPE]] must: [TYPE!] }';
const WITH_TREE = 'query($no: Boolean! = false) { t { FIELD id @include(if: $no) } }';
const HANDED_ON = '{ t { FIELD } }';
const ALL = '7 -7 0 7.0 1e3 1.5 -0.25 1e999 true "" "7" "a\\"b" "\\u00e9" "RED" "\\u0052ED" "GREEN" ["RED"] {"a":[1.50,{"b":"]}"}]}'.split(
  ' ',
);
const LONG = ['12345678901234567890123456', '9'.repeat(400), `${'9'.repeat(400)}.5`, '0.1000000000000000055511151231257827'];
const SAMPLES = [...ALL, ...LONG];

/** What of the samples is of the type; enums come as the schema writes them. */
const RIGHT: Readonly<Record<string, readonly string[]>> = {
  String: ['""', '"7"', '"a\\"b"', '"\\u00e9"', '"RED"', '"\\u0052ED"', '"GREEN"'],
  ID: ['7', '-7', '0', '7.0', '1e3', '""', '"7"', '"a\\"b"', '"\\u00e9"', '"RED"', '"\\u0052ED"', '"GREEN"', '12345678901234567890123456'],
  Int: ['7', '-7', '0', '7.0', '1e3', '12345678901234567890123456'],
  Float: ['7', '-7', '0', '7.0', '1e3', '1.5', '-0.25', '12345678901234567890123456', '0.1000000000000000055511151231257827'],
  Boolean: ['true'],
  Color: ['"RED"', '"\\u0052ED"'],
  Any: SAMPLES,
};
const answerTo = (type: string, sample: string): string | null => {
  if (!RIGHT[type]?.includes(sample)) return null;
  return type === 'Color' ? '"RED"' : sample;
};

/** Compact, with white space, with an error beside it, with its keys in another order. */
const WRITTEN: Readonly<Record<string, (member: string) => string>> = {
  compact: (member) => `{"data":{"t":{${member}}}}`,
  'with white space': (member) => `{ "data":\n{"t" : { ${member.replace(':', ' : ')} } } }`,
  'with an error': (member) => `{"errors":[{"message":"m"}],"data":{"t":{${member}}}}`,
  'with a key more': (member) => `{"data":{"t":{"more":[1,"]"],${member}}}}`,
};

describe.each(Object.keys(RIGHT))('a value of type %s', (type) => {
  it.each(Object.keys(WRITTEN))('is judged alike wherever it stands: %s', async (written) => {
    let text = '';
    const sdl = SDL.replaceAll('TYPE', type);
    const graph = await smallGraph({ a: { sdl, answer: () => text } });
    const objects = await smallGraph({ a: { sdl, answer: () => text } }, { form: 'objects' });
    const fields = ['v', 'vs', 'rows', 'must'] as const;
    const queries = [HANDED_ON, WITH_TREE].flatMap((query) => fields.map((field) => ({ field, query: query.replace('FIELD', field) })));
    const compiled = queries.map(({ field, query }) => ({ field, text: graph.compile(query), objects: objects.compile(query) }));
    for (const sample of SAMPLES) {
      const right = answerTo(type, sample);
      const given = { v: sample, vs: `[${sample},null]`, rows: `[[${sample}],null]`, must: `[${sample}]` };
      const expected = { v: right, vs: `[${right},null]`, rows: `[[${right}],null]`, must: right && `[${right}]` };
      for (const each of compiled) {
        const { field } = each;
        text = WRITTEN[written]?.(`"${field}":${given[field]}`) ?? '';
        const answer = `{"t":{"${field}":${expected[field]}}}`;
        expect((await each.text.run({}, graph.ask, null)).data).toBe(answer);
        const asObjects = (await each.objects.run({}, objects.ask, null)).data ?? '';
        if (isHeld(sample)) expect(parseWire(asObjects)).toEqual(parseWire(answer));
      }
    }
  });

  it('is passed by no way that its check would not let through as it is', () => {
    const rule = ruleOf(type);
    for (const sample of SAMPLES) {
      const right = answerTo(type, sample);
      expect(rule.check(sample)).toBe(right);
      if (rule.pattern !== null && new RegExp(`^${rule.pattern}$`).test(sample)) expect(right).toBe(sample);
      if (passes(rule, sample)) expect(right).toBe(sample);
      if (isHeld(sample)) expect(rule.write(JSON.parse(sample)) === undefined).toBe(right === null);
    }
    expect(SAMPLES.some((sample) => passes(rule, sample))).toBe(true);
  });
});

it('a list in the place of a list of lists is not what was asked for', async () => {
  const sdl = SDL.replaceAll('TYPE', 'String');
  const graph = await smallGraph({ a: { sdl, answer: () => '{"data":{"t":{"rows":["a","b"]}}}' } });
  expect((await graph.run('{ t { rows } }')).text).toBe('{"t":{"rows":[null,null]}}');
});

/** By a value of JavaScript. */
function isHeld(sample: string): boolean {
  const value: unknown = JSON.parse(sample);
  return typeof value !== 'number' || Number.isFinite(value);
}

function ruleOf(name: string): LeafRule {
  const type = buildSchema(SDL.replaceAll('TYPE', name)).getType(name) ?? GraphQLString;
  if (!isLeafType(getNullableType(type))) throw new Error(`${name} is no leaf.`);
  return leafRule(type as never); // a leaf: seen above
}

function passes(rule: LeafRule, sample: string): boolean {
  const cursor = new Cursor();
  cursor.start(`${sample},`, 0);
  try {
    new Function('s', 'rule', rule.pass('rule'))(cursor, rule);
    return cursor.at === sample.length;
  } catch {
    return false;
  }
}
