import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { operationFromDocument } from '@apollo/federation-internals';
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger, createMetrics } from '@tessera/service-kit/service';
import { type OperationDefinitionNode, parse, validate } from 'graphql';
import { parseAccessRules } from '../access/rules.ts';
import { forbidApolloTelemetry } from '../config.ts';
import { executable } from '../execution/plan/plan-nodes.ts';
import { createTesseraExecutor } from '../execution/tessera-executor.ts';
import { TABS } from '../landing/graphiql/tabs.js';
import { createAdmission } from '../limits/admit.ts';
import { parseManifests } from '../operations/trusted-documents.ts';
import { type LoadedSupergraph, loadSupergraph } from './load-supergraph.ts';
import { readSchemaFiles } from './schema-files.ts';

const schemaFile = (name: string) => readFile(fileURLToPath(new URL(`../../../schema/${name}`, import.meta.url)), 'utf8');
const log = createLogger({ service: 'gateway', level: 'silent' });
let supergraph: LoadedSupergraph;

beforeAll(async () => {
  forbidApolloTelemetry();
  supergraph = loadSupergraph(await schemaFile('supergraph.graphql'), () => ({ process: async () => ({ data: null }) }), log);
  await supergraph.gateway.load();
});

describe('what we take from inside @apollo/gateway', () => {
  test('is the version that this was written for', () => {
    const { version } = createRequire(import.meta.url)('@apollo/gateway/package.json') as { version: string };
    expect(version).toBe('2.14.4');
    expect(executeQueryPlan).toHaveLength(7);
  });

  test('holds the planner, with a subscription as primary fetch and rest', () => {
    const { planner, apiSchema } = supergraph.planning();
    const document = parse(
      'subscription { orderUpdated { kind order { id lines { title variant { product { title } } } payments { state } ledgerTransfers { id } } } }',
    );
    const { node } = planner.buildQueryPlan(operationFromDocument(apiSchema, document, {}));
    expect(node?.kind).toBe('Subscription');
    const plan = executable({ kind: 'QueryPlan', ...(node ? { node } : {}) });
    expect(plan.node?.kind === 'Sequence' && plan.node.nodes[0]).toMatchObject({ kind: 'Fetch', serviceName: 'events' });
    expect(JSON.stringify(plan)).toMatch(/"serviceName":"(orders|payments|ledger|catalog)"/);
  });
});

test('the access rules name root fields of the supergraph', async () => {
  const { schema } = supergraph.planning();
  const known = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
  );
  const rules = parseAccessRules(JSON.parse(await schemaFile('access.json')));
  expect([...rules.keys()].filter((name) => !known.includes(name))).toEqual([]);
  expect([rules.get('Subscription.orderUpdated'), rules.get('Subscription.balanceUpdated')]).toEqual([
    { kind: 'authenticated' },
    { kind: 'authenticated' },
  ]);
});

test.each(
  TABS.map(({ query }) => [
    parse(query)
      .definitions.map((each) => (each as OperationDefinitionNode).name?.value)
      .join(' and '),
    query,
  ]),
)('the tab %s of GraphiQL is valid, and within the limits', (_name, query) => {
  expect(validate(supergraph.planning().schema, parse(query)).map(({ message }) => message)).toEqual([]);
  expect(() => createAdmission().admit({ query, bodyBytes: query.length })).not.toThrow();
});

test('every trusted document can be admitted and compiled', async () => {
  const { manifests } = await readSchemaFiles(fileURLToPath(new URL('../../../schema', import.meta.url)));
  const { documents } = parseManifests(manifests);
  const admission = createAdmission();
  for (const { query } of documents) expect(() => admission.admit({ query, bodyBytes: query.length })).not.toThrow();
  const ask = async () => ({ data: null, errors: [], extensions: null });
  const { warm } = createTesseraExecutor({
    planning: supergraph.planning,
    ask,
    formOf: () => 'text',
    metrics: createMetrics('gateway'),
    log,
  });
  await warm(supergraph.planning(), documents);
  expect(documents.length).toBeGreaterThan(50);
});
