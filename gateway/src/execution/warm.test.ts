import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@tessera/service-kit/service';
import { type GraphQLInputType, type OperationDefinitionNode, parse, typeFromAST } from 'graphql';
import { compose } from '../../test/equality/compare.ts';
import { inputOf } from '../../test/equality/generate-operation.ts';
import { Random } from '../../test/equality/random.ts';
import { subgraphsOf } from '../../test/equality/supergraphs.ts';
import { askOf } from '../../test/equality/ways-of-asking.ts';
import { forbidApolloTelemetry } from '../config.ts';
import { loadSupergraph, type Planning } from '../supergraph/load-supergraph.ts';
import { compileOperation } from './operation/compile-operation.ts';
import { operationIn } from './operation/one-operation.ts';

const LOG = createLogger({ service: 'gateway', level: 'silent' });
/** Other values have other types. */
const RUNS = 3;
const MANIFEST = new URL('../../../schema/operations/sdk.json', import.meta.url);

interface Manifest {
  readonly operations: readonly { readonly name: string; readonly type: string; readonly body: string }[];
}

describe('an operation that is known beforehand', () => {
  const subgraphs = subgraphsOf('our own graph');
  let planning: Planning;
  beforeAll(async () => {
    forbidApolloTelemetry();
    const supergraph = loadSupergraph(compose(subgraphs), () => ({ process: async () => ({ data: null }) }), LOG);
    await supergraph.gateway.load();
    planning = supergraph.planning();
  });

  it.each(['text', 'objects'] as const)('needs no more code at its first request, answered in %s', async (form) => {
    const { operations } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest;
    const added = { beforehand: 0, later: 0 };
    for (const { name, body } of operations.filter(({ type }) => type !== 'subscription')) {
      const document = parse(body);
      const compiled = compileOperation(document, name, planning);
      const { meter } = compiled;
      const planned = meter.characters;
      compiled.prepare(() => form);
      const prepared = meter.characters;
      for (let seed = 0; seed < RUNS; seed += 1)
        await compiled.run(variablesFor(operationIn(document, name), planning, seed), askOf(subgraphs, form), null);
      added.beforehand += prepared - planned;
      added.later += meter.characters - prepared;
    }
    expect(added.later).toBe(0);
    expect(added.beforehand).toBeGreaterThan(10_000);
  });
});

function variablesFor({ variableDefinitions = [] }: OperationDefinitionNode, { schema }: Planning, seed: number): Record<string, unknown> {
  const random = new Random(seed);
  return Object.fromEntries(
    variableDefinitions.map(({ variable, type }) => [
      variable.name.value,
      inputOf(typeFromAST(schema, type as Parameters<typeof typeFromAST>[1]) as GraphQLInputType, random), // of a document that is valid
    ]),
  );
}
