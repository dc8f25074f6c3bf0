import { UnexpectedForm } from '../execution/data/convert.ts';
import { SURPRISE } from '../execution/data/cursor.ts';
import type { AnswerReader } from '../execution/data/read-answer.ts';
import { slotOf } from '../execution/data/tree.ts';
import { type WireText, wireJson } from '../execution/data/wire.ts';
import { ENTITIES } from '../execution/plan/compiled-fetch.ts';

const OPENING = `{"data":{"${ENTITIES}":[`;
const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Reads an answer about entities as the text of each; what is in them is for whoever gets the text to read. */
export const splitEntities: AnswerReader = {
  scan: (text) => {
    if (!text.startsWith(OPENING)) throw SURPRISE;
    const { elements, end } = elementsOf(text, OPENING.length);
    if (text.charCodeAt(end + 1) !== CLOSE_BRACE) throw SURPRISE;
    return { data: { [slotOf(ENTITIES)]: elements }, end: end + 2 };
  },
  convert: (data) => {
    const entities = (data as Readonly<Record<string, unknown>>)[ENTITIES]; // checked here
    if (!Array.isArray(entities)) throw new UnexpectedForm('The entities are not a list.');
    return { [slotOf(ENTITIES)]: entities.map(wireJson) };
  },
};

/** The elements of a list that is written without blanks, and where its bracket closes. */
function elementsOf(text: WireText, start: number): { readonly elements: WireText[]; readonly end: number } {
  const elements: WireText[] = [];
  let from = start;
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === COMMA && depth === 0) {
      elements.push(text.slice(from, at));
      from = at + 1;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0 && code === CLOSE_BRACKET) {
        if (at > start) elements.push(text.slice(from, at));
        return { elements, end: at };
      }
      depth -= 1;
    }
  }
  throw SURPRISE;
}

/** The quote that closes the string that opens here. */
function endOfString(text: WireText, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
  throw SURPRISE;
}
