import { IDENTITY_HEADER, type IdentitySigner, type Viewer } from '@tessera/service-kit/identity';
import { newTraceparent, nextSpan, type Route } from '@tessera/service-kit/service';
import type { SubgraphAnswer } from '@tessera/service-kit/subgraph';
import { Kind, parse } from 'graphql';
import { Pool } from 'undici';
import { membersOf } from '../execution/data/read-answer.ts';
import { parseWire, type WireText, wireJson } from '../execution/data/wire.ts';
import type { FetchContext } from './fetch-context.ts';
import { createHttpClient } from './http-client.ts';
import type { Address, Posted } from './http-connection.ts';
import { passThrough } from './pass-through.ts';
import { classify, type Transport } from './transport.ts';

/** Where a subgraph answers whose URL names no path. */
const DEFAULT_PATH = '/graphql';
const MAX_ROUTE_CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 2_000;
const MAX_ROUTE_BODY_BYTES = 1024 * 1024;

/** Keep-alive pool to one subgraph. Every request carries a short-lived signed identity; nothing that the client sent as a header goes through. */
export function httpTransport(
  name: string,
  { url, paths = [] }: { readonly url: string; readonly paths?: readonly string[] },
  signer: IdentitySigner,
): Transport {
  const target = new URL(url);
  const path = `${target.pathname.replace(/\/+$/, '') || DEFAULT_PATH}${target.search}`;
  const client = createHttpClient(name, addressOf(target));
  /** For ways in that are not GraphQL: their bodies and headers are passed through, and a slow download takes no place from a question. */
  const routePool = new Pool(target.origin, { connections: MAX_ROUTE_CONNECTIONS, connectTimeout: CONNECT_TIMEOUT_MS, pipelining: 1 });
  const identityOf = createIdentityCache(signer);
  const start = `POST ${path} HTTP/1.1\r\nhost: ${target.host}\r\ncontent-type: application/json\r\naccept: application/json\r\n`;
  const send = (request: FetchContext, body: WireText, isRepeatable: boolean, timeoutMs: number): Promise<Posted> => {
    const identity = identityOf(request.viewer);
    if (typeof identity === 'string') return client.post({ head: start + headersOf(request, identity), body, isRepeatable, timeoutMs });
    return identity.then((token) => client.post({ head: start + headersOf(request, token), body, isRepeatable, timeoutMs }));
  };
  return {
    name,
    routes: paths.map(
      (path): Route => ({
        method: '*',
        path,
        maxBodyBytes: MAX_ROUTE_BODY_BYTES,
        handler: (request) => passThrough(routePool, name, request),
      }),
    ),
    execute: async (request, timeoutMs) => {
      const { query, variables = {}, operationName } = request;
      const { text, committed } = await send(request, wireJson({ query, variables, operationName }), isQuestion(query), timeoutMs);
      return { ...parseAnswer(text, name), committed };
    },
    executeText: (request, timeoutMs) => send(request, request.body, !request.isMutation, timeoutMs),
    ask: (path) =>
      passThrough(routePool, name, { method: 'GET', path, query: new URLSearchParams(), headers: {}, body: async () => Buffer.alloc(0) }),
    close: async () => {
      await Promise.all([client.close(), routePool.close()]);
    },
  };
}

function addressOf({ protocol, hostname, port }: URL): Address {
  const isSecure = protocol === 'https:';
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? (isSecure ? 443 : 80) : Number(port), isSecure };
}

const IDENTITY_REUSE_MS = 10_000;

/** The token of a viewer without waiting, once it is known: every fetch of an operation carries the same. */
function createIdentityCache(signer: IdentitySigner): (viewer: Viewer) => string | Promise<string> {
  const known = new WeakMap<Viewer, { readonly token: string; readonly until: number }>();
  return (viewer) => {
    const entry = known.get(viewer);
    const now = performance.now();
    if (entry && entry.until > now) return entry.token;
    return signer.sign(viewer).then((token) => {
      known.set(viewer, { token, until: now + IDENTITY_REUSE_MS });
      return token;
    });
  };
}

function parseAnswer(text: WireText, name: string): Omit<SubgraphAnswer, 'committed'> {
  try {
    const { data, errors, extensions } = membersOf(parseWire(text));
    return { data, errors, ...(extensions ? { extensions } : {}) };
  } catch (error) {
    throw classify(error, name);
  }
}

function headersOf(request: FetchContext, identity: string): string {
  const { traceparent, requestId, idempotencyKey, seen } = request;
  let text = `${IDENTITY_HEADER}: ${identity}\r\ntraceparent: ${traceparent ? nextSpan(traceparent) : newTraceparent()}\r\n`;
  if (requestId) text += header('x-request-id', requestId);
  if (idempotencyKey) text += header('idempotency-key', idempotencyKey);
  if (seen) text += header('tessera-seen', seen);
  return text;
}

/** Visible characters, blanks and what is above ASCII (RFC 9110, section 5.5): nothing that could begin another header. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function header(name: string, value: string): string {
  if (!HEADER_VALUE.test(value)) throw new TypeError(`${name} holds what no header can hold.`);
  return `${name}: ${value}\r\n`;
}

/** What cannot be told for certain is never sent twice. */
function isQuestion(query: string): boolean {
  try {
    const { definitions } = parse(query, { noLocation: true });
    return definitions.every((each) => each.kind !== Kind.OPERATION_DEFINITION || each.operation === 'query');
  } catch {
    return false;
  }
}
