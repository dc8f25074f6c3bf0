import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@tessera/service-kit/service';
import { parse } from 'graphql';
import { compose } from '../../test/equality/compare.ts';
import { inventSubgraph } from '../../test/equality/invented-subgraph.ts';
import { LINK } from '../../test/equality/supergraphs.ts';
import { forbidApolloTelemetry } from '../config.ts';
import { compileOperation } from '../execution/operation/compile-operation.ts';
import { loadSupergraph, MAX_WAYS, type Planning } from './load-supergraph.ts';

const LOG = createLogger({ service: 'gateway', level: 'silent' });
const SUBGRAPHS = 3;

/** A field of an interface that each of its types can have from each of three subgraphs: 3 ^ types ways to answer it. */
async function planningWith(types: number): Promise<Planning> {
  const named = Array.from({ length: types }, (_, index) => `T${index}`);
  const all = (field: string) => named.map((name) => `type ${name} implements Item @key(fields: "id") { id: ID! ${field} }`).join(' ');
  const first = `${LINK} type Query { items: [Item] } interface Item { id: ID! } ${all('')}`;
  const other = `${LINK} interface Item { id: ID! s: String } ${all('s: String @shareable')}`;
  const sdls = [first, ...Array.from({ length: SUBGRAPHS }, () => other)];
  forbidApolloTelemetry();
  const sdl = compose(sdls.map((each, index) => inventSubgraph(`g${index}`, each)));
  const supergraph = loadSupergraph(sdl, () => ({ process: async () => ({ data: null }) }), LOG);
  await supergraph.gateway.load();
  return supergraph.planning();
}

describe('the planner of the gateway itself', () => {
  const largest = Math.floor(Math.log(MAX_WAYS) / Math.log(SUBGRAPHS));
  let below: Planning;
  let beyond: Planning;
  beforeAll(async () => {
    below = await planningWith(largest);
    beyond = await planningWith(largest + 1);
  });

  it('searches up to its bound', () => {
    expect(() => compileOperation(parse('{ items { s } }'), undefined, below)).not.toThrow();
  });

  it('refuses what is beyond it, without making the search', () => {
    const before = process.cpuUsage();
    expect(() => compileOperation(parse('{ items { s } }'), undefined, beyond)).toThrow('ask for less at once');
    const { user } = process.cpuUsage(before);
    expect(user / 1_000).toBeLessThan(1_000); // with ten times the bound it took five seconds of CPU
    expect(() => compileOperation(parse('{ items { id } }'), undefined, beyond)).not.toThrow();
  });
});
