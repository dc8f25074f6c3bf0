import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './request-body.ts';
import type { RawRequest } from './route.ts';
import { requestIdOf, traceparentOf } from './trace-context.ts';

const DEFAULT_BODY_BYTES = 256 * 1024;

/** What is not used costs nothing: query, signal and trace are made when they are first asked for. */
export class HttpRequest implements RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
  readonly clientAddress: string;
  /** Set by the route that matched. */
  maxBodyBytes = DEFAULT_BODY_BYTES;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #search: string;
  #query: URLSearchParams | undefined;
  #traceparent: string | undefined;
  #signal: AbortSignal | undefined;
  #body: Promise<Buffer> | undefined;

  constructor(incoming: IncomingMessage, response: ServerResponse, trustedProxyHops: number) {
    const target = incoming.url ?? '/';
    const mark = target.indexOf('?');
    this.method = incoming.method ?? 'GET';
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.headers = incoming.headers;
    this.requestId = requestIdOf(incoming.headers);
    this.clientAddress = clientAddressOf(incoming, trustedProxyHops);
    this.#search = mark < 0 ? '' : target.slice(mark + 1);
    this.#incoming = incoming;
    this.#response = response;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#search);
    return this.#query;
  }

  get traceparent(): string {
    this.#traceparent ??= traceparentOf(this.headers);
    return this.#traceparent;
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#response);
    return this.#signal;
  }

  body(): Promise<Buffer> {
    this.#body ??= readBody(this.#incoming, this.maxBodyBytes);
    return this.#body;
  }
}

/** Of a request or an upgrade. Each trusted proxy appends the address it saw, so only the last ones of the list were not written by the client. */
export function clientAddressOf(incoming: IncomingMessage, trustedProxyHops: number): string {
  const direct = incoming.socket.remoteAddress ?? '';
  if (trustedProxyHops === 0) return direct;
  const forwarded = [incoming.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  return forwarded.at(-trustedProxyHops)?.trim() || direct;
}

function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    if (!response.writableFinished) controller.abort();
  };
  if (response.closed) abort();
  else response.once('close', abort);
  return controller.signal;
}
