import type { Logger, Metrics } from '@tessera/service-kit/service';
import { readSchemaFiles, type SchemaFiles, stateOfSchemaFiles } from './schema-files.ts';

const LOOK_EVERY_MS = 1_000;
/** Of files that are there and cannot be read. */
const MAX_TRIES = 10;

type ReloadCounter = (outcome: 'replaced' | 'refused') => void;

export function countReloads(metrics: Metrics): ReloadCounter {
  const reloads = metrics.counter({
    name: 'tessera_gateway_schema_reloads_total',
    help: 'Times that the files of the schema were read anew, by what came of it.',
    labelNames: ['outcome'],
  });
  return (outcome) => reloads.inc({ outcome });
}

export interface WatchParts {
  /** Where `supergraph.graphql`, `access.json` and `operations/` are. */
  readonly directory: string;
  /** Rejects where it does not take them; then nothing has changed. */
  readonly replace: (files: SchemaFiles) => Promise<void>;
  readonly log: Logger;
  readonly count: ReloadCounter;
  readonly lookEveryMs?: number;
  /** What was served when it began, as `stateOfSchemaFiles` told of it before the files were read; default: what the first look finds. */
  readonly served?: string | null;
}

export interface SchemaWatch {
  /** At once, whatever the files' dates say. Never rejects: a refusal is told in the log and the metrics. */
  reload(): Promise<void>;
  close(): void;
}

/**
 * Looks at the files every second, because every other way misses something: mounts, links that are changed, a folder that is made anew. They are
 * read once they have stayed the same from one look to the next, so that a file is not taken half written; one that is taken so all the same,
 * or is gone, is refused.
 */
export function watchSchema({
  directory,
  replace,
  log,
  count,
  lookEveryMs = LOOK_EVERY_MS,
  served: servedAtStart,
}: WatchParts): SchemaWatch {
  let served = servedAtStart; // undefined before the first look
  let seen: string | null | undefined;
  let running: Promise<void> = Promise.resolve();
  let tries = 0;
  /** False where the system did not let the files be read, which may be different in a moment. */
  const load = async (): Promise<boolean> => {
    try {
      await replace(await readSchemaFiles(directory));
      count('replaced');
      log.info({ directory }, 'another schema is served');
      return true;
    } catch (err) {
      count('refused');
      log.error({ err, directory }, 'the schema was refused: the one before is served on');
      return !isOfTheSystem(err);
    }
  };
  const look = async (): Promise<void> => {
    const state = await stateOfSchemaFiles(directory);
    const isStable = state === seen;
    seen = state;
    if (served === undefined) served = state;
    if (!isStable) tries = 0;
    if (!isStable || state === served) return;
    tries += 1;
    if ((await load()) || state === null || tries === MAX_TRIES) served = state;
  };
  const next = (work: () => Promise<void>): Promise<void> => {
    running = running.then(work);
    return running;
  };
  const timer = setInterval(() => void next(look), lookEveryMs);
  timer.unref();
  void next(look);
  return { reload: () => next(async () => void (await load())), close: () => clearInterval(timer) };
}

function isOfTheSystem(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error;
}
