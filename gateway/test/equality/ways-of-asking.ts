import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createIdentitySigner } from '@tessera/service-kit/identity';
import { createLogger, createMetrics } from '@tessera/service-kit/service';
import { buildSchema } from 'graphql';
import { readObject, readText } from '../../src/execution/data/read-answer.ts';
import { parseWire, toWire, wireJson } from '../../src/execution/data/wire.ts';
import type { Ask, FetchRequest } from '../../src/execution/plan/run.ts';
import { createFetcher } from '../../src/transport/fetch-subgraph.ts';
import { httpTransport } from '../../src/transport/http.ts';
import { mergeEntities } from '../../src/transport/merge-entities.ts';
import { newIdentityKey } from '../identity-key.ts';
import type { InventedAnswer, InventedSubgraph } from './invented-subgraph.ts';
import type { Random } from './random.ts';
import { rewrittenJson } from './rewrite-answer.ts';

type Exchange = (request: FetchRequest) => Promise<InventedAnswer>;

function exchangeWith(subgraphs: readonly InventedSubgraph[]): Exchange {
  const byName = new Map(subgraphs.map((each) => [each.name, each]));
  return ({ fetch, variables }) => {
    const subgraph = byName.get(fetch.service);
    if (!subgraph) throw new Error(`There is no ${fetch.service}.`);
    const body = parseWire(`${fetch.bodyStart}${variables}}}`) as { query: string; variables: Record<string, unknown> };
    return subgraph.answer(body.query, body.variables);
  };
}

/** As a transport asks: in text, through the scanner; or in objects, as a subgraph of this process. */
export function askOf(subgraphs: readonly InventedSubgraph[], form: 'text' | 'objects'): Ask {
  const exchange = exchangeWith(subgraphs);
  return async (request) => {
    const answer = await exchange(request);
    const { reader } = request.fetch;
    return form === 'text' ? readText(wireJson(answer), reader) : readObject(answer, reader);
  };
}

/** In text, by subgraphs that write in their own way. */
export function askRewritten(subgraphs: readonly InventedSubgraph[], random: Random): Ask {
  const exchange = exchangeWith(subgraphs);
  return async (request) => readText(toWire(rewrittenJson(await exchange(request), random)), request.fetch.reader);
}

export interface HttpSubgraphs {
  /** By our own client, over sockets. */
  readonly ask: Ask;
  /** The same, where what several queries want in one moment goes out as one. */
  readonly askTogether: Ask;
  stop(): Promise<void>;
}

/** The subgraphs as servers of their own, on loopback. */
export async function serveSubgraphs(subgraphs: readonly InventedSubgraph[]): Promise<HttpSubgraphs> {
  const log = createLogger({ service: 'gateway', level: 'silent' });
  const signer = createIdentitySigner({ privateKey: newIdentityKey() });
  const served = await Promise.all(
    subgraphs.map(async (subgraph) => {
      const { server, url } = await serve(subgraph);
      return { name: subgraph.name, server, transport: httpTransport(subgraph.name, { url }, signer) };
    }),
  );
  const transports = new Map(served.map(({ name, transport }) => [name, transport]));
  const schema = buildSchema('type Query { none: Int }'); // only the events subgraph without a server would be answered by it
  const ask = createFetcher({ transports, schema: () => schema, observe: () => () => undefined, log });
  return {
    ask,
    askTogether: mergeEntities(ask, log, createMetrics('gateway')),
    stop: async () => {
      await Promise.all(served.map(({ transport }) => transport.close()));
      await Promise.all(served.map(({ server }) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function serve(subgraph: InventedSubgraph): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    const answer = async () => {
      const { query, variables } = JSON.parse((await buffer(request)).toString()) as { query: string; variables: Record<string, unknown> };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(await subgraph.answer(query, variables)));
    };
    answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens
  return { server, url: `http://127.0.0.1:${port}` };
}
