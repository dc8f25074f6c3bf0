import { MAX_FINITE_DIGITS } from './leaf-rules.ts';
import type { WireText } from './wire.ts';

/** Not an error: the text is then read in the slow and general way, which also says what is wrong with it. */
export const SURPRISE = Symbol('surprise');

export function surprise(): never {
  throw SURPRISE;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const LETTER_F = 102;
const LETTER_N = 110;
const LETTER_T = 116;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Goes through the text of one answer, and throws `SURPRISE` where it is not JSON without white space. The generated readers of all fetches call
 * these methods, so they are compiled and optimised once and not for each of them. The text must hold no control characters.
 */
export class Cursor {
  text: WireText = '';
  at = 0;
  private hasEscapes = false;

  start(text: WireText, at: number): void {
    this.text = text;
    this.at = at;
    this.hasEscapes = text.includes('\\');
  }

  end(): void {
    this.text = '';
  }

  /** Exactly this comes next. */
  pass(expected: string): void {
    if (!this.text.startsWith(expected, this.at)) surprise();
    this.at += expected.length;
  }

  /** Whether what comes next matches; it is passed. The pattern is sticky. */
  matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  /** Whether null comes next; it is passed. */
  isNull(): boolean {
    if (this.text.charCodeAt(this.at) !== LETTER_N) return false;
    this.pass('null');
    return true;
  }

  /** Whether this text, which ends with that character, comes next. */
  isNext(expected: WireText, last: number): boolean {
    const { text, at } = this;
    const end = at + expected.length;
    return expected !== '' && text.charCodeAt(end - 1) === last && text.slice(at, end) === expected;
  }

  /** The text of a leaf; null where it is null. */
  leaf(): WireText | null {
    const { text, at } = this;
    switch (text.charCodeAt(at)) {
      case QUOTE:
        this.passString();
        break;
      case LETTER_N:
        this.pass('null');
        return null;
      case LETTER_T:
        this.pass('true');
        return 'true';
      case LETTER_F:
        this.pass('false');
        return 'false';
      case OPEN_OBJECT:
      case OPEN_LIST:
        this.passWhole();
        break;
      default:
        this.passNumber();
    }
    return text.slice(at, this.at);
  }

  /** A string without an escape ends at the next quote. */
  passString(): void {
    const { text, at } = this;
    if (text.charCodeAt(at) !== QUOTE) surprise();
    const end = this.hasEscapes ? endOfEscaped(text, at) : text.indexOf('"', at + 1);
    if (end < 0) surprise();
    this.at = end + 1;
  }

  passNumber(): void {
    const { text, at } = this;
    const first = text.charCodeAt(at);
    let end = at + 1;
    let code = text.charCodeAt(end);
    while (code >= 48 && code <= 57) code = text.charCodeAt(++end);
    this.at = end;
    const isPlain = (first >= 49 && first <= 57) || (first === 48 && end === at + 1);
    if (isPlain && (code === COMMA || code === CLOSE_OBJECT || code === CLOSE_LIST)) return;
    while ((code >= 48 && code <= 57) || code === 46 || code === 101 || code === 69 || code === 43 || code === 45)
      code = text.charCodeAt(++end);
    if (!NUMBER.test(text.slice(at, end))) surprise();
    this.at = end;
  }

  /** Without a fraction or an exponent. */
  passInteger(): void {
    const { text, at } = this;
    const start = text.charCodeAt(at) === MINUS ? at + 1 : at;
    let end = start;
    let code = text.charCodeAt(end);
    while (code >= 48 && code <= 57) code = text.charCodeAt(++end);
    const isPlain = end === start + 1 || (end > start && text.charCodeAt(start) !== 48);
    if (!isPlain || end - at > MAX_FINITE_DIGITS || (code !== COMMA && code !== CLOSE_OBJECT && code !== CLOSE_LIST)) surprise();
    this.at = end;
  }

  /** Finite as a double. */
  passFloat(): void {
    const { text, at } = this;
    this.passNumber();
    if (!Number.isFinite(Number(text.slice(at, this.at)))) surprise();
  }

  passId(): void {
    if (this.text.charCodeAt(this.at) === QUOTE) this.passString();
    else this.passInteger();
  }

  passBoolean(): void {
    this.pass(this.text.charCodeAt(this.at) === LETTER_T ? 'true' : 'false');
  }

  passOneOf(texts: ReadonlySet<string>): void {
    const { at } = this;
    this.passString();
    if (!texts.has(this.text.slice(at, this.at))) surprise();
  }

  /** Whatever is JSON, but not null. */
  passAny(): void {
    if (this.text.charCodeAt(this.at) === QUOTE) this.passString();
    else if (this.leaf() === null) surprise();
  }

  /** An object or a list in the place of a leaf. */
  private passWhole(): void {
    const { text, at } = this;
    let depth = 0;
    do {
      const code = text.charCodeAt(this.at);
      if (code === QUOTE) {
        this.passString();
        continue;
      }
      if (code === OPEN_OBJECT || code === OPEN_LIST) depth += 1;
      else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth -= 1;
      else if (Number.isNaN(code)) surprise();
      this.at += 1;
    } while (depth > 0);
    if (!isJsonText(text.slice(at, this.at))) surprise();
  }

  /** Passes what stands between two members, or the end of the list: then it is true. */
  isListEnd(): boolean {
    const code = this.text.charCodeAt(this.at);
    if (code !== CLOSE_LIST && code !== COMMA) surprise();
    this.at += 1;
    return code === CLOSE_LIST;
  }

  /** Passes the beginning of a list, and the end of an empty one: then it is true. */
  isEmptyList(): boolean {
    if (this.text.charCodeAt(this.at) !== OPEN_LIST) surprise();
    this.at += 1;
    if (this.text.charCodeAt(this.at) !== CLOSE_LIST) return false;
    this.at += 1;
    return true;
  }
}

function endOfEscaped(text: WireText, at: number): number {
  const end = endOfString(text, at);
  const hasEscape = end > 0 && text.slice(at, end).includes('\\');
  return hasEscape && !isJsonText(text.slice(at, end + 1)) ? -1 : end;
}

/** The quote that closes the string that opens here; -1 where there is none. */
export function endOfString(text: WireText, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
  return -1;
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
