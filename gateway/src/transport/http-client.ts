import type { WireText } from '../execution/data/wire.ts';
import { type Deadline, deadlines } from '../resilience/deadlines.ts';
import { type Address, type Connection, type Exchange, openConnection, type Posted } from './http-connection.ts';
import { classify, SubgraphTimeout, SubgraphUnreachable } from './transport.ts';

const OK = 200;
const UNAVAILABLE = 503;
const MAX_CONNECTIONS = 64;
const MAX_WAITING = 10_000;
const MAX_WAITING_CHARACTERS = 64 * 1024 * 1024;
const MAX_ATTEMPTS = 2;

export interface Post {
  /** Request line and headers, without the length of the body. */
  readonly head: string;
  readonly body: WireText;
  /** Sent once more where the connection was lost. */
  readonly isRepeatable: boolean;
  /** Of the whole exchange: waiting for a connection and a second attempt included. */
  readonly timeoutMs: number;
}

export interface HttpClient {
  /** Rejects with `SubgraphUnreachable`, `SubgraphTimeout`, or another error where the answer is none of a subgraph. */
  post(post: Post): Promise<Posted>;
  /** Nothing new is sent; resolves when everything under way has ended. */
  close(): Promise<void>;
}

/**
 * HTTP/1.1 to one origin over kept connections, with as little between a request and its socket as can be: one write, one promise, no stream, no
 * timer of its own. Only for small exchanges that are wanted whole.
 */
export function createHttpClient(name: string, address: Address): HttpClient {
  return new Client(name, address);
}

class Waiting implements Exchange, Deadline {
  readonly message: string;
  readonly until: number;
  place = -1;
  attempts = 0;
  isSettled = false;
  connection: Connection | null = null;
  private readonly isRepeatable: boolean;
  private readonly resolve: (posted: Posted) => void;
  private readonly reject: (error: Error) => void;
  private readonly client: Client;

  constructor(client: Client, { head, body, isRepeatable, timeoutMs }: Post, resolve: Waiting['resolve'], reject: Waiting['reject']) {
    this.client = client;
    this.message = `${head}content-length: ${body.length}\r\n\r\n${body}`;
    this.until = performance.now() + timeoutMs;
    this.isRepeatable = isRepeatable;
    this.resolve = resolve;
    this.reject = reject;
  }

  answered(posted: Posted): void {
    this.connection = null; // it may serve somebody else by now
    if (posted.statusCode === OK) this.settle(() => this.resolve(posted));
    else if (posted.statusCode === UNAVAILABLE) this.repeat(new SubgraphUnreachable(`${this.client.name} is not ready`));
    else this.refuse(classify(new Error(`${this.client.name} answered ${posted.statusCode}`), this.client.name));
  }

  failed(error: unknown): void {
    this.connection = null;
    if (this.isSettled) return;
    const cause = classify(error, this.client.name);
    if (cause instanceof SubgraphUnreachable) {
      this.client.dropIdle();
      this.repeat(cause);
    } else this.refuse(cause);
  }

  refuse(cause: Error): void {
    this.settle(() => this.reject(cause));
  }

  private repeat(cause: SubgraphUnreachable): void {
    if (this.isRepeatable && this.attempts < MAX_ATTEMPTS && performance.now() < this.until) this.client.send(this);
    else this.refuse(cause);
  }

  expire(): void {
    this.refuse(new SubgraphTimeout(`${this.client.name} did not answer in time`));
    this.connection?.destroy();
  }

  private settle(tell: () => void): void {
    if (this.isSettled) return;
    this.isSettled = true;
    deadlines.delete(this);
    tell();
  }
}

class Client implements HttpClient {
  readonly name: string;
  private readonly address: Address;
  private readonly open = new Set<Connection>();
  private readonly idle: Connection[] = [];
  private readonly waiting: Waiting[] = [];
  private waitingCharacters = 0;
  private whenClosed: (() => void) | null = null;

  constructor(name: string, address: Address) {
    this.name = name;
    this.address = address;
  }

  post(post: Post): Promise<Posted> {
    return new Promise((resolve, reject) => {
      const exchange = new Waiting(this, post, resolve, reject);
      if (this.whenClosed) return reject(new SubgraphUnreachable(`the connections to ${this.name} are closed`));
      deadlines.add(exchange);
      this.send(exchange);
    });
  }

  send(exchange: Waiting): void {
    const connection = this.takeIdle() ?? (this.open.size < MAX_CONNECTIONS ? this.connect() : null);
    if (connection) this.start(exchange, connection);
    else if (this.waiting.length < MAX_WAITING && this.waitingCharacters < MAX_WAITING_CHARACTERS) this.wait(exchange);
    else exchange.refuse(new SubgraphUnreachable(`too many requests wait for ${this.name}`));
  }

  private wait(exchange: Waiting): void {
    this.waiting.push(exchange);
    this.waitingCharacters += exchange.message.length;
  }

  private start(exchange: Waiting, connection: Connection): void {
    exchange.attempts += 1;
    exchange.connection = connection;
    connection.send(exchange);
  }

  /** The one that was used last: the others may close in peace. */
  private takeIdle(): Connection | null {
    for (;;) {
      const connection = this.idle.pop();
      if (!connection) return null;
      if (connection.isUsable(performance.now())) return connection;
      connection.destroy();
    }
  }

  /** What ended one connection has most likely ended all: nothing is sent over those that only look alive. */
  dropIdle(): void {
    for (const connection of this.idle.splice(0)) connection.destroy();
  }

  private connect(): Connection {
    const connection = openConnection(this.address, {
      free: (freed) => {
        const next = this.nextWaiting();
        if (next) this.start(next, freed);
        else if (this.whenClosed) freed.destroy();
        else this.idle.push(freed);
      },
      closed: (gone) => this.forget(gone),
    });
    this.open.add(connection);
    return connection;
  }

  private forget(gone: Connection): void {
    this.open.delete(gone);
    const index = this.idle.indexOf(gone);
    if (index !== -1) this.idle.splice(index, 1);
    const next = this.nextWaiting();
    if (next) this.send(next);
    else if (this.open.size === 0) this.whenClosed?.();
  }

  private nextWaiting(): Waiting | null {
    for (;;) {
      const next = this.waiting.shift();
      if (!next) return null;
      this.waitingCharacters -= next.message.length;
      if (!next.isSettled) return next;
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.whenClosed = resolve;
      this.dropIdle();
      if (this.open.size === 0) resolve();
    });
  }
}
