import type { GraphQLError } from 'graphql';
import { isUnfit } from '../../src/execution/plan/place-errors.ts';
import { isOwnError } from '../../src/resilience/own-error.ts';
import { sorted } from './invented-subgraph.ts';
import { standIns } from './supergraphs.ts';

export type Path = readonly (string | number)[];

interface SeenError {
  readonly path: Path | null;
  readonly message: string;
}

/** What a client would see of an answer. */
export interface Seen {
  /** As JSON text with its keys sorted: the stock executor puts those of repeated fragments in an order of its own; the right one has a test. */
  readonly data: string;
  /** As it came. */
  readonly raw: string;
  readonly errors: readonly SeenError[];
  /** Where a value is lost that a subgraph should have answered, by what the executor itself says. */
  readonly losses: readonly Path[];
  /** Objects by which others could not be asked. */
  readonly unfit: readonly Path[];
}

export interface StockSeen extends Seen {
  /** Messages that are about entities. */
  readonly ofEntities: ReadonlySet<string>;
}

export function seenOf(data: unknown, errors: readonly GraphQLError[]): Seen {
  const [own, others] = [errors.filter(isOwnError), errors.filter((each) => !isOwnError(each))];
  const seen = others.map(({ path, message }) => ({ path: path ?? null, message: withoutNumber(message) }));
  const [unfit = [], losses = []] = [own.filter(isUnfit), own.filter((each) => !isUnfit(each))].map((errors) =>
    errors.map(({ path }) => path ?? []),
  );
  return { data: JSON.stringify(sorted(data)), raw: JSON.stringify(data), errors: seen, losses, unfit };
}

/** As the client would have it: what belongs to the plan is taken out of the paths. */
export function stockSeenOf(
  data: unknown,
  errors: readonly GraphQLError[],
  ofEntities: ReadonlySet<string>,
  losses: readonly Path[] = [],
): StockSeen {
  const seen = { ...seenOf(data, errors), losses };
  const messages = new Set([...ofEntities].map(withoutNumber));
  return { ...seen, errors: seen.errors.map(({ path, message }) => ({ message, path: path && ofClient(path) })), ofEntities: messages };
}

/** Subgraphs quote the name of an operation, which ours sends without the planner's number. */
function withoutNumber(message: string): string {
  return message.replace(/(\w+)__\d+"/g, '$1"');
}

/**
 * An error that is about no single entity ends in the list; a field that the planner asked for under another name has its own; a field that stands
 * in for another has that one's.
 */
function ofClient(path: Path): Path {
  const end = path.findIndex((part) => part === '@' || part === '_entities');
  const ended = end === -1 ? path : path.slice(0, end);
  return ended.map((part) => {
    const key = typeof part === 'string' ? part.replace(/__alias_\d+$/, '') : part;
    return (typeof key === 'string' ? standIns.get(key)?.field : undefined) ?? key;
  });
}

/**
 * The same for a client. One exception: where a member of a list is no entity that can be asked for, the stock executor counts it all the same, and
 * puts the errors of those behind it too far to the front. Such errors may have other indexes, behind those that it names, if what is there is
 * missing.
 */
export function difference(ours: Seen, stock: StockSeen, isSame: typeof isSameData = isSameData): string | null {
  if (!isSame(ours, stock)) return 'the data differs';
  if (isLossTooMany(ours, stock)) return 'a loss is told that is none, or is told twice';
  const [more, less] = [without(ours.errors, stock.errors), without(stock.errors, ours.errors)];
  if (more.length === 0 && less.length === 0) return null;
  if (String(more.map(withoutIndexes).sort()) !== String(less.map(withoutIndexes).sort())) return 'the errors differ';
  const data: unknown = JSON.parse(ours.raw);
  const asked = keysOf(data);
  for (const error of more) {
    if (!stock.ofEntities.has(error.message)) return 'an error is at another place';
    if (!isMissing(data, error.path ?? [], asked)) return 'an error is where nothing is missing';
  }
  return isBehind(more, less) ? null : 'an error is too far to the front';
}

export function isSameData(ours: Seen, stock: Seen): boolean {
  return ours.data === stock.data;
}

/**
 * Where two subgraphs are asked for parts of one object and one of them fails, the client gets null or the other part, by which of them was the last;
 * the error in either case. Where the order is not the same, one may have the part in the place of the other's null.
 */
export function isSameInSomeOrder(ours: Seen, stock: Seen): boolean {
  return isSameData(ours, stock) || withPartsOf(stock, ours) === ours.data || withPartsOf(ours, stock) === stock.data;
}

function withPartsOf(seen: Seen, other: Seen): string {
  const [data, otherData]: unknown[] = [JSON.parse(seen.raw), JSON.parse(other.raw)];
  const told = new Set(seen.errors.map(textOf));
  for (const error of other.errors) {
    const key = error.path?.at(-1);
    if (key === undefined || !told.has(textOf(error))) continue;
    const [parent, part] = [valueAt(data, error.path?.slice(0, -1) ?? []), valueAt(otherData, error.path ?? [])];
    const isNull = typeof parent === 'object' && parent !== null && valueAt(parent, [key]) === null;
    if (isNull && isPart(part)) Object.defineProperty(parent, key, { value: part, enumerable: true });
  }
  return JSON.stringify(sorted(data));
}

/** An object in which something is, if anything is asked of it. */
function isPart(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const asked = Object.entries(value).filter(([key]) => key !== '__typename');
  return asked.length === 0 || asked.some(([, each]) => each !== null);
}

/** Undefined where there is no such place. */
function valueAt(data: unknown, path: Path): unknown {
  let at = data;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[part];
  }
  return at;
}

/**
 * Of subgraphs that fail nowhere and have every entity: the stock executor notes losses of the same nulls. Where a field comes in several selections it
 * goes over the value several times, and may stop at another field of an object that is lost as a whole. It notes nothing, and ours tells, of an
 * object of which nothing but its interface is known: `ofInterface` says where one may be.
 */
export function differenceOfLosses(ours: Seen, stock: StockSeen, ofInterface: (path: Path) => boolean): string | null {
  const data: unknown = JSON.parse(ours.raw);
  const nullsOf = (losses: readonly Path[]) => [...new Set(losses.map((path) => nullAt(path, data)))].sort();
  const others = nullsOf(stock.losses);
  if (nullsOf(ours.losses).includes(NO_NULL)) return 'a loss is told where something is there';
  const unfit = ours.unfit.filter((path) => nullAt(path, data) !== NO_NULL); // elsewhere, no more than nulls that may be come of it
  const expected = [...ours.losses, ...unfit].filter((path) => !ofInterface(path) || others.includes(nullAt(path, data)));
  return String(nullsOf(expected)) === String(others) ? null : 'other losses are told';
}

const NO_NULL = 'a value';

export function isSameLosses(ours: Seen, stock: StockSeen): boolean {
  const [own, others] = [ours, stock].map(({ losses }) => String(losses.map(pathText).sort()));
  return own === others;
}

/** The null of the data to which a path leads. */
function nullAt(path: Path, data: unknown): string {
  let at = data;
  for (const [index, part] of path.entries()) {
    if (at === null) return pathText(path.slice(0, index));
    if (at === undefined) break; // of what only the plan asks for
    at = (at as Readonly<Record<string | number, unknown>>)[part];
  }
  return at === null ? pathText(path) : NO_NULL;
}

/** Beside an error, the stock executor notes no losses; ours are then of other places. An entity that is not there is no loss. */
function isLossTooMany({ errors, losses, unfit }: Seen, stock: StockSeen): boolean {
  if (unfit.length > 0) return true; // nobody leaves out what must be there
  const noted = new Set(stock.losses.map(pathText));
  const isExplained = (loss: Path) =>
    errors.some(({ path }) => path === null || path.every((part, index) => index >= loss.length || part === loss[index]));
  return losses.some((loss) => (stock.errors.length === 0 ? !noted.has(pathText(loss)) : isExplained(loss)));
}

function pathText(path: Path): string {
  return JSON.stringify(path);
}

function without(errors: readonly SeenError[], others: readonly SeenError[]): SeenError[] {
  const left = new Map<string, number>();
  for (const each of others) left.set(textOf(each), (left.get(textOf(each)) ?? 0) + 1);
  return errors.filter((each) => {
    const count = left.get(textOf(each)) ?? 0;
    left.set(textOf(each), count - 1);
    return count <= 0;
  });
}

function textOf({ path, message }: SeenError): string {
  return `${JSON.stringify(path)} ${message}`;
}

function withoutIndexes({ path, message }: SeenError): string {
  return textOf({ path: path?.map((part) => (typeof part === 'number' ? '@' : part)) ?? null, message });
}

/** Whether the path ends at a null, or passes one, at a place that is there. A field that the client did not ask for is nowhere in its answer. */
function isMissing(data: unknown, path: Path, asked: ReadonlySet<string>): boolean {
  let at = data;
  for (const part of path) {
    if (at === null) return true;
    if (typeof at !== 'object') return false;
    if (!Object.hasOwn(at, part)) return typeof part === 'string' && !asked.has(part);
    at = (at as Record<string | number, unknown>)[part];
  }
  return at === null;
}

function keysOf(value: unknown, keys = new Set<string>()): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return keys;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) keys.add(key);
    keysOf(inner, keys);
  }
  return keys;
}

/** One by one, in the order of their places. */
function isBehind(ours: readonly SeenError[], stock: readonly SeenError[]): boolean {
  const kinds = new Set(ours.map(withoutIndexes));
  return [...kinds].every((kind) => {
    const [own, others] = [ours, stock].map((errors) =>
      errors
        .filter((each) => withoutIndexes(each) === kind)
        .map(indexesOf)
        .sort(byIndexes),
    );
    return own?.every((indexes, position) => byIndexes(indexes, others?.[position] ?? []) > 0) ?? false;
  });
}

function indexesOf({ path }: SeenError): readonly number[] {
  return (path ?? []).filter((part) => typeof part === 'number');
}

function byIndexes(one: readonly number[], other: readonly number[]): number {
  for (const [position, index] of one.entries()) if (index !== other[position]) return index - (other[position] ?? -1);
  return 0;
}
