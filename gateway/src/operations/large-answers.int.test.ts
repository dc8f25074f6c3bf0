import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@tessera/service-kit/service';
import { parse } from 'graphql';
import { newIdentityKey } from '../../test/identity-key.ts';
import { newSecret } from '../../test/toy-platform.ts';
import { createGateway, type Gateway } from '../gateway.ts';

const MEGABYTE = 1_000_000;
const ROWS = 10_000;
const TEXT = 'Zoë – 東京 🎉 "quoted" \\ '.repeat(30);
const rows = Array.from({ length: ROWS }, (_, index) => ({ id: String(index), text: `${index} ${TEXT}` }));
const answered = JSON.stringify({ data: { rows } });

describe('an answer of more than ten megabytes', () => {
  let subgraph: Server;
  let gateway: Gateway;
  let body = answered;
  beforeAll(async () => {
    subgraph = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }); // without a length: in chunks
      const bytes = Buffer.from(body);
      for (let at = 0; at < bytes.length; at += 65_536) response.write(bytes.subarray(at, at + 65_536));
      response.end();
    });
    await new Promise<void>((resolve) => subgraph.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}`;
    const typeDefs = parse('type Query { rows: [Row!]! } type Row { id: ID! text: String }');
    const { supergraphSdl = '' } = composeServices([{ name: 'rows', url, typeDefs }]);
    gateway = createGateway({
      config: {
        ...{ secret: newSecret(), identityKey: newIdentityKey(), eventsSecret: newSecret(), redisUrl: 'redis://127.0.0.1:1' },
        ...{ port: 0, host: '127.0.0.1', publicUrl: undefined, corsOrigins: [], trustedProxyHops: 0, socketsPerUser: 1 },
        ...{ executor: 'tessera', collapse: true, isStrictHttp: false, operations: undefined, logLevel: 'silent', logFile: undefined },
        isProduction: false,
      },
      subgraphUrls: { rows: url },
      supergraphSdl,
      accessRules: {},
      log: createLogger({ service: 'gateway', level: 'silent' }),
    });
    await gateway.listen();
  });
  afterAll(async () => {
    await gateway.close({ timeoutMs: 500 });
    await new Promise((resolve) => subgraph.close(resolve));
  });

  const ask = async (visitor: string) => {
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(visitor ? { 'tessera-visitor': visitor } : {}) },
      body: '{"query":"{ rows { id text } }"}',
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return { bytes, length: Number(answer.headers.get('content-length')), visitor: answer.headers.get('tessera-visitor') ?? '' };
  };

  it('MUST come through byte by byte, also to several who ask at once', async () => {
    expect(Buffer.byteLength(answered)).toBeGreaterThan(10 * MEGABYTE);
    const { visitor } = await ask('');
    for (const { bytes, length } of await Promise.all([1, 2, 3, 4].map(() => ask(visitor)))) {
      expect(length).toBe(bytes.length);
      expect(bytes.equals(Buffer.from(`${answered}\n`))).toBe(true);
    }
  });

  it('MUST be an error beyond the bound, and the next answer is whole again', async () => {
    body = JSON.stringify({ data: { rows: [...rows, ...rows] } });
    expect(JSON.parse((await ask('')).bytes.toString())).toMatchObject({
      data: null,
      errors: [{ path: ['rows'], extensions: { code: expect.any(String) } }],
    });
    body = answered;
    expect((await ask('')).bytes.equals(Buffer.from(`${answered}\n`))).toBe(true);
  });
});
