import type { Answer, SubgraphError } from '../data/read-answer.ts';
import { copyTree, type Tree } from '../data/tree.ts';
import type { WireText } from '../data/wire.ts';
import type { Asked, Batch, EntityAnswer, EntityError } from './asked.ts';
import { type CompiledFetch, ENTITIES } from './compiled-fetch.ts';
import { pathIn } from './place-errors.ts';
import { entityVariables, type Run, variablesFor } from './run.ts';

/** Subgraphs refuse longer lists. */
const MAX_REPRESENTATIONS = 1_000;

/** How what is answered is used. */
export interface Taking {
  /** Fetches of several places ask the same, and what it is does not change between them. */
  readonly mayShare: boolean;
  /** Nothing is merged into the objects within an entity: then they may stand at several places. */
  readonly isKept: boolean;
}

/**
 * Asks for entities. Fetches that ask the same of one subgraph share what they ask: references of one tick go out as one, and what was asked
 * before in this run is not asked again. A mutation asks anew each time: what was true before it may not be true after it.
 */
export function askEntities(
  run: Run,
  fetch: CompiledFetch,
  representations: readonly WireText[],
  { mayShare, isKept }: Taking,
): Promise<EntityAnswer> {
  if (mayShare) return askShared(run, fetch, representations, isKept ? asItCame : copied);
  return askInChunks(run, fetch, representations, isKept ? asItCame : copiedFromSecond);
}

function askShared(run: Run, fetch: CompiledFetch, representations: readonly WireText[], taker: Taker): Promise<EntityAnswer> {
  const asked = askedFor(run, fetch);
  const slots = representations.map((text) => {
    let slot = asked.slots.get(text);
    if (!slot) {
      const batch = asked.last?.isOpen ? asked.last : openBatch(run, fetch, asked, taker);
      slot = { batch, index: batch.representations.push(text) - 1 };
      asked.slots.set(text, slot);
    }
    return slot;
  });
  const batches = [...new Set(slots.map(({ batch }) => batch))];
  return Promise.all(batches.map(({ answer }) => answer)).then((answers) => {
    const answerOf = new Map(batches.map((batch, index) => [batch, answers[index]]));
    return {
      take: (index) => takeFrom(slots[index], answerOf),
      errors: batches.flatMap((batch) => errorsFor(slots, batch, answerOf.get(batch)?.errors ?? NONE)),
    };
  });
}

type Slot = { readonly batch: Batch; readonly index: number };

function takeFrom(slot: Slot | undefined, answers: ReadonlyMap<Batch, EntityAnswer | undefined>): Tree {
  return slot ? answers.get(slot.batch)?.take(slot.index) : null;
}

/** The errors of a batch that are about the references of one fetch, by their places in it. */
function errorsFor(slots: readonly Slot[], batch: Batch, errors: readonly EntityError[]): readonly EntityError[] {
  if (errors.length === 0) return NONE;
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

function openBatch(run: Run, fetch: CompiledFetch, asked: Asked, taker: Taker): Batch {
  const representations: WireText[] = [];
  const answer = new Promise<EntityAnswer>((resolve, reject) => {
    const send = () => {
      batch.isOpen = false;
      askInChunks(run, fetch, representations, taker).then(resolve, reject);
    };
    DONE.then(send).catch(reject);
  });
  const batch: Batch = { representations, answer, isOpen: true };
  asked.last = batch;
  return batch;
}

const DONE = Promise.resolve();
const NONE: readonly EntityError[] = [];

function askInChunks(run: Run, fetch: CompiledFetch, representations: readonly WireText[], taker: Taker): Promise<EntityAnswer> {
  const count = representations.length;
  if (count <= MAX_REPRESENTATIONS)
    return ask(run, fetch, representations).then((answer) => {
      const { entities, errors } = partOf(answer, fetch, count, 0);
      return { take: taker(entities), errors };
    });
  const starts = Array.from({ length: Math.ceil(count / MAX_REPRESENTATIONS) }, (_, chunk) => chunk * MAX_REPRESENTATIONS);
  const chunks = starts.map((start) => representations.slice(start, start + MAX_REPRESENTATIONS));
  return Promise.all(chunks.map((chunk) => ask(run, fetch, chunk))).then((answers) => {
    const parts = answers.map((answer, chunk) => partOf(answer, fetch, chunks[chunk]?.length ?? 0, starts[chunk] ?? 0));
    const entities = parts.flatMap((part) => part.entities);
    return { take: taker(entities), errors: parts.flatMap((part) => part.errors) };
  });
}

type Taker = (entities: readonly Tree[]) => EntityAnswer['take'];

const asItCame: Taker = (entities) => (index) => entities[index];

/** For takers that come at different times: what one of them makes of an entity, the next one must not see. */
const copied: Taker = (entities) => (index) => copyTree(entities[index]);

/** For one fetch, which takes everything before anything else is merged. */
const copiedFromSecond: Taker = (entities) => {
  const taken = new Set<number>();
  return (index) => {
    const entity = entities[index];
    if (taken.has(index)) return copyTree(entity);
    taken.add(index);
    return entity;
  };
};

interface Part {
  readonly entities: readonly Tree[];
  readonly errors: readonly EntityError[];
}

function ask(run: Run, fetch: CompiledFetch, representations: readonly WireText[]): Promise<Answer> {
  const asked = { others: variablesFor(run, fetch.variables), representations };
  const request = { fetch, variables: entityVariables(asked), representationCount: representations.length, entities: asked };
  return run.ask(request, run.context);
}

/** Of `count` entities; `offset` is the place of the first among all that were asked for. */
function partOf({ data, errors }: Answer, fetch: CompiledFetch, count: number, offset: number): Part {
  const entities = data?.[`$${ENTITIES}`];
  const isUsable = Array.isArray(entities) && entities.length === count && !entities.some(Array.isArray);
  const isExplained = errors.length > 0 && (data === null || entities === null);
  const complaint = isExplained || isUsable ? NONE : [WRONG_COUNT];
  if (isUsable) fetch.rewrite?.(entities);
  return {
    entities: isUsable ? entities : new Array<Tree>(count).fill(null),
    errors: errors.length === 0 ? complaint : [...errors.map((error) => placed(error, count, offset)), ...complaint],
  };
}

const WRONG_COUNT: EntityError = {
  error: { message: 'The subgraph did not answer as many entities as it was asked for.' },
  entity: null,
  below: [],
  isOwn: true,
};

/** Where it names no entity that was asked for, it is told as one of the whole fetch. */
function placed(error: SubgraphError, count: number, offset: number): EntityError {
  const path = Array.isArray(error.path) ? (error.path as unknown[]) : [];
  const [field, index, ...below] = path;
  if (field !== ENTITIES || !isPlace(index, count)) return { error, entity: null, below: [] };
  return { error, entity: index + offset, below: pathIn(below) };
}

/** Whether an error can be about the entity that it names. */
export function isPlace(index: unknown, count: number): index is number {
  return Number.isInteger(index) && Number(index) >= 0 && Number(index) < count;
}
