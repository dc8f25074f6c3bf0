import { expect, it } from '@jest/globals';
import { createLogger } from '@tessera/service-kit/service';
import { buildSchema } from 'graphql';
import { contextOf } from '../../test/context.ts';
import type { FetchRequest } from '../execution/plan/run.ts';
import { EVENTS_SUBGRAPH } from '../supergraph/load-supergraph.ts';
import { createFetcher } from './fetch-subgraph.ts';

it('a fetch that the event itself cannot answer is an answer with errors, as that of any subgraph', async () => {
  const log = createLogger({ service: 'gateway', level: 'silent' });
  const schema = buildSchema('type Query { none: Int }');
  const ask = createFetcher({ transports: new Map(), schema: () => schema, observe: () => () => undefined, log });
  const fetch = { service: EVENTS_SUBGRAPH, query: '{', rootKeys: ['changed'] };
  const request = { fetch, variables: '', representationCount: 0 } as unknown as FetchRequest; // all that is read
  expect(await ask(request, contextOf())).toMatchObject({
    data: null,
    errors: [{ path: ['changed'], extensions: { code: 'INTERNAL', errorId: expect.any(String) } }],
  });
});
