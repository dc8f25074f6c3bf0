import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { excessesOf } from './size-stops/size-stops.ts';

const root = join(import.meta.dirname, '../../..');
const sources = ['{schema,subgraphs,gateway,clients,infra}/**/*.{ts,tsx,mts,mjs,js,jsx}', '*.{mjs,js}'];
/** Not written by hand, or bad on purpose. */
const exempt = ['node_modules', 'dist', 'generated', 'fixtures', '.data'];

const paths = globSync(sources, {
  cwd: root,
  exclude: (path) => path.endsWith('.d.ts') || exempt.some((name) => path.split('/').includes(name)),
});
const excesses = paths.flatMap((path) => excessesOf(path, readFileSync(join(root, path), 'utf8')));

for (const { path, line, what, lines, linesMax } of excesses)
  console.error(`${path}:${line} ${what} has ${lines} lines, at most ${linesMax}`);
console.log(`${paths.length} files looked at, ${excesses.length} too long in whole or in part`);
process.exitCode = excesses.length > 0 || paths.length === 0 ? 1 : 0;
