import { createLogger, type Logger } from './logger.ts';

const CLOSE_TIMEOUT_MS = 25_000;
/** A terminal and a process manager may both pass on one Ctrl-C: signals this close together are one. */
const SAME_SIGNAL_MS = 500;

export interface RunningService {
  /** Drains and gives everything back. Called once. */
  close(): Promise<void>;
}

export interface RunOptions {
  readonly log?: Pick<Logger, 'info' | 'fatal'>;
  /** How long `close` may take, default 25 s: Kubernetes kills after 30. */
  readonly closeTimeoutMs?: number;
}

/**
 * The life of a process: starts the service, closes it at SIGTERM or SIGINT and exits with 0. Exits with 1 when the start fails, when closing
 * fails or takes too long, at a second signal, and at an error that nobody handled: the state of the process is then unknown.
 */
export async function runService(start: () => Promise<RunningService>, options: RunOptions = {}): Promise<void> {
  const { log = createLogger({ service: 'process', level: 'info' }), closeTimeoutMs = CLOSE_TIMEOUT_MS } = options;
  const die = (err: unknown, message: string): never => {
    log.fatal({ err }, message);
    process.exit(1);
  };
  process.on('unhandledRejection', (reason) => die(reason, 'unhandled rejection'));
  process.on('uncaughtException', (error) => die(error, 'uncaught exception'));

  let stoppingSince: number | null = null;
  const stop = (signal: NodeJS.Signals): void => {
    if (stoppingSince !== null) {
      if (performance.now() - stoppingSince > SAME_SIGNAL_MS) die(new Error(signal), 'stopped by a second signal');
      return;
    }
    stoppingSince = performance.now();
    log.info({ signal }, 'stopping');
    setTimeout(() => die(new Error(`not closed within ${closeTimeoutMs} ms`), 'stop failed'), closeTimeoutMs).unref();
    void closeAndExit();
  };
  const closeAndExit = async (): Promise<void> => {
    await (await running).close().catch((error: unknown) => die(error, 'stop failed'));
    log.info({}, 'stopped');
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);

  const running = (async () => start())();
  await running.catch((error: unknown) => die(error, 'start failed'));
}
