import { ID_PREFIXES, type IdKind } from '@tessera/schema/contract';
import { typeid } from 'typeid-js';
import { v5 } from 'uuid';

const NAMESPACE = '6f8a2f5e-0d1b-5c55-9a53-7c1b8a1d2e4f';

/** A new sortable id such as `ord_01h4…` (UUIDv7 inside). */
export function newId(kind: IdKind): string {
  return typeid(ID_PREFIXES[kind]).toString();
}

/** Whether the text is a well-formed id of this kind; says nothing about existence. */
export function isId(kind: IdKind, text: string): boolean {
  return (
    text.length === ID_PREFIXES[kind].length + 27 &&
    text.startsWith(`${ID_PREFIXES[kind]}_`) &&
    /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text.slice(-26))
  );
}

/** The key of an inner step: the same parent and step give the same UUIDv5 for ever, so a step that runs twice counts once. */
export function derivedKey(parent: string, step: string): string {
  return v5(`${parent}\n${step}`, NAMESPACE);
}
