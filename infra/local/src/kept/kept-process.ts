import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Beside this file, compiled or not. */
const KEEPER = fileURLToPath(new URL(`keeper${extname(import.meta.url)}`, import.meta.url));
const POLL_MS = 50;
const PID_WITHIN_MS = 15_000;
const END_WITHIN_MS = 30_000;
const TAIL_CHARACTERS = 2_500;
/** What jest and the machine of the tests set for themselves; a program under test starts as from a shell. */
const NOT_PASSED_ON = /^(NODE_ENV|NODE_OPTIONS|JEST_WORKER_ID|TESSERA_.*|LOG_FILE|CRASH_AT|.*_DATABASE_URL|REDIS_URL|STRIPE_.*)$/;

/** A program in a process group of its own: Ctrl-C is not for it, and it does not outlive whoever started it. */
export interface KeptProcess {
  readonly pid: number;
  /** Everything that this run of it printed so far. */
  output(): string;
  /** @throws when it ends before, or does not print that in time; with the end of what it printed */
  prints(pattern: RegExp, withinMs: number): Promise<RegExpExecArray>;
  /** Its exit code, 1 when a signal ended it. */
  readonly ended: Promise<number>;
  /** By which signal it was ended, once it has been. */
  endedBy(): string | null;
  signal(name: NodeJS.Signals): void;
  /** In order, then by force. Safe to call again. */
  end(): Promise<void>;
}

export interface ProgramOptions {
  readonly logFile: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export async function runKept(command: readonly string[], { logFile, environment = {}, cwd }: ProgramOptions): Promise<KeptProcess> {
  const from = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const keeper = spawnKeeper(command, { logFile, environment, cwd });
  const output = () => (existsSync(logFile) ? readFileSync(logFile).subarray(from).toString('utf8') : '');
  let hasEnded = false;
  const ended = new Promise<number>((resolve) => {
    keeper.once('exit', (exitCode) => {
      hasEnded = true;
      resolve(exitCode ?? 1);
    });
  });
  const prints = async (pattern: RegExp, withinMs: number): Promise<RegExpExecArray> => {
    for (const giveUpAt = Date.now() + withinMs; ; await sleep(POLL_MS)) {
      const isOver = hasEnded; // asked before the output is read: what it printed last counts
      const found = pattern.exec(output());
      if (found) return found;
      if (isOver || Date.now() > giveUpAt)
        throw new Error(`${isOver ? 'Ended without' : 'No'} ${pattern}:\n${output().slice(-TAIL_CHARACTERS)}`);
    }
  };
  const end = async () => {
    keeper.stdin?.end();
    await Promise.race([ended, sleep(END_WITHIN_MS, undefined, { ref: false })]);
  };
  const [, pid] = await prints(/^kept process (\d+)$/m, PID_WITHIN_MS);
  return {
    ...{ pid: Number(pid), output, prints, ended, end },
    endedBy: () => /^kept process ended with (SIG\w+)$/m.exec(output())?.[1] ?? null,
    signal: (name) => signal(Number(pid), name),
  };
}

/** Nothing to signal is no mistake: it has ended already. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // what process.kill throws
  }
}

function spawnKeeper(command: readonly string[], { logFile, environment, cwd }: Required<ProgramOptions>) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  try {
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name)));
    return spawn(process.execPath, ['--no-warnings', KEEPER, ...command], {
      cwd,
      env: { ...own, ...environment },
      stdio: ['pipe', log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}
