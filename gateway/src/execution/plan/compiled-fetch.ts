import type { FetchDataRewrite, FetchNode } from '@apollo/query-planner';
import { type GraphQLSchema, parse } from 'graphql';
import { compileConverter } from '../data/convert.ts';
import type { CodeMeter } from '../data/generated-code.ts';
import { compileLooseReader } from '../data/loose-text.ts';
import type { AnswerReader } from '../data/read-answer.ts';
import { compileRewrites, type Rewrite } from '../data/rewrite.ts';
import { compileScanner, type LaterSlots } from '../data/scan-answer.ts';
import { type Selection, selectionOf } from '../data/selection.ts';
import { toWire, type WireText } from '../data/wire.ts';
import type { Places, PlanPath } from './places.ts';

/** One fetch of a plan, with everything about it that does not change from request to request. */
export interface CompiledFetch {
  readonly id: number;
  readonly service: string;
  readonly query: string;
  readonly operationName: string | undefined;
  readonly isMutation: boolean;
  readonly variables: readonly string[];
  /** The response keys of its root fields. */
  readonly rootKeys: readonly string[];
  /** What the fetch merges into each object of its place. */
  readonly selection: Selection;
  readonly reader: AnswerReader;
  readonly rewrite: Rewrite | null;
  /** Where types of a union would conflict, the planner asks under another name: the client's key for each of these. */
  readonly renamedKeys: ReadonlyMap<string, string>;
  /** Equal for fetches that ask the same of the same subgraph. */
  readonly sameAs: string;
  /** The body of its request up to the variables. */
  readonly bodyStart: WireText;
  /** Generates what reads answers in this form, which else happens at the first answer. */
  prepare(form: AnswerForm): void;
}

export type AnswerForm = 'text' | 'objects';

export const ENTITIES = '_entities';

/** The first step: what does it bring where. The places must know of all fetches before the second. */
export function prepareFetch(
  node: FetchNode,
  id: number,
  path: PlanPath,
  places: Places,
): Omit<CompiledFetch, 'reader' | 'prepare'> & { root: Selection } {
  const root = selectionOf(node.operationDocumentNode ?? parse(node.operation));
  const selection = (node.requires ? root.fields.get(ENTITIES) : root) ?? { fields: new Map() };
  for (const rewrite of node.outputRewrites ?? []) addRewritten(selection, rewrite);
  places.addFetch(id, path, selection);
  if (node.requires) places.addRequired(path, node.requires);
  const { serviceName: service, variableUsages } = node;
  const { query, operationName } = withoutNumber(node);
  const name = operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`;
  return {
    id,
    service,
    query,
    operationName,
    isMutation: node.operationKind === 'mutation',
    variables: variableUsages ?? [],
    rootKeys: [...root.fields.keys()],
    selection,
    root,
    rewrite: null,
    renamedKeys: renamedKeysOf(node),
    sameAs: JSON.stringify([service, query, node.outputRewrites ?? []]),
    bodyStart: toWire(`{"query":${JSON.stringify(query)}${name},"variables":{`),
  };
}

export function renamedKeysOf({ outputRewrites = [] }: FetchNode): ReadonlyMap<string, string> {
  return new Map(
    outputRewrites.flatMap((each) => (each.kind === 'KeyRenamer' ? [[each.path.at(-1) ?? '', each.renameKeyTo] as const] : [])),
  );
}

/**
 * The planner numbers the names of its fetches. Without the number, fetches that ask the same are the same text: they can travel together, and a
 * subgraph parses them once.
 */
function withoutNumber({ operation, operationName }: FetchNode): { readonly query: string; readonly operationName: string | undefined } {
  const name = operationName === undefined ? undefined : /^(\w+)__\d+$/.exec(operationName)?.[1];
  const start = /^(?:query|mutation|subscription) /.exec(operation)?.[0];
  if (name === undefined || start === undefined || !operation.startsWith(`${start}${operationName}`))
    return { query: operation, operationName };
  return { query: `${start}${name}${operation.slice(start.length + (operationName?.length ?? 0))}`, operationName: name };
}

export function finishFetch(
  { root, ...prepared }: ReturnType<typeof prepareFetch>,
  outputRewrites: readonly FetchDataRewrite[] | undefined,
  places: Places,
  schema: GraphQLSchema,
  meter: CodeMeter,
  isAsItCame: boolean,
): CompiledFetch {
  const laterSlots: LaterSlots = (selection) => {
    const slots = places.slotsOf(selection);
    return isAsItCame ? slots : { ...slots, mayRepeat: false, outline: null };
  };
  tellHandedOn(root, laterSlots, places);
  let scan: AnswerReader['scan'] | null = null;
  let convert: AnswerReader['convert'] | null = null;
  let readLoosely: AnswerReader['readLoosely'] | null = null;
  const scanner = () => {
    scan ??= compileScanner(root, laterSlots, meter);
    return scan;
  };
  const converter = () => {
    convert ??= compileConverter(root, laterSlots, meter);
    return convert;
  };
  return {
    ...prepared,
    rewrite: compileRewrites(outputRewrites, schema),
    reader: {
      scan: (text) => scanner()(text),
      readLoosely: (text) => {
        readLoosely ??= compileLooseReader(root);
        return readLoosely(text);
      },
      convert: (data) => converter()(data),
    },
    prepare: (form) => void (form === 'text' ? scanner() : converter()),
  };
}

/** As the readers do it: what is below a part that is handed on is in its text. */
function tellHandedOn(selection: Selection, laterSlots: LaterSlots, places: Places): void {
  if (laterSlots(selection).outline) places.handOn(selection);
  else for (const below of selection.fields.values()) if (below) tellHandedOn(below, laterSlots, places);
}

/** Under the name that it is renamed to, a value must have its place from the start. */
function addRewritten(selection: Selection, rewrite: FetchDataRewrite): void {
  const keys = rewrite.path.filter((part) => !part.startsWith('... on '));
  const last = keys.pop();
  let parent: Selection | null | undefined = selection;
  for (const key of keys) parent = parent?.fields.get(key);
  if (!parent || last === undefined) return;
  const target = rewrite.kind === 'KeyRenamer' ? rewrite.renameKeyTo : last;
  if (!parent.fields.has(target)) parent.fields.set(target, parent.fields.get(last) ?? null);
}
