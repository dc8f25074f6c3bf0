const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** For an answer that does not say how long it is. */
const FIRST_ROOM_BYTES = 16 * 1024;
/** Longer than any signed token list that a subgraph makes. */
const MAX_COMMITTED_LENGTH = 4_000;
const MAX_SIZE_LINE = 1_000;
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);
/** Lines of visible characters; names are tokens (RFC 9110, section 5.6.2), so no blank before the colon and no line that goes on in the next. */
const LINES = /^[\t\x20-\x7e\x80-\xff]*(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*)*$/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/;

/** Of the names of headers that mean something here: the others are passed over. */
const MEANT_LENGTHS: ReadonlySet<number> = new Set(
  ['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'tessera-committed', 'content-encoding'].map(({ length }) => length),
);

/** What the beginning of an answer says (RFC 9112). */
export interface AnswerHead {
  readonly statusCode: number;
  /** Not the answer itself: it is still to come. */
  readonly isInterim: boolean;
  /** Null where it is not known yet. */
  readonly bodyLength: number | null;
  readonly isChunked: boolean;
  readonly isKept: boolean;
  /** How long the other side says that it keeps the connection. */
  readonly keptMs: number | null;
  readonly committed: string | null;
}

/** Throws for what is no HTTP, and for what two readers could read differently. */
export function parseHead(text: string): AnswerHead {
  if (!LINES.test(text)) throw new SyntaxError('The head of the answer holds what no head can hold.');
  const lines = text.split('\r\n');
  const [, minor, status] = STATUS_LINE.exec(lines[0] ?? '') ?? [];
  if (!status) throw new SyntaxError('The answer is not HTTP/1.1.');
  let length: number | null = null;
  let isChunked = false;
  let isKept = minor === '1';
  let keptMs: number | null = null;
  let committed: string | null = null;
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    const value = () => line.slice(colon + 1).trim();
    if (!MEANT_LENGTHS.has(colon)) continue;
    switch (line.slice(0, colon).toLowerCase()) {
      case 'content-length':
        length = lengthOf(value(), length);
        break;
      case 'transfer-encoding':
        if (isChunked || value().toLowerCase() !== 'chunked')
          throw new SyntaxError('The answer is encoded in a way that is not known here.');
        isChunked = true;
        break;
      case 'connection':
        isKept = isKept && !value().toLowerCase().split(/ *, */).includes('close');
        break;
      case 'keep-alive': {
        const seconds = /\btimeout=(\d+)/i.exec(value())?.[1];
        if (seconds !== undefined) keptMs = Number(seconds) * 1_000;
        break;
      }
      case 'tessera-committed':
        committed = value();
        break;
      case 'content-encoding':
        if (value().toLowerCase() !== 'identity') throw new SyntaxError('The answer is compressed, and nobody asked for that.');
    }
  }
  const statusCode = Number(status);
  if (isChunked && length !== null) throw new SyntaxError('The answer has two lengths.');
  const hasBody = !WITHOUT_BODY.has(statusCode);
  return {
    statusCode,
    isInterim: statusCode < 200,
    bodyLength: hasBody ? length : 0,
    isChunked: hasBody && isChunked,
    isKept: isKept && (!hasBody || isChunked || length !== null),
    keptMs,
    committed: committed !== null && committed !== '' && committed.length <= MAX_COMMITTED_LENGTH ? committed : null,
  };
}

function lengthOf(value: string, known: number | null): number {
  const length = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(length) || (known !== null && known !== length)) throw new SyntaxError('The length of the answer is not a number.');
  return bounded(length);
}

function bounded(length: number): number {
  if (length > MAX_ANSWER_BYTES) throw new RangeError(`The answer has more than ${MAX_ANSWER_BYTES} bytes.`);
  return length;
}

/** A body that comes in several pieces. What is pushed is copied. */
export class AnswerBody {
  readonly endsWithConnection: boolean;
  isWhole = false;
  /** Where its length is not known: as much as there was need for. */
  room: Buffer;
  private readonly isChunked: boolean;
  private length = 0;
  /** Of the chunk, or of all of it where there are no chunks. */
  private left: number;
  private line = '';
  private phase: 'size' | 'data' | 'behind' | 'trailer';

  /** `spare`: room that may be used again. */
  constructor({ bodyLength, isChunked }: AnswerHead, spare: Buffer | null) {
    this.isChunked = isChunked;
    const needed = isChunked ? FIRST_ROOM_BYTES : (bodyLength ?? FIRST_ROOM_BYTES);
    this.room = spare && spare.length >= needed ? spare : Buffer.allocUnsafeSlow(needed);
    this.endsWithConnection = !isChunked && bodyLength === null;
    this.phase = isChunked ? 'size' : 'data';
    this.left = isChunked ? 0 : (bodyLength ?? Number.POSITIVE_INFINITY);
    this.isWhole = !isChunked && this.left === 0;
  }

  /** How many of the bytes belong to it. */
  push(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.isWhole) at += this.phase === 'data' ? this.takeData(bytes, at) : this.takeLine(bytes, at);
    return at;
  }

  bytes(): Buffer {
    return this.room.subarray(0, this.length);
  }

  private takeData(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.left);
    const length = bounded(this.length + end - at);
    this.makeRoom(length);
    bytes.copy(this.room, this.length, at, end);
    this.length = length;
    this.left -= end - at;
    if (this.left === 0) {
      if (this.isChunked) this.phase = 'behind';
      else this.isWhole = true;
    }
    return end - at;
  }

  private makeRoom(length: number): void {
    if (length <= this.room.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(length, Math.min(2 * this.room.length, MAX_ANSWER_BYTES)));
    this.room.copy(larger, 0, 0, this.length);
    this.room = larger;
  }

  /** RFC 9112, section 7.1. */
  private takeLine(bytes: Buffer, at: number): number {
    const newline = bytes.indexOf(10, at);
    const end = newline === -1 ? bytes.length : newline + 1;
    this.line += bytes.toString('latin1', at, end);
    if (this.line.length > MAX_SIZE_LINE) throw new SyntaxError('A chunk of the answer does not say how long it is.');
    if (newline === -1) return end - at;
    const { line } = this;
    this.line = '';
    if (!line.endsWith('\r\n')) throw new SyntaxError('A line between chunks does not end as it must.');
    this.follow(line.slice(0, -2));
    return end - at;
  }

  private follow(line: string): void {
    if (this.phase === 'trailer') {
      this.isWhole = line === '';
    } else if (this.phase === 'behind') {
      if (line !== '') throw new SyntaxError('A chunk of the answer is longer than it says.');
      this.phase = 'size';
    } else {
      const size = /^([0-9a-f]{1,8})(?:[ \t]*;.*)?$/i.exec(line)?.[1];
      if (size === undefined) throw new SyntaxError('A chunk of the answer does not say how long it is.');
      this.left = bounded(Number.parseInt(size, 16));
      this.phase = this.left === 0 ? 'trailer' : 'data';
    }
  }
}
