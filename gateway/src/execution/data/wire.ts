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
