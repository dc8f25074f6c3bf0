import { spawn } from 'node:child_process';

/**
 * `keeper.ts <program> [argument …]` runs a program and ends it together with whoever started this: the pipe to our input closes however they
 * die, even by kill -9. The program gets time to end in order first. Tells its pid in the first line.
 */
const ORDERLY_MS = 20_000;

const [program = '', ...programArguments] = process.argv.slice(2);
const child = spawn(program, programArguments, { stdio: ['ignore', 'inherit', 'inherit'] });
console.log(`kept process ${child.pid}`);

process.stdin.on('end', end).on('error', end).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
child.once('exit', (exitCode, signal) => {
  console.log(`kept process ended with ${exitCode ?? signal}`);
  process.exit(exitCode ?? 1);
});

function end(): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), ORDERLY_MS).unref();
}
