import type { GraphQLError } from 'graphql';
import type { Answer } from '../data/read-answer.ts';
import type { Selection } from '../data/selection.ts';
import type { TreeObject } from '../data/tree.ts';
import { type WireText, wireJson } from '../data/wire.ts';
import type { Asked } from './asked.ts';
import type { CompiledFetch } from './compiled-fetch.ts';

/** One fetch as it goes out. */
export interface FetchRequest {
  readonly fetch: CompiledFetch;
  /** The members of the variables object, as JSON without its braces. */
  readonly variables: WireText;
  /** How many entities are asked for; 0 where the fetch asks for none. */
  readonly representationCount: number;
  /** Of a fetch that asks for entities: `variables` in its parts. */
  readonly entities?: EntityVariables;
}

export interface EntityVariables {
  /** The other members of the variables object; may be empty. */
  readonly others: WireText;
  readonly representations: readonly WireText[];
}

export function entityVariables({ others, representations }: EntityVariables): WireText {
  return `${others}${others === '' ? '' : ','}"representations":[${representations.join(',')}]`;
}

/** Asks a subgraph. Never rejects: what goes wrong is an answer with errors, and its paths are those of the fetch. */
export type Ask = (request: FetchRequest, context: unknown) => Promise<Answer>;

/** What is missing of one fetch. */
export interface Lack {
  /** What the fetch brings. */
  readonly of: Selection;
  /** Those that lack it: there is no such entity, or the errors of the fetch say why. Null: an error without a path may be about any null that it brought. */
  readonly objects: ReadonlySet<TreeObject> | null;
}

/** The state of one execution of one plan. */
export interface Run {
  readonly root: TreeObject;
  readonly errors: GraphQLError[];
  /** Of errors in words of our own, by which the log tells of them; null while there are none. */
  errorId: string | null;
  /** What fetches did not bring, and why nobody is to be told once more. */
  readonly lacking: Set<Lack>;
  readonly variables: Readonly<Record<string, unknown>>;
  /** By condition of the operation: whether it holds. */
  readonly conditions: readonly boolean[];
  readonly context: unknown;
  readonly ask: Ask;
  /** Objects of shared places, by place. */
  readonly found: (readonly TreeObject[])[];
  readonly variableTexts: Map<string, WireText>;
  /** What was asked for entities, by the way of asking. */
  readonly asked: Map<string, Asked>;
}

/** What of the client's variables a fetch takes along; those that were not given stay out, so that defaults apply. */
export function variablesFor(run: Run, names: readonly string[]): WireText {
  let text = '';
  for (const name of names) {
    const value = Object.hasOwn(run.variables, name) ? run.variables[name] : undefined;
    if (value === undefined) continue;
    let json = run.variableTexts.get(name);
    if (json === undefined) {
      json = wireJson(value);
      run.variableTexts.set(name, json);
    }
    text += `${text === '' ? '' : ','}"${name}":${json}`;
  }
  return text;
}
