import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { connectControl, type SimulatorControl } from './simulator-control.ts';

const MAIN = fileURLToPath(new URL('../../../infra/simulators/stripe/src/main.ts', import.meta.url));
const SECRET_KEY = 'sk_test_simulator';
const PUBLISHABLE_KEY = 'pk_test_simulator';
const START_MS = 60_000;
const END_MS = 5_000;
const MAX_LINES_BEFORE_URL = 50;

/** Runs before the simulator's own code: its stdin ends when this process does, however that came about. It keeps nothing alive. */
const END_WITH_PARENT = `data:text/javascript,process.stdin.on('end',()=>process.kill(process.pid,'SIGTERM')).resume().unref()`;

export interface SimulatorProcessOptions {
  /** Of ids and faults. */
  readonly seed?: number;
  /** Where events are delivered to, signed with this secret. */
  readonly webhook?: { readonly url: string; readonly secret: string };
  /** As of `control.setFaults`. */
  readonly faults?: Readonly<Record<string, unknown>>;
  /** With it, objects survive the process: start another one with the same file. */
  readonly dataFile?: string;
  /** How long a webhook waits after its first, second, … failed try. */
  readonly retryDelaysMs?: readonly number[];
  /** 0, unless a process takes another one's place. */
  readonly port?: number;
}

/** Stripe as a process of its own: a subgraph imports nothing from infra. */
export interface SimulatorProcess {
  readonly url: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly control: SimulatorControl;
  /** As a crash would end it. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Listens on the loopback interface when it returns, and ends with this process at the latest. */
export async function startSimulatorProcess(options: SimulatorProcessOptions = {}): Promise<SimulatorProcess> {
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, MAIN, ...argumentsOf(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const url = await urlOf(child);
    const control = connectControl(url);
    if (options.faults) await control.setFaults(options.faults);
    const keys = { secretKey: SECRET_KEY, publishableKey: PUBLISHABLE_KEY };
    return { url, ...keys, control, close: () => end(child, 'SIGTERM'), kill: () => end(child, 'SIGKILL') };
  } catch (error) {
    await end(child, 'SIGKILL');
    throw error;
  }
}

function argumentsOf({ port = 0, seed, webhook, dataFile, retryDelaysMs }: SimulatorProcessOptions): string[] {
  const flags = {
    port,
    seed,
    'data-file': dataFile,
    'webhook-url': webhook?.url,
    'webhook-secret': webhook?.secret,
    'retry-delays-ms': retryDelaysMs?.join(','),
  };
  return Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
}

/** The first address that it prints. @throws Error when it ends, or says something else for too long */
async function urlOf(child: Child): Promise<string> {
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS);
  const lines = createInterface({ input: child.stdout });
  try {
    let seen = 0;
    for await (const line of lines) {
      const [url] = /https?:\/\/[\w.:[\]-]+/.exec(line) ?? [];
      if (url !== undefined) return url;
      if (++seen >= MAX_LINES_BEFORE_URL) break;
    }
    throw new Error('The simulator does not say where it listens.');
  } finally {
    clearTimeout(late);
    child.stdout.resume();
  }
}

async function end(child: Child, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await exited;
  clearTimeout(late);
}
