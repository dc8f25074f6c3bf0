/** Names that generated code sees, and nothing else. */
export type Scope = Readonly<Record<string, unknown>>;

export interface CodeMeter {
  /** Characters of source that were compiled: what the bound of the cache counts. */
  characters: number;
}

/**
 * Compiles source that was put together from names of a parsed GraphQL document, quoted by `quoted`, and from numbers. Nothing that came as a
 * value, from a client or a subgraph, is ever part of it.
 */
export function generate<T>(source: string, scope: Scope, meter: CodeMeter): T {
  meter.characters += source.length;
  // Compiled once per operation, from quoted GraphQL names only.
  const make = new Function(...Object.keys(scope), `"use strict";\n${source}`);
  return make(...Object.values(scope)) as T; // the caller wrote the source and knows what it returns
}

const GRAPHQL_NAME = /^[_A-Za-z][_0-9A-Za-z]*$/;

/** A GraphQL name as a string literal of JavaScript; throws for anything else. */
export function quoted(name: string, prefix = ''): string {
  return JSON.stringify(`${prefix}${checked(name)}`);
}

/** The property of a tree under which this response key is. */
export function property(name: string): string {
  return `.$${checked(name)}`;
}

function checked(name: string): string {
  if (!GRAPHQL_NAME.test(name)) throw new TypeError('Not a GraphQL name.');
  return name;
}

/** Reads a member of `o` as a subgraph answered it: what every object inherits is not what it said. `hasOwn` is `Object.hasOwn`. */
export function readOf(key: string): string {
  const name = quoted(key);
  return key in Object.prototype ? `hasOwn(o, ${name}) ? o[${name}] : undefined` : `o[${name}]`;
}
