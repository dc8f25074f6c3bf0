import { describe, expect, it } from '@jest/globals';
import { createLogger, createMetrics, type Logger } from '@tessera/service-kit/service';
import { getOperationAST, parse } from 'graphql';
import { contextOf } from '../../test/context.ts';
import { type Answers, graphOf, isNo } from '../../test/lossy-graph.ts';
import { smallGraph } from '../../test/small-graph.ts';
import { publicErrorOf } from '../resilience/error-table.ts';
import { createTesseraExecutor } from './tessera-executor.ts';
import { tidy } from './tidy-result.ts';

const SILENT = createLogger({ service: 'gateway', level: 'silent' });

describe('what is told of losses', () => {
  const run = async (answers: Answers, query: string) => {
    const { planning, ask } = await graphOf(answers);
    const logged: Record<string, unknown>[] = [];
    const note = (facts: Record<string, unknown>) => void logged.push(facts);
    const log = { ...SILENT, error: note, warn: note } as unknown as Logger; // all that is called
    const { execute } = createTesseraExecutor({
      planning: () => planning,
      ask,
      formOf: () => 'text',
      metrics: createMetrics('gateway'),
      log,
    });
    const document = parse(query);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('There is no operation.');
    const { errors = [] } = await execute({ document, operation, queryHash: query, request: {}, context: contextOf() });
    return { errors: errors.map((each) => publicErrorOf(each, SILENT)), logged };
  };

  it('goes out as it is, under one id by which the log tells of it once', async () => {
    const { errors, logged } = await run({ a: `{"data":{"thing":{"rows":[["secret",${'"x",'.repeat(9)}1]]}}}` }, '{ thing { rows } }');
    const [first] = errors;
    expect(errors).toHaveLength(10);
    expect(new Set(errors.map(({ extensions }) => extensions?.errorId))).toEqual(new Set([logged[0]?.errorId]));
    expect(first).toEqual({
      message: isNo('Int', 'Thing.rows'),
      path: ['thing', 'rows', 0, 0],
      extensions: { code: 'INTERNAL', errorId: expect.any(String) },
    });
    expect(logged).toEqual([
      { errorId: first?.extensions?.errorId, count: 10, errors: expect.arrayContaining([{ message: first?.message, path: first?.path }]) },
    ]);
    expect(logged[0]?.errors).toHaveLength(5);
    expect(JSON.stringify(logged)).not.toContain('secret');
  });

  it('goes out as it is under the keys of the client, where those were kept apart', async () => {
    const a = 'type Query { good: Good } type Good @key(fields: "id") { id: ID! price(currency: Int): Int! }';
    const b =
      'type Good @key(fields: "id") { id: ID! price(currency: Int): Int! @external tax: Int @requires(fields: "price(currency: 1)") }';
    const good = (query: string) =>
      `{"data":{"good":{"__typename":"Good","id":"1",${[...query.matchAll(/(?:(\w+): ?)?price\(/g)].map(([, key = 'price']) => `"${key}":"x"`)}}}}`;
    const graph = await smallGraph({ a: { sdl: a, answer: good }, b: { sdl: b, answer: () => '{"data":{"_entities":[{}]}}' } });
    const { errors } = await graph.compile('{ good { price(currency: 2) tax } }').run({}, graph.ask, null);
    expect(errors.map((each) => publicErrorOf(each, SILENT))).toMatchObject([
      { message: isNo('Int', 'Good.price'), path: ['good', 'price'] },
    ]);
  });

  it('has the code of those that are left out, where clients know it', async () => {
    const said = (code: string) =>
      `{"errors":[${Array.from({ length: 1_001 }, () => `{"message":"lost","path":["thing"],"extensions":{"code":"${code}"}}`).join(',')}],"data":{"thing":null}}`;
    const codeOf = async (code: string) => (await run({ a: said(code) }, '{ thing { id } }')).errors.at(-1)?.extensions?.code;
    expect([await codeOf('TIMEOUT'), await codeOf('OTHER')]).toEqual(['TIMEOUT', 'INTERNAL']);
  });

  it.each([
    ['{"data":null}', '{ thing { id } }'],
    ['{"data":{"thing":{"__typename":"Thing","id":"1"}}}', '{ thing { more } }'],
  ])('goes out as it is, and is logged, where a whole answer is of no use: %s', async (a, query) => {
    const { errors, logged } = await run({ a, b: '{"data":{"_entities":[]}}' }, query);
    const [{ message, extensions } = { message: '' }] = errors;
    expect(message).toMatch(/^The subgraph did not answer/);
    expect(logged).toEqual([{ errorId: extensions?.errorId, count: 1, errors: [{ message, path: undefined }] }]);
  });

  it('is that nothing is left, by either executor, where an entity is not there that must be', async () => {
    const answers = { a: '{"data":{"must":{"__typename":"Thing","id":"1"}}}', b: '{"data":{"_entities":[null]}}' };
    const { errors, logged } = await run(answers, '{ must { least } }');
    const { errors: [stock] = [] } = tidy({ data: null, extensions: { valueCompletion: [{ message: 'of the inside' }] } }, SILENT);
    const nothingLeft = {
      message: 'A value that must be there was missing.',
      extensions: { code: 'INTERNAL', errorId: expect.any(String) },
    };
    expect([...errors, publicErrorOf(stock, SILENT)]).toEqual([nothingLeft, nothingLeft]);
    expect(logged).toEqual([{ errorId: errors[0]?.extensions?.errorId }]);
  });

  it('is nothing, and nothing is logged, where nothing is lost', async () => {
    expect(await run({ a: '{"data":{"thing":{"int":1}}}' }, '{ thing { int } }')).toEqual({ errors: [], logged: [] });
  });
});
