import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const SUPERGRAPH = 'supergraph.graphql';
const ACCESS = 'access.json';
const MANIFESTS = 'operations';
const JSON_ENDING = '.json';

/** Everything that is decided ahead about the graph that is served, as it lies in `schema/`. */
export interface SchemaFiles {
  readonly supergraphSdl: string;
  /** The content of `access.json`. */
  readonly accessRules: unknown;
  /** The content of `operations/*.json`, by client. */
  readonly manifests: Readonly<Record<string, unknown>>;
}

/** @throws Error where a file is missing (manifests may be) or holds no JSON; its message names the file */
export async function readSchemaFiles(directory: string): Promise<SchemaFiles> {
  const names = await manifestNames(directory);
  return {
    supergraphSdl: await readFile(join(directory, SUPERGRAPH), 'utf8'),
    accessRules: await readJson(join(directory, ACCESS)),
    manifests: Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name.slice(0, -JSON_ENDING.length), await readJson(join(directory, MANIFESTS, name))] as const),
      ),
    ),
  };
}

/** Another text for another state of the files; null where one of them cannot be looked at. */
export async function stateOfSchemaFiles(directory: string): Promise<string | null> {
  const names = await manifestNames(directory);
  const paths = [SUPERGRAPH, ACCESS, ...names.map((name) => join(MANIFESTS, name))];
  try {
    const states = await Promise.all(paths.map((path) => stat(join(directory, path))));
    return states.map(({ mtimeMs, size, ino }, index) => `${paths[index]} ${mtimeMs} ${size} ${ino}`).join('\n');
  } catch {
    return null;
  }
}

async function manifestNames(directory: string): Promise<readonly string[]> {
  const names = await readdir(join(directory, MANIFESTS)).catch(() => []);
  return names.filter((name) => name.endsWith(JSON_ENDING)).sort();
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is not JSON.`, { cause });
  }
}
