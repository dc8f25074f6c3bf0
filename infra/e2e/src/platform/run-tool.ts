import { spawn } from 'node:child_process';
import { CHECKOUT } from './platform.ts';

const WITHIN_MS = 120_000;

export interface ToolResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs one of the programs behind `npm run …` to its end, beside a running stack. */
export function runTool(program: string, ...options: readonly string[]): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const { NODE_ENV: _, ...environment } = process.env; // as from a shell, not as from jest
    const child = spawn(process.execPath, ['--no-warnings', program, ...options], { cwd: CHECKOUT, env: environment, timeout: WITHIN_MS });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, output }));
  });
}
