import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_MS = 90_000;
const END_MS = 30_000;

/** What the process of the stack tells when it is ready. */
export interface StackFacts {
  readonly ports: { readonly batching: number; readonly single: number };
  readonly databases: { readonly ledger: string; readonly payments: string; readonly users: string };
  readonly verifyUrls: Readonly<Record<string, string>>;
  readonly secretsFile: string;
  readonly postgresPid: number;
  readonly redisPid: number;
  /** Of PostgreSQL, as the superuser. */
  readonly adminUrl: string;
}

export interface BenchStack extends StackFacts {
  /** Of gateway and subgraphs. */
  readonly pid: number;
  /** Ends the gateway and the ledger that are there for comparison only: its live stream, too, reads every event. */
  endSingle(): Promise<void>;
  stop(): Promise<void>;
}

/** @param nodeOptions such as `--cpu-prof` */
export async function startStack(nodeOptions: readonly string[] = []): Promise<BenchStack> {
  const child = fork(fileURLToPath(new URL('stack-process.ts', import.meta.url)), [], {
    execArgv: ['--no-warnings', '--max-semi-space-size=128', '--use-largepages=silent', '--no-memory-reducer', ...nodeOptions],
    env: { ...process.env, NODE_ENV: 'development' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  const told = await Promise.race([once(child, 'message'), gone.then(() => null), sleep(START_MS, null, { ref: false })]);
  const end = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    if ((await Promise.race([gone, sleep(END_MS, null, { ref: false })])) === null) child.kill('SIGKILL');
  };
  if (!told) {
    await end();
    throw new Error('The stack did not start.');
  }
  const endSingle = async (): Promise<void> => {
    const alone = once(child, 'message');
    child.send('end single');
    await Promise.race([alone, gone, sleep(END_MS, null, { ref: false })]);
  };
  return { ...(told[0] as StackFacts), pid: child.pid ?? 0, endSingle, stop: end }; // as our own process sends it
}
