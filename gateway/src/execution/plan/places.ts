import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { type CodeMeter, generate, property } from '../data/generated-code.ts';
import { isOutlined, type OutlineField, type Outlines } from '../data/outline.ts';
import { isFlat, type Selection } from '../data/selection.ts';
import { isTreeObject, slotOf, type Tree, type TreeObject } from '../data/tree.ts';

/** A path of a plan: response keys, `@` for the members of a list. */
export type PlanPath = readonly string[];
export type AnswerPath = readonly (string | number)[];

/** What a place needs to know of a run. */
export interface Answering {
  readonly root: TreeObject;
  /** Objects of shared places, by place. */
  readonly found: (readonly TreeObject[])[];
}

/** Where in the answer fetches put entities. */
export interface Place {
  readonly path: PlanPath;
  /**
   * The objects here, each once. Where `isShared`, one object stands for all positions that were answered alike: it is asked for, merged into and
   * printed once.
   */
  objectsOf(run: Answering): readonly TreeObject[];
  readonly isShared: boolean;
}

interface Slots {
  readonly keys: readonly string[];
  readonly holdsText: boolean;
  readonly mayRepeat: boolean;
  readonly outline: OutlineField | null;
}

interface PlaceFacts {
  /** Every key that any fetch puts here. */
  readonly keys: Set<string>;
  /** Fetches that bring the objects themselves, as a part of something above. */
  readonly suppliers: Set<number>;
  readonly suppliedKeys: Set<string>;
  isSuppliedFlat: boolean;
  isTarget: boolean;
  /** A later fetch takes along what is in the objects here. */
  isRequired: boolean;
}

/** Learns from all fetches of a plan what comes together where; then tells how each place is walked. */
export class Places {
  private readonly facts = new Map<string, PlaceFacts>();
  private readonly byPath = new Map<string, Place>();
  private readonly keyOfSelection = new Map<Selection, string>();
  /** Selections whose objects a fetch brings as a part of something above. */
  private readonly supplied = new Set<Selection>();
  /** What comes as text. */
  private readonly handedOn = new Set<string>();
  private readonly meter: CodeMeter;
  /** What the client gets, by path. */
  private readonly outlines: Outlines;

  constructor(meter: CodeMeter, outlines: Outlines) {
    this.meter = meter;
    this.outlines = outlines;
  }

  /** What a fetch merges into the objects at this path. */
  addFetch(fetch: number, path: PlanPath, selection: Selection): void {
    const key = placeKey(path);
    const facts = this.factsAt(key);
    facts.isTarget = true;
    this.keyOfSelection.set(selection, key);
    for (const [name, below] of selection.fields) {
      facts.keys.add(name);
      if (below) this.addSupplied(fetch, below, join(key, name));
    }
  }

  private addSupplied(fetch: number, selection: Selection, key: string): void {
    const facts = this.factsAt(key);
    facts.suppliers.add(fetch);
    if (!isFlat(selection)) facts.isSuppliedFlat = false;
    this.keyOfSelection.set(selection, key);
    this.supplied.add(selection);
    for (const [name, below] of selection.fields) {
      facts.keys.add(name);
      facts.suppliedKeys.add(name);
      if (below) this.addSupplied(fetch, below, join(key, name));
    }
  }

  /** What a fetch at this path takes along from the objects there. */
  addRequired(path: PlanPath, requires: readonly QueryPlanSelectionNode[]): void {
    this.addRequiredBelow(placeKey(path), requires);
  }

  private addRequiredBelow(key: string, requires: readonly QueryPlanSelectionNode[]): void {
    this.factsAt(key).isRequired = true;
    for (const each of requires) {
      if (each.kind === 'InlineFragment') this.addRequiredBelow(key, each.selections);
      else if (each.selections) this.addRequiredBelow(join(key, each.alias ?? each.name), each.selections);
    }
  }

  private factsAt(key: string): PlaceFacts {
    let facts = this.facts.get(key);
    if (!facts) {
      facts = { keys: new Set(), suppliers: new Set(), suppliedKeys: new Set(), isSuppliedFlat: true, isTarget: false, isRequired: false };
      this.facts.set(key, facts);
    }
    return facts;
  }

  /** Call after the last `addFetch`. */
  slotsOf(selection: Selection): Slots {
    const key = this.keyOfSelection.get(selection) ?? '';
    const mayRepeat = this.mayRepeat(key);
    return {
      keys: [...(this.facts.get(key)?.keys ?? [])],
      holdsText: mayRepeat,
      mayRepeat: mayRepeat && this.supplied.has(selection),
      outline: this.outlineOf(selection, key),
    };
  }

  /** Whether a fetch brings what is at `key`, by what it merges into the objects of its place. */
  brings(fetch: Selection, key: string): boolean {
    const from = this.keyOfSelection.get(fetch) ?? '';
    if (from !== '' && !key.startsWith(`${from}.`)) return false;
    const parts = key.slice(from === '' ? 0 : from.length + 1).split('.');
    return parts.reduce<Selection | null | undefined>((at, part) => at?.fields.get(part), fetch) !== undefined;
  }

  /** Whether a fetch brings anything into the objects at this path, or the objects themselves. */
  suppliesAt(fetch: Selection, path: PlanPath): boolean {
    const key = placeKey(path);
    return this.keyOfSelection.get(fetch) === key || this.brings(fetch, key);
  }

  /** A fetch hands on what it brings of this selection as it came. */
  handOn(selection: Selection): void {
    this.handedOn.add(this.keyOfSelection.get(selection) ?? '');
  }

  /** Whether a value that is or holds objects may come as text: then it was checked. Known once all fetches are compiled. */
  mayBeText(key: string): boolean {
    return this.handedOn.has(key);
  }

  /** Null where anything else is done with the objects than handing them on, or where the client gets something else. */
  private outlineOf(selection: Selection, key: string): OutlineField | null {
    const outline = this.outlines.get(key);
    return outline && isOutlined(selection, outline.of) && this.isOnlyHandedOn(selection, key) ? outline : null;
  }

  private isOnlyHandedOn(selection: Selection, key: string): boolean {
    const facts = this.facts.get(key);
    if (facts?.suppliers.size !== 1 || facts.isTarget || facts.isRequired) return false;
    for (const [name, below] of selection.fields) if (below && !this.isOnlyHandedOn(below, join(key, name))) return false;
    return true;
  }

  /**
   * Objects here may stand for several positions where one fetch alone brings them: what has the same text then is the same, and whatever is merged
   * into it later is asked for with the same reference. A second fetch could bring something else to each position. A few leaves are read at once.
   */
  mayRepeat(key: string): boolean {
    const facts = this.facts.get(key);
    return key !== '' && facts?.suppliers.size === 1 && (facts.isTarget || !facts.isSuppliedFlat);
  }

  /** Whether anything is merged into the objects that a fetch brings within the objects of its place. */
  isMergedInto(selection: Selection, key = this.keyOfSelection.get(selection) ?? ''): boolean {
    return [...selection.fields].some(([name, below]) => {
      if (!below) return false;
      const facts = this.facts.get(join(key, name));
      return facts?.isTarget || facts?.suppliers.size !== 1 || this.isMergedInto(below, join(key, name));
    });
  }

  /**
   * One object for all positions that were answered alike needs: all of them come from one fetch, and hold leaves only before anything is
   * merged into them. Then objects with equal leaves are equal, and stay equal: every later fetch is asked with the same reference.
   */
  isShared(key: string): boolean {
    const facts = this.facts.get(key);
    return this.mayRepeat(key) && facts?.isTarget === true && facts.isSuppliedFlat;
  }

  at(path: PlanPath): Place {
    const known = this.byPath.get(path.join('.'));
    if (known) return known;
    const place = this.createPlace(path);
    this.byPath.set(path.join('.'), place);
    return place;
  }

  private createPlace(path: PlanPath): Place {
    if (path.length === 0) return { path, isShared: false, objectsOf: (run) => [run.root] };
    const above = this.nearestFound(path);
    const start = above?.path.length ?? 0;
    const key = placeKey(path);
    const isShared = this.isShared(key);
    const id = this.byPath.size;
    const keys = isShared ? [...(this.facts.get(key)?.suppliedKeys ?? [])] : null;
    const walk = compileWalk(path.slice(start), keys, this.meter);
    const find = (run: Answering) => walk(above ? above.objectsOf(run) : [run.root]);
    if (!this.mayRepeat(key)) return { path, isShared, objectsOf: find };
    return {
      path,
      isShared,
      objectsOf: (run) => {
        run.found[id] ??= find(run);
        return run.found[id];
      },
    };
  }

  private nearestFound(path: PlanPath): Place | null {
    for (let length = path.length - 1; length > 0; length -= 1) {
      const above = path.slice(0, length);
      const key = placeKey(above);
      // A path to the list itself has the key of its members.
      if (path[length] !== '@' && this.facts.get(key)?.isTarget && this.mayRepeat(key)) return this.at(above);
    }
    return null;
  }
}

/** Without `@`: the shape of an answer does not tell lists from objects. */
function placeKey(path: PlanPath): string {
  return path.filter((part) => part !== '@').join('.');
}

function join(key: string, name: string): string {
  return key === '' ? name : `${key}.${name}`;
}

type Walk = (from: readonly TreeObject[]) => TreeObject[];

/** Nested loops; with `keys`, equal objects are replaced by the first of them. */
function compileWalk(path: PlanPath, keys: readonly string[] | null, meter: CodeMeter): Walk {
  let body = keys ? unify(keys) : 'if (!seen.has(v)) { seen.add(v); out.push(v); }';
  for (let index = path.length - 1; index >= 0; index -= 1) body = path[index] === '@' ? inList(body) : inObject(path[index] ?? '', body);
  return generate(
    `return (from) => { const out = [], ${keys ? 'same = new Map()' : 'seen = new Set()'}; for (const v of from) { const put = null; ${body} } return out; };`,
    {},
    meter,
  );
}

/** `v` is the value at hand, `put` where it came from. A value that is not of the expected form is not entered. */
function inList(body: string): string {
  return `if (Array.isArray(v)) { const a = v; for (let i = 0; i < a.length; i++) { const v = a[i]; if (v !== null && v !== undefined) { const put = (e) => { a[i] = e; }; ${body} } } }`;
}

function inObject(key: string, body: string): string {
  const at = property(key);
  return `if (!Array.isArray(v)) { const o = v, w = o${at}; if (w !== null && w !== undefined) { const v = w, put = (e) => { o${at} = e; }; ${body} } }`;
}

function unify(keys: readonly string[]): string {
  const text = keys.map((key) => `v${property(key)}`).join(` + '|' + `);
  return `if (!Array.isArray(v)) { const k = '' + ${text || "''"}, e = same.get(k); if (e === undefined) { same.set(k, v); out.push(v); } else if (e !== v) put(e); }`;
}

/** Where an object stands in the answer. */
export interface Positions {
  readonly paths: AnswerPath[];
  /** Of all its positions, also of those whose paths are left out. */
  count: number;
}

/** Where each of these objects stands now, with `maximum` paths in all. For errors only: it walks all of the answer below the path. */
export function positionsOf(
  root: TreeObject,
  path: PlanPath,
  wanted: ReadonlySet<TreeObject>,
  maximum: number,
): Map<TreeObject, Positions> {
  const found = new Map<TreeObject, Positions>();
  let left = maximum;
  const visit = (value: Tree, index: number, at: AnswerPath): void => {
    if (value === null || value === undefined) return;
    const part = path[index];
    if (part === undefined) {
      if (!isTreeObject(value) || !wanted.has(value)) return;
      const positions = found.get(value) ?? { paths: [], count: 0 };
      found.set(value, positions);
      positions.count += 1;
      if (left > 0) positions.paths.push(at);
      left -= 1;
    } else if (part === '@') {
      if (Array.isArray(value)) for (const [position, each] of value.entries()) visit(each, index + 1, [...at, position]);
    } else if (isTreeObject(value)) visit(value[slotOf(part)], index + 1, [...at, part]);
  };
  visit(root, 0, []);
  return found;
}
