import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { atEndOfTurn } from '@tessera/service-kit/service';
import { bytesHoldControls, type WireText, wireOfBytes } from '../execution/data/wire.ts';
import { AnswerBody, type AnswerHead, parseHead } from './http-message.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const MAX_HEAD_BYTES = 16 * 1024;
const MAX_INTERIM_ANSWERS = 8;
const READ_BYTES = 256 * 1024;
const MAX_SPARE_BYTES = 256 * 1024;
/** Where the other side does not say how long it keeps a connection; Node's servers keep it for five seconds. */
const KEPT_MS = 4_000;
/** Less than what the other side says: a request must not meet the end of its connection. */
const MARGIN_MS = 1_000;
const HEAD_END = '\r\n\r\n';

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

export interface Posted {
  readonly statusCode: number;
  readonly committed: string | null;
  readonly text: WireText;
  /** Without control characters. */
  readonly isPlain: boolean;
}

/** One request and what becomes of it; exactly one of the two is called. */
export interface Exchange {
  /** Everything that is sent. */
  readonly message: WireText;
  answered(posted: Posted): void;
  failed(error: unknown): void;
}

export interface Connection {
  /** Only while it is free, or not yet open. */
  send(exchange: Exchange): void;
  isUsable(now: number): boolean;
  destroy(): void;
}

export interface ConnectionOwner {
  free(connection: Connection): void;
  closed(connection: Connection): void;
}

export function openConnection(address: Address, owner: ConnectionOwner): Connection {
  return new HttpConnection(address, owner);
}

/** What the system has read is used up before anything else is read: one buffer serves all. */
const reading = Buffer.allocUnsafeSlow(READ_BYTES);

class HttpConnection implements Connection {
  private readonly socket: Socket;
  private readonly owner: ConnectionOwner;
  private exchange: Exchange | null = null;
  /** The beginning of a head of which the rest is still to come. */
  private rest: Buffer | null = null;
  private interims = 0;
  private head: AnswerHead | null = null;
  private body: AnswerBody | null = null;
  /** Where answers are put together that come in several reads. */
  private spare: Buffer | null = null;
  private keptUntil = Number.POSITIVE_INFINITY;

  constructor(address: Address, owner: ConnectionOwner) {
    this.owner = owner;
    this.socket = socketTo(address, (bytes) => this.received(bytes));
    this.socket.setNoDelay(true);
    const timer = setTimeout(() => this.lost(lostError('ETIMEDOUT', 'There was no connection in time.')), CONNECT_TIMEOUT_MS).unref();
    this.socket.once(address.isSecure ? 'secureConnect' : 'connect', () => clearTimeout(timer));
    this.socket.on('error', (error) => this.lost(error));
    this.socket.on('end', () => this.ended());
    this.socket.on('close', () => {
      clearTimeout(timer);
      this.lost(lostError('ECONNRESET', 'The connection was closed before the answer was whole.'));
      owner.closed(this);
    });
  }

  send(exchange: Exchange): void {
    this.exchange = exchange;
    atEndOfTurn(() => {
      if (this.exchange === exchange) this.socket.write(exchange.message, 'latin1');
    });
  }

  isUsable(now: number): boolean {
    return this.socket.writable && now < this.keptUntil;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private received(bytes: Buffer): void {
    try {
      this.read(bytes);
    } catch (error) {
      this.lost(error);
    }
  }

  private read(bytes: Buffer): void {
    if (!this.exchange) throw new SyntaxError('An answer came that nobody asked for.');
    if (this.body) this.readBody(this.body, bytes);
    else this.readHead(bytes);
  }

  private readHead(bytes: Buffer): void {
    const all = this.rest ? Buffer.concat([this.rest, bytes]) : bytes;
    const end = all.indexOf(HEAD_END, 0, 'latin1');
    if (end === -1 || end > MAX_HEAD_BYTES) {
      if (all.length > MAX_HEAD_BYTES) throw new SyntaxError('The head of the answer is too long.');
      this.rest = Buffer.from(all);
      return;
    }
    this.rest = null;
    const head = parseHead(all.toString('latin1', 0, end));
    const start = end + HEAD_END.length;
    if (head.isInterim) {
      this.interims += 1;
      if (this.interims > MAX_INTERIM_ANSWERS) throw new SyntaxError('There are too many answers before the answer.');
      if (all.length > start) this.read(Buffer.from(all.subarray(start)));
      return;
    }
    this.head = head;
    const { bodyLength } = head;
    const isAllHere = bodyLength !== null && all.length === start + bodyLength;
    if (isAllHere) this.finish(all.subarray(start), head);
    else this.readBody(this.openBody(head), all.subarray(start));
  }

  private openBody(head: AnswerHead): AnswerBody {
    this.body = new AnswerBody(head, this.spare);
    return this.body;
  }

  private readBody(body: AnswerBody, bytes: Buffer): void {
    const used = body.push(bytes);
    if (!body.isWhole || !this.head) return;
    if (used < bytes.length) throw new SyntaxError('There is more behind the answer.');
    this.finish(body.bytes(), this.head);
  }

  private finish(bytes: Buffer, { statusCode, committed, isKept, keptMs }: AnswerHead): void {
    const { exchange, body } = this;
    const posted = { statusCode, committed, text: wireOfBytes(bytes), isPlain: !bytesHoldControls(bytes) };
    this.exchange = null;
    this.interims = 0;
    this.head = null;
    this.body = null;
    if (body && body.room.length <= MAX_SPARE_BYTES) this.spare = body.room;
    this.keptUntil = performance.now() + (keptMs === null ? KEPT_MS : keptMs - MARGIN_MS);
    if (isKept) this.owner.free(this);
    else this.socket.destroy();
    exchange?.answered(posted);
  }

  /** The end of the connection is the end of an answer that named none; nothing more can be asked over it. */
  private ended(): void {
    const { exchange, body, head } = this;
    if (!exchange) this.destroy();
    if (!body?.endsWithConnection || !head) return;
    try {
      this.finish(body.bytes(), head);
    } catch (error) {
      this.lost(error);
    }
  }

  private lost(error: unknown): void {
    const { exchange } = this;
    this.exchange = null;
    this.socket.destroy();
    exchange?.failed(error);
  }
}

function lostError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function socketTo({ host, port, isSecure }: Address, received: (bytes: Buffer) => void): Socket {
  const named = isIP(host) === 0 ? { servername: host } : {};
  if (isSecure) return connectSecure({ host, port, ...named, ALPNProtocols: ['http/1.1'] }).on('data', received);
  const callback = (length: number, buffer: Uint8Array): boolean => {
    received((buffer as Buffer).subarray(0, length)); // is `reading`
    return true;
  };
  return connectPlain({ host, port, onread: { buffer: reading, callback } });
}
