import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const MANIFESTS = join(ROOT, 'schema/operations');
const ENDING = '.json';

/** Every committed manifest as text, by client. */
export function readManifests(): ReadonlyMap<string, string> {
  if (!existsSync(MANIFESTS)) return new Map();
  const files = readdirSync(MANIFESTS).filter((file) => file.endsWith(ENDING));
  return new Map(files.sort().map((file) => [file.slice(0, -ENDING.length), readFileSync(join(MANIFESTS, file), 'utf8')]));
}

export function writeManifest(client: string, text: string): void {
  writeFileSync(join(MANIFESTS, `${client}${ENDING}`), text);
}

export function readApiSchema(): string {
  return readFileSync(join(ROOT, 'schema/api.graphql'), 'utf8');
}

/** The TypeScript files right below a folder of the project, tests left out. */
export function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));
}

/** A source file of the project as a module: what a build has made of it may be older. */
export async function importSource(path: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(new URL(path, new URL('../../../../', import.meta.url)).href)) as Readonly<Record<string, unknown>>; // a module is an object
}
