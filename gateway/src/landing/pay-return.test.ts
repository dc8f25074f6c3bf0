import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '@tessera/service-kit/service';
import { parse, validate } from 'graphql';
import { forbidApolloTelemetry } from '../config.ts';
import { createAdmission } from '../limits/admit.ts';
import { type LoadedSupergraph, loadSupergraph } from '../supergraph/load-supergraph.ts';
import { LANDING_DOCUMENTS } from './documents.ts';
import { payReturnPage } from './pay-return-page.ts';

describe('the page after a payment', () => {
  let supergraph: LoadedSupergraph;
  beforeAll(async () => {
    forbidApolloTelemetry();
    const sdl = await readFile(fileURLToPath(new URL('../../../schema/supergraph.graphql', import.meta.url)), 'utf8');
    const log = createLogger({ service: 'gateway', level: 'silent' });
    supergraph = loadSupergraph(sdl, () => ({ process: async () => ({ data: null }) }), log);
    await supergraph.gateway.load();
  });

  test.each(LANDING_DOCUMENTS)('asks as the graph allows it, and within the limits: %.40s', (query) => {
    expect(validate(supergraph.planning().schema, parse(query)).map(({ message }) => message)).toEqual([]);
    expect(() => createAdmission().admit({ query, bodyBytes: query.length })).not.toThrow();
  });

  const { html, policy } = payReturnPage({ hasTools: true });
  const [script = ''] = policy.inlineScripts ?? [];

  test('runs one script, which a browser can read and its policy names', () => {
    expect(html).toContain(`<script>${script}</script>`);
    expect(() => new Script(script)).not.toThrow();
  });

  test('MUST put nothing into the page but text', () => {
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|setAttribute/);
    expect(html).not.toMatch(/ on\w+=/);
  });
});
