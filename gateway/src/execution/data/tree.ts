import type { WireText } from './wire.ts';

/**
 * An answer on its way through a plan. Objects and lists are real, leaves stay the JSON text in which they came: most are only handed on.
 * Every property is the response key behind a `$`, so no name that a client or a subgraph chooses reaches the machinery of objects.
 * `undefined` is a value that nobody gave, `null` one that somebody gave as null.
 */
export type Tree = TreeObject | Tree[] | WireText | null | undefined;

export interface TreeObject {
  [slot: `$${string}`]: Tree;
  /** Where an object stands for several positions: its text, and the shape that the text was made by. */
  text?: WireText | null | undefined;
  textOf?: number | undefined;
}

/** In `textOf`: no text was made yet. */
export const UNPRINTED = -1;
/** In `textOf`: no text was made yet, and several positions will ask for it. */
export const REPEATED = -2;

export type Slot = `$${string}`;

export function slotOf(responseKey: string): Slot {
  return `$${responseKey}`;
}

export function isTreeObject(value: Tree): value is TreeObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is given later wins, objects and lists of one length are merged member by member. */
export function mergeInto(target: TreeObject, source: TreeObject): void {
  for (const slot of Object.keys(source) as Slot[]) {
    const given = source[slot];
    if (given !== undefined && slot.startsWith('$')) target[slot] = merged(target[slot], given);
  }
}

export function merged(target: Tree, source: Tree): Tree {
  if (isTreeObject(target) && isTreeObject(source)) {
    mergeInto(target, source);
    return target;
  }
  if (Array.isArray(target) && Array.isArray(source) && target.length === source.length) {
    for (let index = 0; index < source.length; index += 1) target[index] = merged(target[index], source[index]);
    return target;
  }
  return source;
}

/** Nothing of the copy is shared, except leaves. */
export function copyTree<T extends Tree>(value: T): T {
  if (Array.isArray(value)) return value.map((each) => copyTree(each)) as T;
  if (!isTreeObject(value)) return value;
  const copy: TreeObject = {};
  for (const slot of Object.keys(value) as Slot[]) copy[slot] = copyTree(value[slot]);
  return copy as T;
}

/** Without what nobody gave; for what is sent and not selected by a shape. */
export function printTree(value: Tree): WireText {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map((each) => printTree(each)).join(',')}]`;
  const members = (Object.keys(value) as Slot[])
    .filter((slot) => value[slot] !== undefined)
    .map((slot) => `${JSON.stringify(slot.slice(1))}:${printTree(value[slot])}`);
  return `{${members.join(',')}}`;
}
