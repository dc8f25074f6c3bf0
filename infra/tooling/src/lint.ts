import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const modules = join(root, 'node_modules');

/** Each is a Node program with its arguments; all of them run, so that one look shows everything there is to mend. */
const checks = {
  style: [join(modules, '@biomejs/biome/bin/biome'), 'check', '--error-on-warnings'],
  sizes: [join(import.meta.dirname, 'check-sizes.ts')],
  imports: [join(modules, 'dependency-cruiser/bin/dependency-cruise.mjs'), 'schema', 'subgraphs', 'gateway', 'clients', 'infra'],
  unused: [join(modules, 'knip/bin/knip.js'), '--no-config-hints'],
  versions: [join(import.meta.dirname, 'check-versions.ts')],
} as const satisfies Record<string, readonly string[]>;

/** `lint.ts [style] [sizes] [imports] [unused] [versions]`: the named checks, or all. */
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(checks, name));
if (unknown.length > 0) throw new Error(`No such check: ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`);

const failed = Object.entries(checks)
  .filter(([name]) => asked.length === 0 || asked.includes(name))
  .filter(([name, command]) => {
    console.log(`\n— ${name}`);
    return spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status !== 0;
  })
  .map(([name]) => name);

console.log(failed.length > 0 ? `\nNot in order: ${failed.join(', ')}` : '\nAll in order');
process.exitCode = failed.length > 0 ? 1 : 0;
