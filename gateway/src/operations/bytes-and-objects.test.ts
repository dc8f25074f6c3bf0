import { type ApolloServer, HeaderMap } from '@apollo/server';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, createMetrics } from '@tessera/service-kit/service';
import { contextOf } from '../../test/context.ts';
import { compose } from '../../test/equality/compare.ts';
import { generateOperation } from '../../test/equality/generate-operation.ts';
import { hostile } from '../../test/equality/hostile-subgraph.ts';
import { type InventedSubgraph, inventSubgraph } from '../../test/equality/invented-subgraph.ts';
import { Random } from '../../test/equality/random.ts';
import { subgraphsOf, supergraphNames } from '../../test/equality/supergraphs.ts';
import { askOf } from '../../test/equality/ways-of-asking.ts';
import type { AccessRules } from '../access/rules.ts';
import { forbidApolloTelemetry } from '../config.ts';
import type { GatewayContext } from '../execution/context.ts';
import { readText } from '../execution/data/read-answer.ts';
import { fromWire, toWire } from '../execution/data/wire.ts';
import type { Ask } from '../execution/plan/run.ts';
import { createTesseraExecutor } from '../execution/tessera-executor.ts';
import { type LoadedSupergraph, loadSupergraph } from '../supergraph/load-supergraph.ts';
import { AnswerTypes } from './answer-types.ts';
import { createServer } from './server.ts';

const OPERATIONS = 24;
const SEED = 20_261_127;

describe.each(supergraphNames)('over %s, an answer', (name) => {
  let served: Served;
  beforeAll(async () => {
    served = await serve(subgraphsOf(name));
  });
  afterAll(() => served.server.stop());

  it('MUST be the same in bytes and in objects, errors included', async () => {
    const { schema } = served.supergraph.planning();
    let withErrors = 0;
    for (let index = 0; index < OPERATIONS; index += 1) {
      const { query, variables } = generateOperation(schema, new Random(SEED + index));
      const { bytes, objects } = await served.both({ query, variables });
      expect(bytes).toEqual(objects);
      if (bytes.text.startsWith('{"errors"')) withErrors += 1;
    }
    expect(withErrors).toBeGreaterThan(0);
  });

  it.each<[string, object]>([
    ['a syntax error', { query: '{' }],
    ['a field that is not there', { query: '{ gone }' }],
    ['a variable that is missing', { query: 'query ($is: Boolean!) { __typename @skip(if: $is) }' }],
    ['an operation that is not there', { query: 'query A { __typename }', operationName: 'B' }],
    ['a subscription', { query: 'subscription { a }' }],
    ['the schema alone', { query: '{ __schema { queryType { name } } }' }],
  ])('to %s MUST be the same too', async (_title, body) => {
    const { bytes, objects } = await served.both(body);
    expect(bytes).toEqual(objects);
  });
});

it.each(supergraphNames)('over %s, what subgraphs must not answer MUST be told the same in bytes and in objects', async (name) => {
  const served = await serve(subgraphsOf(name).map(hostile));
  const { schema } = served.supergraph.planning();
  let losses = 0;
  for (let index = 0; index < OPERATIONS; index += 1) {
    const { query, variables } = generateOperation(schema, new Random(SEED + index));
    const { bytes, objects } = await served.both({ query, variables });
    expect(bytes).toEqual(objects);
    if (/cannot represent|Cannot return null/.test(bytes.text)) losses += 1;
  }
  await served.server.stop();
  expect(losses).toBeGreaterThan(0);
});

describe('leaves that a subgraph writes in its own way', () => {
  it('MUST come through the path of objects as they are', async () => {
    const data = '{"text":"caf\\u00e9 \\/","value":{"big":12345678901234567890,"one":1.0,"text":"é"}}';
    const single = inventSubgraph('single', 'type Query { text: String value: JSON } scalar JSON');
    const served = await serve([single], async ({ fetch }) => readText(toWire(`{"data":${data}}`), fetch.reader));
    const { bytes, objects } = await served.both({ query: '{ text value }' });
    await served.server.stop();
    expect(objects.text).toBe(`{"data":${data}}\n`);
    expect(bytes).toEqual(objects);
  });
});

describe('beside a root field that the viewer may not use', () => {
  let served: Served;
  let said = '';
  beforeAll(async () => {
    const single = inventSubgraph('single', 'type Query { secret: String strict: String! value: JSON text: String } scalar JSON');
    const rules: AccessRules = new Map([
      ['Query.secret', { kind: 'authenticated' }],
      ['Query.strict', { kind: 'authenticated' }],
    ]);
    served = await serve([single], async ({ fetch }) => readText(toWire(`{"data":${said}}`), fetch.reader), rules);
  });
  afterAll(() => served.server.stop());

  it('an answer MUST stay as it is, in the order of the query', async () => {
    said = '{"value":{"big":12345678901234567890,"one":1.0},"text":"\\u00e9 é \\"}"}';
    const { bytes, objects } = await served.both({ query: '{ text a: secret value b: value }' });
    expect(bytes.text).toContain('"data":{"text":"\\u00e9 é \\"}","a":null,"value":{"big":12345678901234567890,"one":1.0},"b":null}}');
    expect(bytes.text).toContain('"path":["a"]');
    expect(bytes).toEqual(objects);
  });

  it('an answer MUST be there however deep it is nested', async () => {
    said = `{"value":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const { text } = await served.bytes({ query: '{ secret value }' });
    expect(text).toContain(`"data":{"secret":null,${said.slice(1)}`);
  });

  it('MUST be nothing where the field cannot be null', async () => {
    said = '{"value":1}';
    const { bytes, objects } = await served.both({ query: '{ value strict }' });
    expect(bytes.text).toContain('"data":null}');
    expect(bytes).toEqual(objects);
  });
});

interface Served {
  readonly server: ApolloServer<GatewayContext>;
  readonly supergraph: LoadedSupergraph;
  bytes(body: object): Promise<Seen>;
  both(body: object): Promise<{ readonly bytes: Seen; readonly objects: Seen }>;
}

interface Seen {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly text: string;
}

const NO_RULES: AccessRules = new Map();
const LOG = createLogger({ service: 'gateway', level: 'silent' });

async function serve(
  subgraphs: readonly InventedSubgraph[],
  ask: Ask = askOf(subgraphs, 'text'),
  rules: AccessRules = NO_RULES,
): Promise<Served> {
  forbidApolloTelemetry();
  const supergraph = loadSupergraph(compose(subgraphs), () => ({ process: async () => ({ data: null }) }), LOG);
  const metrics = createMetrics('gateway');
  const { execute } = createTesseraExecutor({ planning: supergraph.planning, ask, formOf: () => 'text', metrics, log: LOG });
  const parts = { executor: execute, rules: () => rules, textOf: () => undefined, answerTypes: new AnswerTypes(), metrics, log: LOG };
  const server = createServer({ gateway: supergraph.gateway, ...parts, isProduction: false, isStrictHttp: false });
  await server.start();
  const bytes = (body: object) => answerOf(server, body, { text: null });
  return {
    server,
    supergraph,
    bytes,
    both: async (body) => ({ bytes: await bytes(body), objects: await answerOf(server, body, undefined) }),
  };
}

async function answerOf(server: ApolloServer<GatewayContext>, body: object, wire: GatewayContext['wire']): Promise<Seen> {
  const context = contextOf(wire ? { wire } : {});
  const headers = new HeaderMap([['content-type', 'application/json']]);
  const answer = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: 'POST', headers, search: '', body },
    context: async () => context,
  });
  if (answer.body.kind !== 'complete') throw new Error('An answer in parts.');
  const text = wire?.text ? fromWire(wire.text) : answer.body.string;
  return { status: answer.status, type: answer.headers.get('content-type'), text: text.replace(/"errorId":"[^"]+"/g, '"errorId":"…"') };
}
