import { setImmediate } from 'node:timers/promises';
import { sha256 } from '@tessera/service-kit/crypto';
import { TesseraError } from '@tessera/service-kit/errors';
import type { Logger, Metrics } from '@tessera/service-kit/service';
import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, type OperationDefinitionNode, parse, validate } from 'graphql';
import type { Planning } from '../supergraph/load-supergraph.ts';
import type { GatewayContext } from './context.ts';
import type { CodeMeter } from './data/generated-code.ts';
import type { Executor, ExecutorResult } from './executor.ts';
import { nothingLeft } from './nothing-left.ts';
import { type CompiledOperation, compileOperation, type OperationResult } from './operation/compile-operation.ts';
import { OperationCache } from './operation/operation-cache.ts';
import type { FormOf } from './plan/compile-plan.ts';
import { nullConditionOf } from './plan/condition.ts';
import type { Ask } from './plan/run.ts';
import { TextData } from './text-data.ts';

const MAX_OPERATIONS = 1_000;
/** Generated source; V8 needs some ten times that for what it makes of it. */
const MAX_CODE_CHARACTERS = 16_000_000;

export interface TesseraExecutorParts {
  readonly planning: () => Planning;
  readonly ask: Ask;
  /** How a subgraph answers: the readers of these answers are made beforehand for what is known beforehand. */
  readonly formOf: FormOf;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** A document that is known before anybody sends it: each of its operations is. */
export interface KnownOperation {
  readonly query: string;
}

/** Plans and compiles an operation, if it is not known; throws what refuses it, and remembers that too. `hash` is that of the whole document. */
export type Compile = (planning: Planning, document: DocumentNode, hash: string, operation: OperationDefinitionNode) => CompiledOperation;

export interface TesseraExecutor {
  readonly execute: Executor;
  /** From the cache of `execute`. */
  readonly compile: Compile;
  /**
   * Plans and compiles operations, to the last function that their answers need, for a supergraph that is about to be used, others being served between two of them; rejects where one cannot be
   * answered by it. Subscriptions are planned when somebody subscribes.
   */
  warm(next: Planning, operations: readonly KnownOperation[]): Promise<void>;
}

/** An executor that compiles each operation once, and answers in text. */
export function createTesseraExecutor({ planning, ask, formOf, metrics, log }: TesseraExecutorParts): TesseraExecutor {
  const caches = new WeakMap<GraphQLSchema, OperationCache<Known>>();
  const observePlanning = observeCache(metrics, () => caches.get(planning().schema));
  const cacheFor = ({ schema }: Planning): OperationCache<Known> => {
    let cache = caches.get(schema);
    if (!cache) {
      cache = new OperationCache({ maxEntries: MAX_OPERATIONS, maxCharacters: MAX_CODE_CHARACTERS });
      caches.set(schema, cache);
    }
    return cache;
  };
  const compile: Compile = (current, document, hash, operation) => {
    const name = operation.name?.value; // whether the client named it or not
    const planned = () => observePlanning(() => compileOperation(document, name, current));
    const known = cacheFor(current).get(`${hash}\n${name ?? ''}`, () => compiledOrRefused(planned));
    if ('refusal' in known) throw known.refusal;
    return known;
  };
  return {
    compile,
    execute: async ({ document, queryHash, operation, request, context }) => {
      const current = planning();
      const compiled = refusable(() => compile(current, document, queryHash, operation));
      if ('errors' in compiled) return compiled;
      const variables = request.variables ?? {};
      const refusal = nullConditionOf(compiled.neverNull, variables);
      if (refusal) return { errors: [refusal] };
      const result = await compiled.run(variables, ask, context);
      return toResult(result, (context as GatewayContext).wire, log); // put there by our own adapters
    },
    warm: async (next, operations) => {
      for (const { query } of operations) {
        const document = parse(query);
        const [mistake] = validate(next.schema, document);
        if (mistake) throw mistake;
        const hash = sha256(query);
        for (const operation of operationsOf(document)) {
          compile(next, document, hash, operation).prepare(formOf);
          await setImmediate();
        }
      }
    },
  };
}

function operationsOf({ definitions }: DocumentNode): readonly OperationDefinitionNode[] {
  return definitions.filter(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION && each.operation !== 'subscription',
  );
}

/** What the cache holds of an operation: a refusal too, for the search that ends so is what takes longest. */
type Known = CompiledOperation | { readonly refusal: TesseraError; readonly meter: CodeMeter };

function compiledOrRefused(compile: () => CompiledOperation): Known {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof TesseraError)) throw error;
    return { refusal: error, meter: { characters: 0 } };
  }
}

/** What cannot be planned is a mistake of the client, and an answer. */
function refusable(compile: () => CompiledOperation): CompiledOperation | { readonly errors: GraphQLError[] } {
  try {
    return compile();
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    if (!(error instanceof TesseraError)) throw error;
    const { message, code } = error;
    return { errors: [new GraphQLError(message, { originalError: error, extensions: { code, http: { status: 400 } } })] };
  }
}

/** Of an answer with a thousand errors, so many go to the log. */
const MAX_LOGGED = 5;

export function toResult({ data, errors, errorId }: OperationResult, holder: GatewayContext['wire'], log: Logger): ExecutorResult {
  if (errorId !== null) {
    const own = errors.filter(({ extensions }) => extensions.errorId === errorId);
    const first = own.slice(0, MAX_LOGGED).map(({ message, path }) => ({ message, path }));
    log.error({ errorId, count: own.length, errors: first }, 'an answer is less than was asked for');
  }
  const said = data === null && errors.length === 0 ? [nothingLeft(log)] : errors;
  return {
    data: data === null ? null : (new TextData(data, holder ?? null) as unknown as Record<string, unknown>), // printed by our own `stringifyResult`
    ...(said.length > 0 ? { errors: said } : {}),
  };
}

function observeCache(metrics: Metrics, cache: () => OperationCache<Known> | undefined) {
  const seconds = metrics.histogram({
    name: 'tessera_gateway_planning_seconds',
    help: 'How long it takes to plan and compile an operation that is not known yet.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  });
  const gauges = {
    hits: 'Operations that were known.',
    misses: 'Operations that were planned.',
    evictions: 'Compiled operations that were given up.',
    entries: 'Compiled operations.',
    characters: 'Characters of generated code.',
  } as const;
  for (const [fact, help] of Object.entries(gauges))
    metrics.gauge({
      name: `tessera_gateway_operations_${fact}`,
      help,
      collect() {
        this.set(currentFacts(cache)?.[fact as keyof typeof gauges] ?? 0); // entries forgets the keys
      },
    });
  return <T>(work: () => T): T => {
    const startedAt = performance.now();
    try {
      return work();
    } finally {
      seconds.observe((performance.now() - startedAt) / 1_000);
    }
  };
}

/** None before the supergraph is loaded. */
function currentFacts(cache: () => OperationCache<Known> | undefined) {
  try {
    return cache()?.facts();
  } catch {
    return undefined;
  }
}
