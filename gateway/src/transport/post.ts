import type { Dispatcher, Pool } from 'undici';

export interface Posted {
  readonly statusCode: number;
  readonly committed: string | null;
  readonly bytes: Buffer;
}

/** Longer than any signed token list that a subgraph makes. */
const MAX_COMMITTED_LENGTH = 4_000;

/**
 * One POST through a pool, as directly as undici allows: no stream, no abort signal, one timer. Rejects with a timeout of the network's kind
 * (`TimeoutError`) when the whole exchange, waiting for a connection included, takes longer.
 */
export function post(pool: Pool, path: string, headers: string[], body: Buffer, timeoutMs: number): Promise<Posted> {
  return new Promise((resolve, reject) => pool.dispatch({ path, method: 'POST', headers, body }, new Receiver(resolve, reject, timeoutMs)));
}

class Receiver implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private readonly chunks: Buffer[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly resolve: (posted: Posted) => void;
  private readonly reject: (error: unknown) => void;
  private isExpired = false;
  private statusCode = 0;
  private committed: string | null = null;

  constructor(resolve: (posted: Posted) => void, reject: (error: unknown) => void, timeoutMs: number) {
    this.resolve = resolve;
    this.reject = reject;
    this.timer = setTimeout(() => this.expire(timeoutMs), timeoutMs);
  }

  /** Called again where undici itself repeats a request that was never sent. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isExpired) controller.abort(new Error('The time was up before there was a connection.'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: Readonly<Record<string, unknown>>): void {
    this.statusCode = statusCode;
    const committed = headers['tessera-committed'];
    this.committed = typeof committed === 'string' && committed.length <= MAX_COMMITTED_LENGTH ? committed : null;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.timer);
    const [only] = this.chunks;
    const bytes = this.chunks.length === 1 && only ? only : Buffer.concat(this.chunks);
    this.resolve({ statusCode: this.statusCode, committed: this.committed, bytes });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.timer);
    this.reject(error);
  }

  private expire(timeoutMs: number): void {
    this.isExpired = true;
    const error = new DOMException(`There was no answer within ${timeoutMs} ms.`, 'TimeoutError');
    this.reject(error);
    this.controller?.abort(error);
  }
}
