import { spawn } from 'node:child_process';
import { sizeOf, withLogFile } from './log-file.ts';
import { isRunning, type StopStep, stopProcesses } from './processes.ts';
import { identity, type StoreUser } from './store-user.ts';

/** Between reaping a child and Node telling us about it. */
const EXIT_NEWS_MS = 1_000;

export interface StoreCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: StoreUser | undefined;
  readonly logFile: string;
}

export interface StoreProcess {
  readonly pid: number;
  /** Byte of the log at which this run begins. */
  readonly logFrom: number;
  /** How it ended, once it has. */
  end(): string | undefined;
  /** Settles when the server ends without having been told to. */
  readonly crashed: Promise<string>;
  stop(steps: readonly StopStep[]): Promise<void>;
}

/** Starts a server whose output goes to its log. It survives us unless stopped: an orderly stop is up to the caller. */
export function startStoreProcess({ program, args, environment, user, logFile }: StoreCommand): StoreProcess {
  let logFrom = 0;
  const child = withLogFile(logFile, (log) => {
    logFrom = sizeOf(logFile);
    // A session of its own: Ctrl-C in the terminal must reach the launcher only, which drains the services first.
    return spawn(program, args, { ...identity(user), cwd: '/', detached: true, stdio: ['ignore', log, log], env: environment });
  });
  let end: string | undefined;
  let isStopping = false;
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  }).then((how) => {
    end = how;
    return how;
  });
  return {
    pid: child.pid ?? 0,
    logFrom,
    end: () => end,
    crashed: new Promise((resolve) => exited.then((how) => isStopping || resolve(how))),
    async stop(steps) {
      isStopping = true;
      if (child.pid !== undefined && isRunning(child.pid)) await stopProcesses([child.pid], steps);
      await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, EXIT_NEWS_MS).unref())]);
    },
  };
}
