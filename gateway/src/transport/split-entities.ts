import { UnexpectedForm } from '../execution/data/convert.ts';
import { endOfString, SURPRISE } from '../execution/data/cursor.ts';
import { compileLooseReader, elementsOf } from '../execution/data/loose-text.ts';
import type { AnswerReader } from '../execution/data/read-answer.ts';
import { slotOf } from '../execution/data/tree.ts';
import { type WireText, wireJson } from '../execution/data/wire.ts';
import { ENTITIES } from '../execution/plan/compiled-fetch.ts';

const OPENING = `{"data":{"${ENTITIES}":[`;
const ENTITIES_SLOT = slotOf(ENTITIES);
const readEntitiesAlone = compileLooseReader({ fields: new Map([[ENTITIES, null]]) });
const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Reads an answer about entities as the text of each; what is in them is for whoever gets the text to read. */
export const splitEntities: AnswerReader = {
  scan: (text) => {
    if (!text.startsWith(OPENING)) throw SURPRISE;
    const { elements, end } = scanElements(text, OPENING.length);
    if (text.charCodeAt(end + 1) !== CLOSE_BRACE) throw SURPRISE;
    return { data: { [ENTITIES_SLOT]: elements }, end: end + 2 };
  },
  readLoosely: (text) => {
    const { [ENTITIES_SLOT]: list } = readEntitiesAlone(text);
    if (typeof list !== 'string' || !list.startsWith('[')) throw notAList();
    return { [ENTITIES_SLOT]: [...elementsOf(list)] };
  },
  convert: (data) => {
    const entities = (data as Readonly<Record<string, unknown>>)[ENTITIES]; // checked here
    if (!Array.isArray(entities)) throw notAList();
    return { [ENTITIES_SLOT]: entities.map(wireJson) };
  },
};

/** The elements of a list that is written without blanks, and where its bracket closes. */
function scanElements(text: WireText, start: number): { readonly elements: WireText[]; readonly end: number } {
  const elements: WireText[] = [];
  let from = start;
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = closingQuote(text, at);
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

function closingQuote(text: WireText, start: number): number {
  const end = endOfString(text, start);
  if (end === -1) throw SURPRISE;
  return end;
}

function notAList(): UnexpectedForm {
  return new UnexpectedForm('The entities are not a list.');
}
