import type { SubgraphError } from '../data/read-answer.ts';
import { isFlat } from '../data/selection.ts';
import { copyTree, type Tree } from '../data/tree.ts';
import type { WireText } from '../data/wire.ts';
import type { Asked, Batch, EntityAnswer, EntityError } from './asked.ts';
import { type CompiledFetch, ENTITIES } from './compiled-fetch.ts';
import { entityVariables, type Run, variablesFor } from './run.ts';

/** Subgraphs refuse longer lists. */
const MAX_REPRESENTATIONS = 1_000;

/**
 * Asks for entities. Fetches that ask the same of one subgraph share what they ask: references of one tick go out as one, and what was asked
 * before in this run is not asked again. A mutation asks anew each time: what was true before it may not be true after it.
 */
export function askEntities(
  run: Run,
  fetch: CompiledFetch,
  representations: readonly WireText[],
  mayShare: boolean,
): Promise<EntityAnswer> {
  return mayShare ? askShared(run, fetch, representations) : askInChunks(run, fetch, representations);
}

async function askShared(run: Run, fetch: CompiledFetch, representations: readonly WireText[]): Promise<EntityAnswer> {
  const asked = askedFor(run, fetch);
  const slots = representations.map((text) => {
    let slot = asked.slots.get(text);
    if (!slot) {
      const batch = asked.last?.isOpen ? asked.last : openBatch(run, fetch, asked);
      slot = { batch, index: batch.representations.push(text) - 1 };
      asked.slots.set(text, slot);
    }
    return slot;
  });
  const batches = new Set(slots.map(({ batch }) => batch));
  const answers = new Map<Batch, EntityAnswer>();
  for (const batch of batches) answers.set(batch, await batch.answer);
  return { take: (index) => takeFrom(slots[index], answers), errors: [...batches].flatMap((batch) => errorsFor(slots, batch, answers)) };
}

type Slot = { readonly batch: Batch; readonly index: number };

function takeFrom(slot: Slot | undefined, answers: ReadonlyMap<Batch, EntityAnswer>): Tree {
  return slot ? answers.get(slot.batch)?.take(slot.index) : null;
}

/** The errors of a batch that are about the references of one fetch, by their places in it. */
function errorsFor(slots: readonly Slot[], batch: Batch, answers: ReadonlyMap<Batch, EntityAnswer>): EntityError[] {
  const errors = answers.get(batch)?.errors ?? [];
  if (errors.length === 0) return [];
  const own = new Map(slots.flatMap((slot, place) => (slot.batch === batch ? [[slot.index, place] as const] : [])));
  return errors.flatMap((each) => {
    if (each.entity === null) return [each];
    const entity = own.get(each.entity);
    return entity === undefined ? [] : [{ ...each, entity }];
  });
}

function askedFor(run: Run, { sameAs }: CompiledFetch): Asked {
  let asked = run.asked.get(sameAs);
  if (!asked) {
    asked = { slots: new Map(), last: null };
    run.asked.set(sameAs, asked);
  }
  return asked;
}

function openBatch(run: Run, fetch: CompiledFetch, asked: Asked): Batch {
  const representations: WireText[] = [];
  const answer = Promise.resolve().then(() => {
    batch.isOpen = false;
    return askInChunks(run, fetch, representations);
  });
  const batch: Batch = { representations, answer, isOpen: true };
  asked.last = batch;
  return batch;
}

async function askInChunks(run: Run, fetch: CompiledFetch, representations: readonly WireText[]): Promise<EntityAnswer> {
  if (representations.length <= MAX_REPRESENTATIONS) {
    const { entities, errors } = await askOnce(run, fetch, representations, 0);
    return { take: takeOnce(entities, fetch), errors };
  }
  const chunks = [];
  for (let start = 0; start < representations.length; start += MAX_REPRESENTATIONS)
    chunks.push(askOnce(run, fetch, representations.slice(start, start + MAX_REPRESENTATIONS), start));
  const answers = await Promise.all(chunks);
  return {
    take: takeOnce(
      answers.flatMap(({ entities }) => entities),
      fetch,
    ),
    errors: answers.flatMap(({ errors }) => errors),
  };
}

/** The entity itself once, then copies; where it holds leaves only, whoever merges it copies anyway. */
function takeOnce(entities: readonly Tree[], { selection }: CompiledFetch): EntityAnswer['take'] {
  if (isFlat(selection)) return (index) => entities[index];
  const taken = new Set<number>();
  return (index) => {
    const entity = entities[index];
    if (taken.has(index)) return copyTree(entity);
    taken.add(index);
    return entity;
  };
}

interface Part {
  readonly entities: readonly Tree[];
  readonly errors: readonly EntityError[];
}

async function askOnce(run: Run, fetch: CompiledFetch, representations: readonly WireText[], offset: number): Promise<Part> {
  const asked = { others: variablesFor(run, fetch.variables), representations };
  const request = { fetch, variables: entityVariables(asked), representationCount: representations.length, entities: asked };
  const { data, errors } = await run.ask(request, run.context);
  const entities = data?.[`$${ENTITIES}`];
  const isUsable = Array.isArray(entities) && entities.length === representations.length;
  const complaint = data === null || entities === null || isUsable ? [] : [WRONG_COUNT];
  if (isUsable) fetch.rewrite?.(entities);
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
