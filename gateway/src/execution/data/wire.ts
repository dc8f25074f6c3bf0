import { isAscii, isUtf8 } from 'node:buffer';

/** Text whose characters are the bytes of its UTF-8 form. What comes from one socket goes into another without being decoded. */
export type WireText = string;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the point is to find everything that is not ASCII
const BEYOND_ASCII = /[^\x00-\x7f]/;

export function toWire(text: string): WireText {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

export function fromWire(text: WireText): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
}

/** Throws where the bytes are no text. */
export function wireOfBytes(bytes: Buffer): WireText {
  if (!isAscii(bytes) && !isUtf8(bytes)) throw new SyntaxError('The bytes are not UTF-8.');
  return bytes.toString('latin1');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: none may stand in JSON text, and none does between the parts where a machine wrote it
const CONTROL = /[\x00-\x1f]/;

export function holdsControls(text: WireText): boolean {
  return CONTROL.test(text);
}

const WORD = 4;
const BLOCK = 4 * WORD;
const TOO_LOW = 0x20_20_20_20;
const HIGH_BITS = 0x80_80_80_80;

/** The same of bytes, sixteen at a time: a byte below 0x20 borrows from its highest bit when 0x20 is taken from it. */
export function bytesHoldControls(bytes: Buffer): boolean {
  const start = (WORD - (bytes.byteOffset % WORD)) % WORD;
  const blocks = Math.floor((bytes.length - start) / BLOCK);
  if (blocks < 1) return isLowWithin(bytes, 0, bytes.length);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, (blocks * BLOCK) / WORD);
  let low = 0;
  for (let index = 0; index < words.length; index += 4) {
    const a = words[index] ?? 0;
    const b = words[index + 1] ?? 0;
    const c = words[index + 2] ?? 0;
    const d = words[index + 3] ?? 0;
    low |= ((a - TOO_LOW) & ~a) | ((b - TOO_LOW) & ~b) | ((c - TOO_LOW) & ~c) | ((d - TOO_LOW) & ~d);
  }
  return (low & HIGH_BITS) !== 0 || isLowWithin(bytes, 0, start) || isLowWithin(bytes, start + blocks * BLOCK, bytes.length);
}

function isLowWithin(bytes: Buffer, from: number, to: number): boolean {
  for (let index = from; index < to; index += 1) if ((bytes[index] ?? 0) < 0x20) return true;
  return false;
}

export function bytesOfWire(text: WireText): Buffer {
  return Buffer.from(text, 'latin1');
}

/** A value as JSON in wire form; `null` for what JSON does not know. */
export function wireJson(value: unknown): WireText {
  return toWire(JSON.stringify(value) ?? 'null');
}

export function parseWire(text: WireText): unknown {
  return JSON.parse(fromWire(text));
}
