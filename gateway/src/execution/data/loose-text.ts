import { UnexpectedForm } from './convert.ts';
import { endOfString } from './cursor.ts';
import type { Selection } from './selection.ts';
import { type Slot, slotOf, type Tree, type TreeObject } from './tree.ts';
import { parseWire, type WireText } from './wire.ts';

const QUOTE = 34;
const COMMA = 44;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const LETTER_N = 110;
const BLANK = 32;

/**
 * The `data` of an answer whose text is JSON (that was seen before) with an object as its data, however it is written: with white space, with its
 * keys in any order. Leaves stay as they came, to the last digit.
 */
export function compileLooseReader(selection: Selection): (text: WireText) => TreeObject {
  const answer = placesOf({ fields: new Map([['data', selection]]) });
  return (text) => new LooseCursor(text).object(answer).$data as TreeObject; // seen before
}

/** By key: where a value goes, and what of it is wanted; null for a leaf. */
type KeyPlaces = ReadonlyMap<string, { readonly slot: Slot; readonly below: KeyPlaces | null }>;

function placesOf({ fields }: Selection): KeyPlaces {
  return new Map([...fields].map(([key, below]) => [key, { slot: slotOf(key), below: below && placesOf(below) }]));
}

/** The elements of a list, as text. */
export function elementsOf(list: WireText): readonly WireText[] {
  return new LooseCursor(list).list((cursor) => cursor.json());
}

/** The members of an object, as text. */
export function membersOfText(object: WireText): ReadonlyMap<string, WireText> {
  return new LooseCursor(object).texts();
}

class LooseCursor {
  private readonly text: WireText;
  private at = 0;

  constructor(text: WireText) {
    this.text = text;
  }

  /** Of a key that comes twice, the last counts. Keys that were not asked for are left out. */
  object(places: KeyPlaces): TreeObject {
    const object: TreeObject = {};
    this.members(CLOSE_OBJECT, () => {
      const place = places.get(this.key());
      if (place) object[place.slot] = place.below ? this.value(place.below) : this.leaf();
      else this.json();
    });
    return object;
  }

  list<T>(read: (cursor: LooseCursor) => T): T[] {
    const list: T[] = [];
    this.members(CLOSE_LIST, () => list.push(read(this)));
    return list;
  }

  texts(): ReadonlyMap<string, WireText> {
    const texts = new Map<string, WireText>();
    this.members(CLOSE_OBJECT, () => texts.set(this.key(), this.json()));
    return texts;
  }

  private key(): string {
    const key = keyOf(this.json());
    this.next();
    this.at += 1; // the colon
    return key;
  }

  /** The JSON of one value, without white space. */
  json(): WireText {
    const code = this.next();
    if (code === OPEN_OBJECT || code === OPEN_LIST) return this.whole();
    const { text, at } = this;
    if (code === QUOTE) this.at = endOfString(text, at) + 1;
    else while (!isEndOfWord(text.charCodeAt(this.at))) this.at += 1;
    return text.slice(at, this.at);
  }

  private value(places: KeyPlaces): Tree {
    const code = this.next();
    if (code === OPEN_OBJECT) return this.object(places);
    if (code === OPEN_LIST) return this.list(() => this.value(places));
    if (code !== LETTER_N) throw new UnexpectedForm('An answer holds a leaf where an object was asked for.');
    return this.leaf();
  }

  private leaf(): WireText | null {
    const text = this.json();
    return text === 'null' ? null : text;
  }

  private members(close: number, read: () => void): void {
    this.next();
    this.at += 1;
    if (this.next() !== close) {
      do read();
      while (this.next() === COMMA && ++this.at);
    }
    this.at += 1;
  }

  private whole(): WireText {
    const { text } = this;
    let json = '';
    let from = this.at;
    let depth = 0;
    do {
      const code = text.charCodeAt(this.at);
      if (code === QUOTE) this.at = endOfString(text, this.at);
      else if (code === OPEN_OBJECT || code === OPEN_LIST) depth += 1;
      else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth -= 1;
      else if (code <= BLANK) {
        json += text.slice(from, this.at);
        from = this.at + 1;
      }
      this.at += 1;
    } while (depth > 0);
    return json + text.slice(from, this.at);
  }

  /** The first character that is no white space. */
  private next(): number {
    while (this.text.charCodeAt(this.at) <= BLANK) this.at += 1;
    return this.text.charCodeAt(this.at);
  }
}

function keyOf(json: WireText): string {
  return json.includes('\\') ? String(parseWire(json)) : json.slice(1, -1);
}

/** Also where the text ends. */
function isEndOfWord(code: number): boolean {
  return !(code > BLANK) || code === COMMA || code === CLOSE_LIST || code === CLOSE_OBJECT;
}
