import { describe, expect, it } from '@jest/globals';
import { newIdentityKey } from '../../test/identity-key.ts';
import { subgraphPlacesOf } from '../config.ts';
import { connectSubgraphs } from './connect.ts';
import type { InProcessSubgraph, SubgraphPlaces } from './transport.ts';

const ledger: InProcessSubgraph = {
  routes: [],
  execute: async () => ({ data: { answeredBy: 'this process' }, committed: null }),
};
const connect = (places: SubgraphPlaces) => connectSubgraphs(places, newIdentityKey());

describe('a subgraph is asked where its URL says', () => {
  it('in this process, where it is hosted here', () => {
    const transports = connect({ subgraphUrls: { ledger: 'inprocess:' }, hosted: { ledger } });
    expect(transports.get('ledger')?.executeText).toBeUndefined();
  });

  it.each(['http://127.0.0.1:4005', 'https://ledger.example/graphql/'])('over HTTP, also where it is hosted here: %s', async (url) => {
    const transports = connect({ subgraphUrls: { ledger: url }, hosted: { ledger }, passedPaths: { ledger: ['/statements/*'] } });
    expect(transports.get('ledger')?.executeText).toBeDefined();
    expect(transports.get('ledger')?.routes.map(({ path }) => path)).toEqual(['/statements/*']);
    await transports.get('ledger')?.close();
  });

  it('and nowhere else: every URL that is none is told at once, with what to do', () => {
    const hosted = { usersUrl: 'inprocess:', ledgerUrl: 'inprocess:' };
    const elsewhere = { ordersUrl: 'ftp://orders', paymentsUrl: '4004', catalogUrl: 'http:' };
    expect(() => connect({ ...subgraphPlacesOf({ ...hosted, ...elsewhere }), hosted: { ledger } })).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        variables: ['USERS_URL', 'CATALOG_URL', 'ORDERS_URL', 'PAYMENTS_URL'],
        message: expect.stringMatching(
          /^gateway cannot start: USERS_URL is inprocess:, but this process does not host users: give the http:\/\/ or https:\/\/ URL .*; CATALOG_URL is not valid: expected http:\/\/…, https:\/\/…, or inprocess: for a subgraph of this process; /,
        ),
      }),
    );
  });

  it('by the name of the subgraph, where nobody says in which variable its URL is', () => {
    expect(() => connect({ subgraphUrls: { shop: '4004' } })).toThrow(/^gateway cannot start: subgraphUrls\.shop is not valid: /);
  });
});
