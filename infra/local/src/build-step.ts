import { spawn } from 'node:child_process';
import { LocalError } from './errors.ts';

const KEPT_OUTPUT = 8_000;

/**
 * Runs `npm run build` in the checkout: incremental, so that a warm start compiles nothing.
 * @throws BUILD_FAILED with the end of the compiler's output
 */
export function build(checkout: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', 'build'], { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'] });
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
