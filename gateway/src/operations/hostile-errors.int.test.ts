import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@tessera/service-kit/service';
import type { SubgraphAnswer } from '@tessera/service-kit/subgraph';
import { parse } from 'graphql';
import { newIdentityKey } from '../../test/identity-key.ts';
import { newSecret, post } from '../../test/toy-platform.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import type { InProcessSubgraph } from '../transport/transport.ts';

const SDL = 'type Query { a: String b: String } type Mutation { a: String b: String }';
const MASKED = 'Something went wrong on our side.';
const ID = '7f0c1c4e-9a55-4b6e-8a52-0d5f3c7b9e21';
const INSIDE = 'connect ECONNREFUSED postgres://secret@10.0.0.5';

/** What the subgraph says to everything. */
let said = '';

/** An error of a subgraph about `b`, beside an `a` that is there. */
function say(extensions: string): void {
  said = `{"data":{"a":"done","b":null},"errors":[{"message":"${INSIDE}","path":["b"],"extensions":${extensions}}]}`;
}

const own: InProcessSubgraph = {
  routes: [],
  execute: async () => ({ ...(JSON.parse(said) as Omit<SubgraphAnswer, 'committed'>), committed: null }),
};

let subgraph: Server;
const inProcess = () => 'inprocess:';
const overHttp = () => `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}`;
beforeAll(async () => {
  subgraph = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(said);
  });
  await new Promise<void>((resolve) => subgraph.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  subgraph.closeAllConnections();
  await new Promise((resolve) => subgraph.close(resolve));
});

describe.each([
  ['tessera', 'over HTTP', overHttp],
  ['tessera', 'in process', inProcess],
  ['apollo', 'over HTTP', overHttp],
  ['apollo', 'in process', inProcess],
] as const)('an error of a subgraph that the executor %s asks %s', (executor, _way, urlOf) => {
  let gateway: Gateway;
  let url: string;
  beforeAll(async () => {
    gateway = gatewayWith(executor, urlOf());
    ({ url } = await gateway.listen());
  });
  afterAll(() => gateway.close({ timeoutMs: 500 }));

  it.each(['"toString"', '"constructor"', '"hasOwnProperty"', '"__proto__"', '7', '["FORBIDDEN"]', '{"toString":1}', 'null'])(
    'is masked where its code is %s',
    async (code) => {
      say(`{"code":${code},"inside":"detail"}`);
      const { errors } = await post(url, { query: '{ a b }' });
      expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL', errorId: expect.any(String) } }]);
      expect(JSON.stringify(errors)).not.toMatch(/ECONNREFUSED|detail/);
    },
  );

  it.each(['"x"', '7', 'true', '{"a":1}', '"7"', `"${INSIDE}"`, `"${ID} ${INSIDE}"`, `["${ID}"]`])(
    'is masked where it claims to be in the log as %s',
    async (errorId) => {
      say(`{"code":"INTERNAL","errorId":${errorId},"sql":"${INSIDE}"}`);
      const { errors } = await post(url, { query: '{ a b }' });
      expect(errors).toEqual([
        { message: MASKED, path: ['b'], extensions: { code: 'INTERNAL', errorId: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
      ]);
      expect(JSON.stringify(errors)).not.toContain(ID);
    },
  );

  it('keeps the id under which the subgraph has told of it in the log, and nothing else', async () => {
    say(`{"code":"INTERNAL","errorId":"${ID}","sql":"${INSIDE}"}`);
    for (const query of ['{ a b }', 'mutation { a b }']) {
      const { errors } = await post(url, { query });
      expect(errors).toEqual([{ message: MASKED, path: ['b'], extensions: { code: 'INTERNAL', errorId: ID } }]);
    }
  });

  it.each(['99', '1000', '"x"', '{}', '[]', 'true', '204', '304', '101', '418', '400'])(
    'says nothing about the status of the answer, not even by %s',
    async (status) => {
      say(`{"code":"BAD_USER_INPUT","http":{"status":${status}}}`);
      for (const query of ['{ a b }', 'mutation { a b }']) {
        const { status: answered, data, errors } = await post(url, { query });
        expect([answered, data]).toEqual([200, { a: 'done', b: null }]);
        expect(errors).toEqual([{ message: INSIDE, path: ['b'], extensions: { code: 'BAD_USER_INPUT' } }]);
      }
    },
  );

  it('is masked where its status is all that it says', async () => {
    say('{"http":{"status":400}}');
    const { errors } = await post(url, { query: '{ a b }' });
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL', errorId: expect.any(String) } }]);
  });

  it('loses what is nested too deeply to be printed', async () => {
    say(`{"code":"BAD_USER_INPUT","kept":[{"a":[1]}],"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    const { status, data, errors } = await post(url, { query: '{ a b }' });
    expect([status, data]).toEqual([200, { a: 'done', b: null }]);
    expect(errors).toEqual([{ message: INSIDE, path: ['b'], extensions: { code: 'BAD_USER_INPUT', kept: [{ a: [1] }] } }]);
  });
});

function gatewayWith(executor: 'tessera' | 'apollo', url: string): Gateway {
  const { supergraphSdl = '' } = composeServices([{ name: 'only', url: 'http://only', typeDefs: parse(SDL) }]);
  return createGateway({
    config: {
      ...{ secret: newSecret(), identityKey: newIdentityKey(), eventsSecret: newSecret(), redisUrl: 'redis://127.0.0.1:1' },
      ...{ port: 0, host: '127.0.0.1', publicUrl: undefined, corsOrigins: [], trustedProxyHops: 0, socketsPerUser: 1 },
      ...{ executor, collapse: true, isStrictHttp: false, operations: undefined, logLevel: 'silent', logFile: undefined },
      isProduction: false,
    },
    subgraphUrls: { only: url },
    hosted: { only: own },
    supergraphSdl,
    accessRules: {},
    log: createLogger({ service: 'gateway', level: 'silent' }),
  });
}
