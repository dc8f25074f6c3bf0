import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import minimumVersions from './version-gate/minimum-versions.json' with { type: 'json' };
import { type Lockfile, refusalsOf } from './version-gate/version-gate.ts';

const lockfile: Lockfile = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package-lock.json'), 'utf8'));
const refusals = refusalsOf(minimumVersions, lockfile);

for (const { name, minimum, reason, found } of refusals) {
  console.error(`${name} ≥ ${minimum} needed, ${found ? `${found.path} is ${found.version}` : 'but it is not installed'}: ${reason}`);
}
console.log(`${minimumVersions.length} minimum versions, ${refusals.length} refused`);
process.exitCode = refusals.length > 0 ? 1 : 0;
