import { describe, expect, it } from '@jest/globals';
import { buildSchema, GraphQLError, isInterfaceType, parse } from 'graphql';
import { ownError } from '../../src/resilience/own-error.ts';
import { difference, differenceOfLosses, isSameData, isSameInSomeOrder, seenOf, stockSeenOf } from './seen.ts';
import { typeAt } from './type-at.ts';

type Path = (string | number)[];
const errors = (...paths: Path[]) => paths.map((path) => new GraphQLError('lost', { path }));
const between = (data: unknown, ours: Path[], stock: Path[], messages = ['lost']) =>
  difference(seenOf(data, errors(...ours)), stockSeenOf(data, errors(...stock), new Set(messages)));

const LIST = { goods: [null, { price: 1 }, { price: null }] };

describe('a comparison of errors', () => {
  it('takes errors at the same places, in whatever order', () => {
    expect(between(LIST, [['goods', 2, 'price'], ['goods']], [['goods'], ['goods', 2, 'price']])).toBeNull();
  });

  it('takes an error of an entity where the stock executor counts what it did not ask for', () => {
    expect(between(LIST, [['goods', 2, 'price']], [['goods', 1, 'price']])).toBeNull();
    expect(between(LIST, [['goods', 2, 'weight']], [['goods', 1, 'weight']])).toBeNull(); // required, and not asked for by the client
  });

  it.each<[string, Path, Path]>([
    ['leads nowhere', ['nowhere'], ['goods', 1, 'price']],
    ['leads to something that is there', ['goods', 1, 'price'], ['goods', 0, 'price']],
    ['is behind the end of the list', ['goods', 3, 'price'], ['goods', 1, 'price']],
    ['is in front of that of the stock executor', ['goods', 0, 'price'], ['goods', 2, 'price']],
    ['names a key that nobody asked for', ['goods', 2, 'price__alias_0'], ['goods', 2, 'price__alias_0']],
  ])('refuses a path that %s', (_title, ours, stock) => {
    expect(between(LIST, [ours], [stock])).not.toBeNull();
  });

  it('takes the part that another subgraph has for the null of the one that failed, where the order may be another, and nothing else', () => {
    const compare = (kept: unknown, at: Path = ['p', 'name'], other: unknown = { p: { name: null } }, isSame = isSameInSomeOrder) => {
      const [one, two] = [{ p: { name: kept } }, other];
      const ways = [
        [one, two],
        [two, one],
      ].map(([ours, stock]) => difference(seenOf(ours, errors(at)), stockSeenOf(stock, errors(at), new Set()), isSame));
      expect(ways[1]).toBe(ways[0]);
      return ways[0];
    };
    expect(compare({ inA: null, inB: 'b' })).toBeNull();
    expect(compare({ inA: null, inB: 'b' }, undefined, undefined, isSameData)).not.toBeNull();
    expect(compare({ inA: null, inB: null })).not.toBeNull();
    expect(compare('text')).not.toBeNull();
    expect(compare({ inB: 'b' }, ['p'])).not.toBeNull();
    expect(compare({ inB: 'b' }, ['p', 'name'], { p: null })).not.toBeNull();
    expect(compare({ inB: 'b' }, ['p', 'name'], { p: { name: { inB: 'c' } } })).not.toBeNull();
  });

  it('refuses another place of what is no error of an entity, another number of errors, and other data', () => {
    expect(between(LIST, [['goods', 2, 'price']], [['goods', 1, 'price']], [])).not.toBeNull();
    expect(between(LIST, [['goods'], ['goods']], [['goods']])).not.toBeNull();
    expect(difference(seenOf({ a: 1 }, []), stockSeenOf({ a: 2 }, [], new Set()))).not.toBeNull();
  });

  it('refuses a loss that the stock executor does not note, and one that an error explains', () => {
    const loss = (...path: Path) => ownError('is null', { path, errorId: '1' });
    const beside = (path: Path, all: GraphQLError[], noted: Path[]) =>
      difference(seenOf(LIST, [loss(...path), ...all]), stockSeenOf(LIST, all, new Set(), noted));
    expect(beside(['goods', 0], [], [['goods', 0]])).toBeNull();
    expect(beside(['goods', 0], [], [])).not.toBeNull();
    expect(beside(['goods', 0], errors(['goods', 2, 'price']), [])).toBeNull();
    for (const explaining of [['goods'], ['goods', 0], ['goods', 0, 'price']])
      expect(beside(['goods', 0], errors(explaining), [])).not.toBeNull();
  });
});

describe('a comparison of losses', () => {
  const schema = buildSchema(
    'type Query { goods: [Good] any: Owned } interface Owned { price: Int } type Good implements Owned { price: Int any: Owned }',
  );
  const document = parse('{ goods { ... on Owned { ...F } } all: any { price } } fragment F on Good { price of: any { price } }');
  const ofInterface = (path: Parameters<typeof typeAt>[0]) => isInterfaceType(typeAt(path, document, schema));
  const data = { goods: [null, { price: null, of: null }], all: null };
  const between = (own: Path[], noted: Path[]) => {
    const ours = seenOf(
      data,
      own.map((path) => ownError('is null', { path, errorId: '1' })),
    );
    return differenceOfLosses(ours, stockSeenOf(data, [], new Set(), noted), ofInterface);
  };

  it('takes more than the stock executor notes where nothing but an interface may be known', () => {
    const path = ['goods', 1, 'price'];
    for (const more of [['all'], ['goods', 1, 'of']]) expect(between([path, more], [path])).toBeNull();
  });

  it('and refuses it at any other place, and less at every place', () => {
    const path = ['all'];
    for (const more of [
      ['goods', 0],
      ['goods', 1, 'price'],
    ])
      expect(between([path, more], [path])).not.toBeNull();
    for (const noted of [['all'], ['goods', 0]]) expect(between([], [noted])).not.toBeNull();
  });
});
