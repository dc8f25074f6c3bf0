import type { RawAnswer, RawRequest, Route } from '@tessera/service-kit/service';
import type { SubgraphAnswer, SubgraphRequest } from '@tessera/service-kit/subgraph';
import type { WireText } from '../execution/data/wire.ts';

/** How the gateway reaches one subgraph, whether it lives in this process or elsewhere. */
export interface Transport {
  readonly name: string;
  /** Rejects with `SubgraphUnreachable` or `SubgraphTimeout`; an answer with errors is an answer. */
  execute(request: SubgraphRequest, timeoutMs: number): Promise<SubgraphAnswer>;
  /** The same, but nobody parses or prints anything on the way; only where answers come as text. */
  executeText?(request: TextRequest, timeoutMs: number): Promise<TextAnswer>;
  /** The ways in that are not GraphQL and that clients may use. */
  readonly routes: readonly Route[];
  /** Asks one of those ways in, as the gateway itself. */
  ask(path: string): Promise<RawAnswer>;
  close(): Promise<void>;
}

/** A request whose body is already written. */
export interface TextRequest extends Pick<SubgraphRequest, 'viewer' | 'requestId' | 'traceparent' | 'idempotencyKey' | 'seen'> {
  readonly body: WireText;
  /** Never sent twice. */
  readonly isMutation: boolean;
}

export interface TextAnswer {
  readonly text: WireText;
  /** Without control characters. */
  readonly isPlain: boolean;
  readonly committed: string | null;
}

/** A subgraph of this process: what the kit's `Subgraph` offers. */
export interface InProcessSubgraph {
  execute(request: SubgraphRequest): Promise<SubgraphAnswer>;
  readonly routes: readonly Route[];
}

/** Where the subgraphs are. */
export interface SubgraphPlaces {
  /** By name: `http://…` or `https://…`, or `inprocess:` for one of `hosted`. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
  /** By name: the variable that holds the URL, for whoever is told that it is wrong. */
  readonly urlVariables?: Readonly<Record<string, string>>;
  /** The subgraphs of this process, by name. */
  readonly hosted?: Readonly<Record<string, InProcessSubgraph>>;
  /** By name: the ways in that are not GraphQL of a subgraph that is asked over HTTP. One of this process tells them itself. */
  readonly passedPaths?: Readonly<Record<string, readonly string[]>>;
}

/** Nobody answered; nothing is known about whether the request was carried out. */
export class SubgraphUnreachable extends Error {
  override readonly name = 'SubgraphUnreachable';
}

export class SubgraphTimeout extends Error {
  override readonly name = 'SubgraphTimeout';
}

/** A request that the gateway makes on its own behalf to a way in of a subgraph. */
export function ownRequest(path: string, requestId: string, traceparent: string): RawRequest {
  return {
    method: 'GET',
    path,
    query: new URLSearchParams(),
    headers: {},
    clientAddress: '127.0.0.1',
    requestId,
    traceparent,
    signal: new AbortController().signal,
    body: async () => Buffer.alloc(0),
  };
}

/** What went wrong on the way, for whoever has to say it to the client. */
export function classify(error: unknown, name: string): Error {
  if (error instanceof SubgraphUnreachable) return error;
  const { code = '', name: kind = '' } = (error ?? {}) as { code?: unknown; name?: unknown }; // errors of the network come from many classes
  if (TIMED_OUT.has(String(code)) || kind === 'TimeoutError' || kind === 'AbortError')
    return new SubgraphTimeout(`${name} did not answer in time`, { cause: error });
  if (CONNECTION_LOST.has(String(code))) return new SubgraphUnreachable(`${name} cannot be reached`, { cause: error });
  return new UnusableAnswer(`${name} gave an answer that is not GraphQL`, { cause: error });
}

/** Somebody answered, but not as a subgraph does: asking again would not help. */
class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
}

/** Faults after which the request may be sent again without doubt, because it is only a question. */
const CONNECTION_LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
]);
const TIMED_OUT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ABORT_ERR']);
