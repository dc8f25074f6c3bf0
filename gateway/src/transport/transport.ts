import type { RawAnswer, RawRequest, Route } from '@tessera/service-kit/service';
import type { SubgraphAnswer, SubgraphRequest } from '@tessera/service-kit/subgraph';

/** How the gateway reaches one subgraph, whether it lives in this process or elsewhere. */
export interface Transport {
  readonly name: string;
  /** Rejects with `SubgraphUnreachable` or `SubgraphTimeout`; an answer with errors is an answer. */
  execute(request: SubgraphRequest, timeoutMs: number): Promise<SubgraphAnswer>;
  /** The ways in that are not GraphQL and that clients may use. */
  readonly routes: readonly Route[];
  /** Asks one of those ways in, as the gateway itself. */
  ask(path: string): Promise<RawAnswer>;
  close(): Promise<void>;
}

/** A subgraph of this process: what the kit's `Subgraph` offers. */
export interface InProcessSubgraph {
  execute(request: SubgraphRequest): Promise<SubgraphAnswer>;
  readonly routes: readonly Route[];
}

export type TransportOptions =
  | { readonly kind: 'in-process'; readonly subgraph: InProcessSubgraph }
  | { readonly kind: 'http'; readonly url: string; readonly paths?: readonly string[] };

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
