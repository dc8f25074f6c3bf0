import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/**
 * `keeper.ts <program> [argument …]` runs a program and ends it together with whoever started this: the pipe to our input closes however they
 * die, even by kill -9. The program gets time to end in order first. Tells its pid, and later how it ended. REMOVED_WITH_IT names a file, such as
 * what is printed to, that goes when the end was asked for.
 */
const ORDERLY_MS = 20_000;

const [program = '', ...programArguments] = process.argv.slice(2);
let isAskedFor = false;
const child = spawn(program, programArguments, { stdio: ['ignore', 'inherit', 'inherit'] });
console.log(`kept process ${child.pid}`);

process.stdin.on('end', end).on('error', end).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
child.once('exit', (exitCode, signal) => {
  console.log(`kept process ended with ${exitCode ?? signal}`);
  if (isAskedFor && process.env.REMOVED_WITH_IT) rmSync(process.env.REMOVED_WITH_IT, { force: true });
  process.exit(exitCode ?? 1);
});

function end(): void {
  isAskedFor = true;
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), ORDERLY_MS).unref();
}
