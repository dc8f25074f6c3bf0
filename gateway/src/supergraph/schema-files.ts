import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Kind, parse } from 'graphql';
import { parseAccessRules } from '../access/rules.ts';

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

/** @throws Error where a file is missing (manifests may be), holds no JSON, or where rules and supergraph are not of each other */
export async function readSchemaFiles(directory: string): Promise<SchemaFiles> {
  const names = await manifestNames(directory);
  const supergraphSdl = await readFile(join(directory, SUPERGRAPH), 'utf8');
  const accessRules = await readJson(join(directory, ACCESS));
  refuseForeignRules(accessRules, rootFieldsIn(supergraphSdl));
  return {
    supergraphSdl,
    accessRules,
    manifests: Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name.slice(0, -JSON_ENDING.length), await readJson(join(directory, MANIFESTS, name))] as const),
      ),
    ),
  };
}

const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription']);

/** `Query.order`, as access rules name them. */
export function rootFieldsIn(supergraphSdl: string): ReadonlySet<string> {
  return new Set(
    parse(supergraphSdl, { noLocation: true }).definitions.flatMap((each) =>
      each.kind === Kind.OBJECT_TYPE_DEFINITION && ROOTS.has(each.name.value)
        ? (each.fields ?? []).map(({ name }) => `${each.name.value}.${name.value}`)
        : [],
    ),
  );
}

/** A field without a rule would be open to everybody; a rule without a field belongs to another supergraph. */
function refuseForeignRules(accessRules: unknown, known: ReadonlySet<string>): void {
  const rules = parseAccessRules(accessRules);
  const foreign = [...rules.keys()].filter((name) => !known.has(name));
  if (foreign.length > 0) throw new Error(`The access rules are of another supergraph: it has no ${foreign.join(', ')}.`);
  const missing = [...known].filter((name) => !rules.has(name));
  if (missing.length > 0) throw new Error(`The access rules are of another supergraph: they do not name ${missing.join(', ')}.`);
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
