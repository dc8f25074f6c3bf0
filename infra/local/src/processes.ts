import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalError } from './errors.ts';

const POLL_MS = 25;

export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly waitMs: number;
}

/** Polls until `check` holds; false when `timeoutMs` passed first. */
export async function waitUntil(check: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (await check()) return true;
    await sleep(POLL_MS);
  }
  return check();
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // An ended child that nobody has waited for still answers to signal 0.
  return statFields(pid)?.[0] !== 'Z';
}

/**
 * Tells a process from a later one with the same pid: its start in clock ticks since boot, which only /proc knows.
 * Undefined where there is no /proc or no such process.
 */
export function startOf(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

export function parentOf(pid: number): number | undefined {
  const parent = statFields(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/**
 * Pids of processes called one of `names` whose working directory is `dir`. Both PostgreSQL and Redis change into
 * their data directory, so this finds a server even when its pid file is gone, stale or copied from elsewhere.
 */
export function processesWorkingIn(dir: string, names: readonly string[]): number[] {
  const real = realPath(dir);
  // The kernel marks a directory that was deleted under a running server.
  const places = new Set([real, `${real} (deleted)`]);
  return allPids().filter((pid) => {
    try {
      return places.has(readlinkSync(`/proc/${pid}/cwd`)) && names.includes(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
    } catch {
      return false; // Ended meanwhile, or not ours to look at.
    }
  });
}

/**
 * Sends each signal in turn to those of `pids` still running, with a bounded wait after each.
 * @throws PROCESS_WILL_NOT_END when the last step did not end them either
 */
export async function stopProcesses(pids: readonly number[], steps: readonly StopStep[]): Promise<void> {
  let left = pids.filter(isRunning);
  for (const { signal, waitMs } of steps) {
    if (left.length === 0) return;
    for (const pid of left) signalIfRunning(pid, signal);
    await waitUntil(() => !left.some(isRunning), waitMs);
    left = left.filter(isRunning);
  }
  if (left.length > 0) {
    throw new LocalError(
      'PROCESS_WILL_NOT_END',
      `Process ${left.join(', ')} did not end. Look at it with "ps -fp ${left[0]}" and end it by hand.`,
    );
  }
}

/** Pids of everything that the process has started, and that those have started. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map(allPids().map((each) => [each, parentOf(each)]));
  const below = (parent: number): number[] => [...parents].flatMap(([each, its]) => (its === parent ? [each, ...below(each)] : []));
  return below(pid);
}

function signalIfRunning(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Fields of /proc/pid/stat from the state on; the name before it may itself hold spaces and parentheses. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
