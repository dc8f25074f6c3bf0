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

const MEANT = ['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'tessera-committed', 'content-encoding'];
/** By the length of a name: whether it may mean something here. The others are passed over. */
const MEANT_LENGTHS: readonly boolean[] = Array.from({ length: 20 }, (_, length) => MEANT.some((name) => name.length === length));

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
  const firstEnd = text.indexOf('\r\n');
  const [, minor, status] = STATUS_LINE.exec(firstEnd === -1 ? text : text.slice(0, firstEnd)) ?? [];
  if (!status) throw new SyntaxError('The answer is not HTTP/1.1.');
  const said: Said = { length: null, isChunked: false, isKept: minor === '1', keptMs: null, committed: null };
  for (let start = firstEnd; start !== -1; ) {
    const end = text.indexOf('\r\n', start + 2);
    const colon = text.indexOf(':', start + 2);
    if (MEANT_LENGTHS[colon - start - 2])
      note(text.slice(start + 2, colon).toLowerCase(), text.slice(colon + 1, end === -1 ? text.length : end).trim(), said);
    start = end;
  }
  const { length, isChunked, isKept, keptMs, committed } = said;
  if (isChunked && length !== null) throw new SyntaxError('The answer has two lengths.');
  const statusCode = Number(status);
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

/** What the headers say. */
interface Said {
  length: number | null;
  isChunked: boolean;
  isKept: boolean;
  keptMs: number | null;
  committed: string | null;
}

function note(name: string, value: string, said: Said): void {
  switch (name) {
    case 'content-length':
      said.length = lengthOf(value, said.length);
      return;
    case 'transfer-encoding':
      if (said.isChunked || value.toLowerCase() !== 'chunked')
        throw new SyntaxError('The answer is encoded in a way that is not known here.');
      said.isChunked = true;
      return;
    case 'connection':
      said.isKept &&= value === 'keep-alive' || !value.toLowerCase().split(/ *, */).includes('close');
      return;
    case 'keep-alive': {
      const seconds = /\btimeout=(\d+)/i.exec(value)?.[1];
      if (seconds !== undefined) said.keptMs = Number(seconds) * 1_000;
      return;
    }
    case 'tessera-committed':
      said.committed = value;
      return;
    case 'content-encoding':
      if (value.toLowerCase() !== 'identity') throw new SyntaxError('The answer is compressed, and nobody asked for that.');
  }
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
