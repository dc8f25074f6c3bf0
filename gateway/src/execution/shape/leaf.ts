import { type GraphQLLeafType, type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { leafRule } from '../data/leaf-rules.ts';
import { elementsOf } from '../data/loose-text.ts';
import type { Tree } from '../data/tree.ts';
import type { WireText } from '../data/wire.ts';

/** The text of a value if it is of its type, else null. */
export type LeafCheck = (value: Tree) => WireText | null;

/** Set while an answer is printed: a value was there, and the client gets null in its place. */
export interface Lost {
  isAny: boolean;
}

/** Checked where the schema says what a value is: a subgraph may answer anything, a client must not see it. Lists of leaves come as one text. */
export function leafCheck(type: GraphQLOutputType, leaf: GraphQLLeafType, lost: Lost): LeafCheck {
  const { check, pattern } = leafRule(leaf);
  if (!isListType(type)) return check;
  const { ofType } = type;
  const isRequired = isNonNullType(ofType);
  const inner: GraphQLOutputType = isRequired ? ofType.ofType : ofType;
  const general = listCheck(leafCheck(inner, leaf, lost), isRequired, lost);
  if (isListType(inner) || pattern === null) return general;
  const usual = new RegExp(`^\\[(?:${pattern}(?:,${pattern})*)?\\]$`);
  return (value) => (typeof value === 'string' && usual.test(value) ? value : general(value));
}

/** What is right is handed on as it is. */
function listCheck(check: LeafCheck, isRequired: boolean, lost: Lost): LeafCheck {
  return (value) => {
    if (typeof value !== 'string' || !value.startsWith('[')) return null;
    const elements = elementsOf(value);
    const texts = elements.map((element) => (element === 'null' ? null : check(element)));
    if (isRequired && texts.includes(null)) return null;
    const isRight = texts.every((text, index) => (text ?? 'null') === elements[index]);
    if (isRight) return value;
    lost.isAny = true;
    return `[${texts.map((text) => text ?? 'null').join(',')}]`;
  };
}
