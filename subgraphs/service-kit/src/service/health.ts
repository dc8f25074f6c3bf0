import { jsonAnswer } from './answer.ts';
import type { Logger } from './logger.ts';
import type { RawAnswer } from './route.ts';

const CHECK_TIMEOUT_MS = 1_000;

/** Resolves when the dependency is usable; its error goes to the log, never into the answer. */
export type Check = () => Promise<unknown>;

export interface HealthChecks {
  /** What the service cannot work without: own database, migrations at the expected version, schema loaded. */
  readonly required: Readonly<Record<string, Check>>;
  /** Reported, but not gating: without these the service degrades. */
  readonly soft?: Readonly<Record<string, Check>>;
}

type State = 'ok' | 'failed' | 'timeout';

/** Answers `/health/ready`: 200 or 503 with the state of every dependency. Probes that overlap share one run of the checks. */
export function createReadiness({ required, soft = {} }: HealthChecks, isDraining: () => boolean, log: Logger): () => Promise<RawAnswer> {
  let running: Promise<RawAnswer> | null = null;
  const run = async (): Promise<RawAnswer> => {
    const [requiredStates, softStates] = await Promise.all([runAll(required, log), runAll(soft, log)]);
    const isReady = Object.values(requiredStates).every((state) => state === 'ok');
    return jsonAnswer(isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', required: requiredStates, soft: softStates });
  };
  return async () => {
    if (isDraining()) return jsonAnswer(503, { status: 'draining' });
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  };
}

async function runAll(checks: Readonly<Record<string, Check>>, log: Logger): Promise<Record<string, State>> {
  return Object.fromEntries(
    await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await runOne(name, check, log)] as const)),
  );
}

async function runOne(name: string, check: Check, log: Logger): Promise<State> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<State>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, 'timeout');
  });
  const outcome = (async (): Promise<State> => {
    try {
      await check();
      return 'ok';
    } catch (err) {
      log.warn({ check: name, err }, 'readiness check failed');
      return 'failed';
    }
  })();
  return Promise.race([outcome, timeout]).finally(() => clearTimeout(timer));
}
