import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS = 40_000;
const TICKS_PER_SECOND = 100;

export interface BenchProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * What every gateway is started with, ours and others. Without it a gateway that waits while the others have their turn throws away code that it had
 * learned to be hot, and what is measured is how it learns again.
 */
export const NODE_FLAGS = ['--no-memory-reducer'];

/** A script of ours that says `ready`. */
export async function startScript(path: string, args: readonly string[], environment: Record<string, string> = {}): Promise<BenchProcess> {
  const env = { ...process.env, ...environment };
  const child = fork(path, args, { env, execArgv: NODE_FLAGS, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const started = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => null), sleep(START_MS, null, { ref: false })]);
  if (!started) {
    child.kill('SIGKILL');
    throw new Error(`${path} ${args[0] ?? ''} did not start.`);
  }
  return processOf(child);
}

/** Any command that answers at this port when it is ready. */
export async function startCommand(command: string, args: readonly string[], cwd: string, port: number): Promise<BenchProcess> {
  const child = spawn(command, args, { cwd, env: { ...process.env, NODE_ENV: 'production' }, stdio: 'ignore' });
  const until = Date.now() + START_MS;
  for (;;) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`${command} ${args.join(' ')} did not start.`);
    }
    const isUp = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return processOf(child);
    await sleep(200);
  }
}

function processOf(child: ChildProcess): BenchProcess {
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** User and system time of a process, all threads, in seconds. Linux only. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** What all processes of the machine took together, in seconds. Linux only. */
export function machineCpuSeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 8).map(Number);
  return (user + nice + system + irq + softIrq) / TICKS_PER_SECOND;
}

/** Pins a process to one core, where there are two. */
export function pin(pid: number, core: number): void {
  spawn('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' }).on('error', () => undefined);
}
