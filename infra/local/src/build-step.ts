import { spawn } from 'node:child_process';
import { LocalError } from './errors.ts';

const KEPT_OUTPUT = 8_000;

/**
 * Builds what the stack runs, and no more: incremental, so that a warm start compiles nothing.
 * @throws BUILD_FAILED with the end of the compiler's output
 */
export async function build(checkout: string): Promise<void> {
  await run(checkout, ['node_modules/typescript/bin/tsc', '-b', 'infra/local']);
  await run(checkout, ['gateway/build-graphiql.ts']);
}

function run(checkout: string, command: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(new LocalError('BUILD_FAILED', `The build failed:\n${output.trim()}\nMend it, or run "npm ci" when packages are missing.`));
    });
  });
}
