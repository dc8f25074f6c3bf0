import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPLY_TIMEOUT_MS = 30_000;

export interface Launcher {
  readonly pid: number;
  /** The first line it printed, parsed. */
  readonly reply: Record<string, string>;
  /** As a crash or the kernel would: nothing gets to clean up. */
  kill(): Promise<void>;
}

/** Runs one of the programs beside this file in a process of its own and waits for its first line. */
export async function launch(program: 'launch-stores.ts' | 'launch-test-stores.ts', ...args: string[]): Promise<Launcher> {
  const folder = resolve(fileURLToPath(new URL('.', import.meta.url)));
  const child = spawn(process.execPath, ['--no-warnings', resolve(folder, program), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const line = await firstLine(child);
  return {
    pid: child.pid ?? 0,
    reply: JSON.parse(line) as Record<string, string>, // Written by the program beside us.
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, reject) => {
    const timer = setTimeout(() => reject(new Error('the launcher did not reply')), REPLY_TIMEOUT_MS);
    child.once('exit', (code) => reject(new Error(`the launcher ended with ${code}`)));
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      done(text.slice(0, text.indexOf('\n')));
    });
  });
}
