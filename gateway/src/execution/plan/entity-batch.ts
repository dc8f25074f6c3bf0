import type { SubgraphError } from '../data/read-answer.ts';
import { copyTree, type Tree } from '../data/tree.ts';
import type { WireText } from '../data/wire.ts';
import { type CompiledFetch, ENTITIES } from './compiled-fetch.ts';
import type { AnswerPath } from './places.ts';
import { type Run, variablesFor } from './run.ts';

/** Subgraphs refuse longer lists. */
const MAX_REPRESENTATIONS = 1_000;

/** An error of an entity fetch; `entity` is null where it is not about one of them. */
export interface EntityError {
  readonly error: SubgraphError;
  readonly entity: number | null;
  readonly below: AnswerPath;
}

/** What was answered to a list of references, in their order. */
export interface EntityAnswer {
  /** Null where there is none. No two calls answer the same object. */
  take(index: number): Tree;
  readonly errors: readonly EntityError[];
}

/** References that wait for the end of the tick, each once. */
export interface PendingBatch {
  readonly representations: WireText[];
  readonly indexes: Map<WireText, number>;
  readonly answer: Promise<EntityAnswer>;
}

/** Asks for entities; fetches of one tick that ask the same of one subgraph go out as one. */
export async function askEntities(
  run: Run,
  fetch: CompiledFetch,
  representations: readonly WireText[],
  mayMerge: boolean,
): Promise<EntityAnswer> {
  if (!mayMerge) return askInChunks(run, fetch, representations);
  const batch = run.batches.get(fetch.sameAs) ?? openBatch(run, fetch);
  const places = representations.map((text) => {
    let index = batch.indexes.get(text);
    if (index === undefined) {
      index = batch.representations.push(text) - 1;
      batch.indexes.set(text, index);
    }
    return index;
  });
  const { take, errors } = await batch.answer;
  const own = new Map(places.map((place, index) => [place, index]));
  return {
    take: (index) => take(places[index] ?? -1),
    errors: errors.flatMap((each) => {
      if (each.entity === null) return [each];
      const entity = own.get(each.entity);
      return entity === undefined ? [] : [{ ...each, entity }];
    }),
  };
}

function openBatch(run: Run, fetch: CompiledFetch): PendingBatch {
  const representations: WireText[] = [];
  const answer = Promise.resolve().then(() => {
    run.batches.delete(fetch.sameAs);
    return askInChunks(run, fetch, representations);
  });
  const batch = { representations, indexes: new Map<WireText, number>(), answer };
  run.batches.set(fetch.sameAs, batch);
  return batch;
}

async function askInChunks(run: Run, fetch: CompiledFetch, representations: readonly WireText[]): Promise<EntityAnswer> {
  if (representations.length <= MAX_REPRESENTATIONS) {
    const { entities, errors } = await askOnce(run, fetch, representations, 0);
    return { take: takeFrom(entities), errors };
  }
  const chunks = [];
  for (let start = 0; start < representations.length; start += MAX_REPRESENTATIONS)
    chunks.push(askOnce(run, fetch, representations.slice(start, start + MAX_REPRESENTATIONS), start));
  const answers = await Promise.all(chunks);
  return { take: takeFrom(answers.flatMap(({ entities }) => entities)), errors: answers.flatMap(({ errors }) => errors) };
}

function takeFrom(entities: readonly Tree[]): EntityAnswer['take'] {
  const taken = new Set<number>();
  return (index) => {
    const entity = entities[index];
    if (taken.has(index)) return copyTree(entity);
    taken.add(index);
    return entity;
  };
}

async function askOnce(
  run: Run,
  fetch: CompiledFetch,
  representations: readonly WireText[],
  offset: number,
): Promise<{ readonly entities: readonly Tree[]; readonly errors: readonly EntityError[] }> {
  const others = variablesFor(run, fetch.variables);
  const variables = `${others}${others === '' ? '' : ','}"representations":[${representations.join(',')}]`;
  const { data, errors } = await run.ask({ fetch, variables, representationCount: representations.length }, run.context);
  const entities = data?.[`$${ENTITIES}`];
  const isUsable = Array.isArray(entities) && entities.length === representations.length;
  const complaint = data === null || entities === null || isUsable ? [] : [WRONG_COUNT];
  fetch.rewrite?.(isUsable ? entities : null);
  return {
    entities: isUsable ? entities : representations.map(() => null),
    errors: [...errors, ...complaint].map((error) => placed(error, offset)),
  };
}

const WRONG_COUNT: SubgraphError = { message: 'The subgraph answered another number of entities than it was asked for.' };

function placed(error: SubgraphError, offset: number): EntityError {
  const path = Array.isArray(error.path) ? (error.path as unknown[]) : [];
  const [field, index, ...below] = path;
  if (field !== ENTITIES || typeof index !== 'number') return { error, entity: null, below: [] };
  return { error, entity: index + offset, below: below.filter((part) => typeof part === 'string' || typeof part === 'number') };
}
