import { GraphQLError } from 'graphql';
import type { SubgraphError } from '../data/read-answer.ts';
import type { TreeObject } from '../data/tree.ts';
import type { EntityError } from './asked.ts';
import type { CompiledFetch } from './compiled-fetch.ts';
import { type AnswerPath, type PlanPath, positionsOf } from './places.ts';
import type { Run } from './run.ts';

/** Of one fetch. A broken subgraph behind a long list would otherwise answer the client with nothing but errors. */
const MAX_ERRORS = 1_000;

/** An error of a subgraph with its path in the answer to the client. */
function placeError(error: SubgraphError, service: string, path: AnswerPath | undefined): GraphQLError {
  const extensions = typeof error.extensions === 'object' && error.extensions !== null ? error.extensions : {};
  return new GraphQLError(error.message, {
    ...(path ? { path } : {}),
    originalError: error as Error, // keeps what the subgraph said for the log; only its message is read
    extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', ...extensions, serviceName: service },
  });
}

/** As far as it is one: a subgraph may say anything. */
export function pathIn(parts: readonly unknown[]): AnswerPath {
  const end = parts.findIndex((part) => typeof part !== 'string' && !Number.isInteger(part));
  return (end === -1 ? parts : parts.slice(0, end)) as AnswerPath; // strings and integers: looked at
}

/** Under the keys that the client knows. */
function renamed(path: AnswerPath, { renamedKeys }: CompiledFetch): AnswerPath {
  return renamedKeys.size === 0 ? path : path.map((part) => (typeof part === 'string' ? (renamedKeys.get(part) ?? part) : part));
}

/** Errors of a fetch whose root fields are root fields of the place. */
export function placeRootErrors(run: Run, fetch: CompiledFetch, path: PlanPath, errors: readonly SubgraphError[]): void {
  for (const error of errors.slice(0, MAX_ERRORS)) {
    const below = Array.isArray(error.path) ? renamed(pathIn(error.path), fetch) : undefined;
    const list = path.indexOf('@');
    const whole = list === -1 ? [...path, ...(below ?? [])] : path.slice(0, list);
    run.errors.push(placeError(error, fetch.service, below && whole.length > 0 ? whole : undefined));
  }
}

/** Each error of an entity at every position at which the entity stands; an error of the whole fetch at the nearest place that is one. */
export function placeEntityErrors(
  run: Run,
  fetch: CompiledFetch,
  path: PlanPath,
  errors: readonly EntityError[],
  ownersOf: (entity: number) => readonly TreeObject[],
): void {
  if (errors.length === 0) return;
  const wanted = new Set(errors.flatMap(({ entity }) => (entity === null ? [] : ownersOf(entity))));
  const positions = positionsOf(run.root, path, wanted, MAX_ERRORS);
  let left = MAX_ERRORS;
  for (const { error, entity, below } of errors) {
    const paths = entity === null ? [aboveOf(error, path)] : ownersOf(entity).flatMap((owner) => positions.get(owner) ?? []);
    const own = renamed(below, fetch);
    for (const each of paths.slice(0, left)) run.errors.push(placeError(error, fetch.service, each && [...each, ...own]));
    left -= paths.length;
    if (left <= 0) return;
  }
}

/** None where the subgraph itself names none. */
function aboveOf(error: SubgraphError, path: PlanPath): AnswerPath | undefined {
  if (!Array.isArray(error.path)) return undefined;
  const list = path.indexOf('@');
  return list === -1 ? path : path.slice(0, list);
}
