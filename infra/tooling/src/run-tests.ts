import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const jest = join(root, 'node_modules/jest/bin/jest.js');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** The projects of jest.config.mjs. All but the first need stores, and start processes that run from dist. */
const layers = ['unit', 'int', 'e2e'] as const;
type Layer = (typeof layers)[number];

/** `run-tests.ts [unit] [int] [e2e] [anything jest understands]`: the named layers, or all, in one run with one summary. */
export function parseArguments(argv: readonly string[]): {
  readonly selected: readonly Layer[];
  readonly jestArguments: readonly string[];
} {
  const firstOther = argv.findIndex((argument) => !isLayer(argument));
  const named = argv.slice(0, firstOther === -1 ? argv.length : firstOther).filter(isLayer);
  return { selected: named.length > 0 ? named : layers, jestArguments: argv.slice(named.length) };
}

async function main(): Promise<number> {
  const { selected, jestArguments } = parseArguments(process.argv.slice(2));
  if (selected.some((layer) => layer !== 'unit')) await build();
  // The projects come last: jest takes every plain word behind them for one more project.
  const jestCommand = [jest, ...jestArguments, '--selectProjects', ...selected];
  return await run(['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jestCommand]);
}

/** A type error must not hide what the tests say: tsc emits all the same, and `npm run typecheck` is red on its own. */
async function build(): Promise<void> {
  const exitCode = await run([tsc, '-b']);
  if (exitCode !== 0) console.error('Types do not check (above); the tests run on what was emitted.\n');
}

async function run(nodeArguments: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, nodeArguments, { cwd: root, stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well, so this process only has to outlive it; a plain kill has to be handed on.
  const outlive = () => {};
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', outlive).on('SIGTERM', forward);
  const [exitCode] = await once(child, 'exit');
  process.off('SIGINT', outlive).off('SIGTERM', forward);
  return typeof exitCode === 'number' ? exitCode : 1;
}

function isLayer(argument: string): argument is Layer {
  return layers.some((layer) => layer === argument);
}

if (import.meta.main) process.exitCode = await main();
