import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compose } from './compose.ts';
import { emitSubgraphs } from './emit.ts';

const SCHEMA_DIR = fileURLToPath(new URL('../../../../schema/', import.meta.url));
/** Written by hand: it has no server. */
const EVENTS_FILE = 'subgraphs/events.graphql';

/** Everything that is generated below `schema/`, by relative path. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const emitted = await emitSubgraphs();
  const files = new Map<string, string>();
  for (const [service, sdl] of emitted) files.set(`subgraphs/${service}.graphql`, `${sdl.trim()}\n`);
  const { supergraph, api, access } = compose(
    new Map<string, string>([...emitted, ['events', readFileSync(join(SCHEMA_DIR, EVENTS_FILE), 'utf8')]]),
  );
  files.set('supergraph.graphql', supergraph);
  files.set('api.graphql', api);
  files.set('access.json', `${JSON.stringify(access, null, 2)}\n`);
  return files;
}

export function writeSchemaFile(path: string, text: string): void {
  writeFileSync(join(SCHEMA_DIR, path), text);
}

export function readSchemaFile(path: string): string | null {
  const file = join(SCHEMA_DIR, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
