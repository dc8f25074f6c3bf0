import type { Selection } from './selection.ts';
import { slotOf, type Tree, type TreeObject } from './tree.ts';
import { toWire, type WireText } from './wire.ts';

/** An answer that has a leaf where the fetch asked for an object, or an object where it asked for nothing. */
export class UnexpectedForm extends Error {
  override readonly name = 'UnexpectedForm';
}

/** The tree of an answer that came as objects, or whose text a scanner did not know. Keys that were not asked for are left out. */
export function treeOf(value: unknown, selection: Selection): Tree {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((each) => treeOf(each ?? null, selection));
  if (typeof value !== 'object') throw new UnexpectedForm('An answer holds a leaf where an object was asked for.');
  return objectOf(value, selection);
}

export function objectOf(value: object, { fields }: Selection): TreeObject {
  const tree: TreeObject = {};
  for (const [key, below] of fields) {
    if (!Object.hasOwn(value, key)) continue;
    const member = (value as Record<string, unknown>)[key]; // an own property: checked
    tree[slotOf(key)] = below ? treeOf(member, below) : leafOf(member);
  }
  return tree;
}

function leafOf(value: unknown): WireText | null | undefined {
  if (value === null || value === undefined) return value;
  if (value === true) return 'true';
  if (value === false) return 'false';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  return toWire(JSON.stringify(value) ?? 'null');
}
