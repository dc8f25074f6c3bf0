import type { Metadata } from '../objects/types.ts';
import { invalidParameter } from './errors.ts';

/** How one parameter is read. `path` is its name as Stripe writes it in messages: `line_items[0][quantity]`. */
export interface Parameter<T> {
  readonly isRequired: boolean;
  readonly read: (value: unknown, path: string) => T;
}

export type Schema = Readonly<Record<string, Parameter<unknown>>>;
export type Read<S extends Schema> = { readonly [K in keyof S]: S[K] extends Parameter<infer T> ? T : never };

/** New values, an empty one takes the key away; '' takes all away. */
export type MetadataChange = Readonly<Record<string, string>> | '';

const MAX_METADATA_KEYS = 50;
const MAX_METADATA_KEY_CHARACTERS = 40;
const MAX_METADATA_VALUE_CHARACTERS = 500;
const MAX_TEXT_CHARACTERS = 5000;

/** @throws ApiError 400 parameter_unknown, parameter_missing or what the single parameters find, the first of them in this order */
export function readParameters<S extends Schema>(schema: S, form: Readonly<Record<string, unknown>>, prefix = ''): Read<S> {
  const pathOf = (name: string): string => (prefix === '' ? name : `${prefix}[${name}]`);
  const unknown = Object.keys(form).find((name) => !Object.hasOwn(schema, name));
  if (unknown !== undefined) throw invalidParameter(`Received unknown parameter: ${pathOf(unknown)}`, pathOf(unknown), 'parameter_unknown');
  const entries = Object.entries(schema).map(([name, parameter]) => {
    const value = form[name];
    if (parameter.isRequired && (value === undefined || value === '')) {
      throw invalidParameter(`Missing required param: ${pathOf(name)}.`, pathOf(name), 'parameter_missing');
    }
    return [name, value === undefined ? undefined : parameter.read(value, pathOf(name))] as const;
  });
  return Object.fromEntries(entries) as Read<S>; // each entry was read by the parameter of its name
}

export function required<T>(parameter: Parameter<T>): Parameter<Exclude<T, undefined>> {
  return { isRequired: true, read: (value, path) => parameter.read(value, path) as Exclude<T, undefined> }; // a value is there
}

/** '' stands for "take it away". */
export function text(maxCharacters = MAX_TEXT_CHARACTERS): Parameter<string | undefined> {
  return optional((value, path) => {
    if (typeof value !== 'string') throw invalidParameter('Invalid string', path);
    if (value.length > maxCharacters) {
      throw invalidParameter(`Invalid string: must be at most ${maxCharacters} characters`, path, 'parameter_invalid_string_length');
    }
    return value;
  });
}

export function integer(): Parameter<number | undefined> {
  return optional((value, path) => {
    const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isNaN(number)) throw invalidParameter(`Invalid integer: ${String(value)}`, path, 'parameter_invalid_integer');
    return number;
  });
}

export function flag(): Parameter<boolean | undefined> {
  return optional((value, path) => {
    if (value !== 'true' && value !== 'false') throw invalidParameter(`Invalid boolean: ${String(value)}`, path);
    return value === 'true';
  });
}

export function choice<const C extends string>(choices: readonly C[]): Parameter<C | undefined> {
  return optional((value, path) => {
    const found = choices.find((one) => one === value);
    if (found === undefined) throw invalidParameter(`Invalid ${path}: must be one of ${choices.join(', ')}`, path);
    return found;
  });
}

export function nested<S extends Schema>(schema: S): Parameter<Read<S> | undefined> {
  return optional((value, path) => {
    if (!isForm(value)) throw invalidParameter('Invalid object', path);
    return readParameters(schema, value, path);
  });
}

export function list<T>(item: Parameter<T>): Parameter<readonly Exclude<T, undefined>[] | undefined> {
  return optional((value, path) => {
    const values = Array.isArray(value) ? value : isForm(value) ? Object.values(value) : undefined;
    if (!values) throw invalidParameter('Invalid array', path);
    return values.map((one, index) => item.read(one, `${path}[${index}]`) as Exclude<T, undefined>); // every one is there
  });
}

/** Known to Stripe and of no effect here. */
export function ignored(): Parameter<unknown> {
  return optional((value) => value);
}

export function metadata(): Parameter<MetadataChange | undefined> {
  return optional((value, path) => {
    if (value === '') return '';
    if (!isForm(value)) throw invalidParameter('Invalid object', path);
    for (const [key, text_] of Object.entries(value)) checkMetadataEntry(key, text_, path);
    return value as Record<string, string>; // checked above
  });
}

export function mergeMetadata(old: Metadata, change: MetadataChange | undefined): Metadata {
  if (change === undefined) return old;
  if (change === '') return {};
  const merged = Object.fromEntries(Object.entries({ ...old, ...change }).filter(([, value]) => value !== ''));
  if (Object.keys(merged).length > MAX_METADATA_KEYS) {
    throw invalidParameter(`Metadata can have at most ${MAX_METADATA_KEYS} keys.`, 'metadata');
  }
  return merged;
}

/** For an update: undefined keeps, '' takes away. */
export function changed(value: string | undefined, old: string | null): string | null {
  return value === undefined ? old : value || null;
}

export function isForm(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkMetadataEntry(key: string, value: unknown, path: string): void {
  if (key.length > MAX_METADATA_KEY_CHARACTERS) {
    throw invalidParameter(
      `Metadata keys must be at most ${MAX_METADATA_KEY_CHARACTERS} characters`,
      path,
      'parameter_invalid_string_length',
    );
  }
  if (typeof value !== 'string' || value.length > MAX_METADATA_VALUE_CHARACTERS) {
    throw invalidParameter(`Metadata values must be strings of at most ${MAX_METADATA_VALUE_CHARACTERS} characters`, `${path}[${key}]`);
  }
}

function optional<T>(read: (value: unknown, path: string) => T): Parameter<T | undefined> {
  return { isRequired: false, read };
}
