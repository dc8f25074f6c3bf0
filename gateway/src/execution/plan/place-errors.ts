import { randomUUID } from 'node:crypto';
import { ERROR_CODES, type ErrorCode } from '@tessera/schema/contract';
import { GraphQLError } from 'graphql';
import { isOwnError, ownError } from '../../resilience/own-error.ts';
import type { SubgraphError } from '../data/read-answer.ts';
import type { TreeObject } from '../data/tree.ts';
import { explainedBelow, explainedBy } from '../shape/explained.ts';
import type { EntityError } from './asked.ts';
import type { CompiledFetch } from './compiled-fetch.ts';
import { type AnswerPath, type PlanPath, positionsOf } from './places.ts';
import type { Run } from './run.ts';

/** Of one fetch, and of what is wrong with an answer. A broken subgraph behind a long list would otherwise answer the client with nothing but errors. */
export const MAX_ERRORS = 1_000;

/** All that is said of one answer in words of our own has one id. */
export function errorOf(run: Run, message: string, path: AnswerPath | undefined, code?: ErrorCode): GraphQLError {
  run.errorId ??= randomUUID();
  return ownError(message, { errorId: run.errorId, path, ...(code ? { code } : {}) });
}

/** That there are more errors than the client is told. */
export function moreErrors(run: Run, count: number, path: AnswerPath | undefined, code?: ErrorCode): GraphQLError {
  return errorOf(run, `There are ${count} more errors like these.`, path, code);
}

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

/** Of objects by which nobody can be asked for more, at every position of each; not where an error says why. */
export function tellUnfit(run: Run, path: PlanPath, objects: ReadonlySet<TreeObject>): void {
  const explained = explainedBy(run.errors);
  let left = 0;
  for (const { paths, count } of positionsOf(run.root, path, objects, MAX_ERRORS).values()) {
    left += count - paths.length;
    for (const each of paths) if (!each.reduce(explainedBelow, explained)) run.errors.push(errorOf(run, UNFIT, each));
  }
  if (left > 0) run.errors.push(moreErrors(run, left, aboveList(path)));
}

const UNFIT = 'A subgraph did not answer what others are asked by.';

/** Such an error says nothing of what the object does hold. */
export function isUnfit(error: GraphQLError): boolean {
  return error.message === UNFIT && isOwnError(error);
}

/** Errors of a fetch whose root fields are root fields of the place. */
export function placeRootErrors(run: Run, fetch: CompiledFetch, path: PlanPath, errors: readonly SubgraphError[]): void {
  const start = run.errors.length;
  for (const error of errors.slice(0, MAX_ERRORS)) {
    const below = Array.isArray(error.path) ? renamed(pathIn(error.path), fetch) : undefined;
    const list = path.indexOf('@');
    const whole = list === -1 ? [...path, ...(below ?? [])] : path.slice(0, list);
    run.errors.push(placeError(error, fetch.service, below && whole.length > 0 ? whole : undefined));
  }
  tellMore(run, errors.length - MAX_ERRORS, path, errors.at(-1));
  excuseNulls(run, fetch, start);
}

/** An error without a path may be about anything that its fetch brought. */
function excuseNulls(run: Run, { selection }: CompiledFetch, start: number): void {
  if (run.errors.slice(start).some(({ path }) => path === undefined)) run.lacking.add({ of: selection, objects: null });
}

/** Of a fetch of root fields: neither data nor an error. */
export function tellNoAnswer(run: Run): void {
  run.errors.push(errorOf(run, 'The subgraph did not answer what it was asked for.', undefined));
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
  const start = run.errors.length;
  let count = 0;
  for (const { error, entity, below, isOwn } of errors) {
    const found = entity === null ? [] : ownersOf(entity).flatMap((owner) => positions.get(owner) ?? []);
    const paths = entity === null ? [aboveOf(error, path)] : found.flatMap(({ paths: known }) => known);
    const own = renamed(below, fetch);
    for (const each of paths.slice(0, Math.max(0, MAX_ERRORS - count)))
      run.errors.push(isOwn ? errorOf(run, error.message, each) : placeError(error, fetch.service, each && [...each, ...own]));
    count += entity === null ? 1 : found.reduce((sum, each) => sum + each.count, 0);
  }
  tellMore(run, count - MAX_ERRORS, path, errors.at(-1)?.error);
  excuseNulls(run, fetch, start);
}

/** One error in the place of those beyond the bound, with the code of the last of them where clients know it. */
function tellMore(run: Run, count: number, path: PlanPath, last: SubgraphError | undefined): void {
  if (count <= 0) return;
  const { code } = (last?.extensions ?? {}) as { readonly code?: unknown }; // an object where there is one
  run.errors.push(
    moreErrors(
      run,
      count,
      aboveList(path),
      ERROR_CODES.find((each) => each === code),
    ),
  );
}

/** None where the subgraph itself names none. */
function aboveOf(error: SubgraphError, path: PlanPath): AnswerPath | undefined {
  return Array.isArray(error.path) ? aboveList(path) : undefined;
}

/** The nearest place above that is one; undefined where that is the whole answer. */
function aboveList(path: PlanPath): AnswerPath | undefined {
  const list = path.indexOf('@');
  const above = list === -1 ? path : path.slice(0, list);
  return above.length > 0 ? above : undefined;
}
