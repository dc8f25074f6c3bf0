import { createHash } from 'node:crypto';
import { buildSchema, type DocumentNode, type GraphQLError, Kind, parse, print, validate } from 'graphql';
import { importSource, sourcesIn } from './files.ts';

/** Apollo's format of persisted query manifests, version 1. */
interface Manifest {
  readonly format: 'apollo-persisted-query-manifest';
  readonly version: 1;
  readonly operations: readonly ManifestOperation[];
}

interface ManifestOperation {
  /** SHA-256 of the body, in hex. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Exactly as the client sends it. */
  readonly body: string;
}

/** What each client of this repository sends, as text. */
export async function clientDocuments(): Promise<ReadonlyMap<string, readonly string[]>> {
  const documents = Object.entries(await importSource('clients/sdk/src/generated/operations.ts')).filter(([name]) =>
    /Document$/.test(name),
  );
  const byName = new Map(documents.map(([name, document]) => [name, print(document as DocumentNode)])); // as the SDK prints them
  const { LANDING_DOCUMENTS } = await importSource('gateway/src/landing/documents.ts');
  return new Map([
    ['sdk', [...byName.values()]],
    ['demo', usedBy(['clients/demo/src', 'clients/sdk/src'], byName)],
    ['landing', LANDING_DOCUMENTS as readonly string[]],
  ]);
}

/** The documents of the SDK that are named in these folders. */
function usedBy(folders: readonly string[], byName: ReadonlyMap<string, string>): readonly string[] {
  const names = new Set(folders.flatMap(sourcesIn).flatMap((source) => source.match(/\b\w+Document\b/g) ?? []));
  return [...byName].flatMap(([name, text]) => (names.has(name) ? [text] : []));
}

/** @throws Error for a document without exactly one named operation */
export function manifestOf(documents: readonly string[]): string {
  const operations = documents.map(operationOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  const manifest: Manifest = { format: 'apollo-persisted-query-manifest', version: 1, operations };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function operationOf(body: string): ManifestOperation {
  const operations = parse(body).definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (!operation?.name || operations.length > 1) throw new Error(`A trusted document has one operation with a name: ${body.slice(0, 100)}`);
  return { id: sha256(body), name: operation.name.value, type: operation.operation, body };
}

/** What is wrong with a manifest, whoever wrote it: every operation must be what its id says, and fit the graph. */
export function mistakesOf(client: string, text: string, api: string): readonly string[] {
  const schema = buildSchema(api);
  const { operations } = JSON.parse(text) as Manifest; // a broken one throws, or has operations with mistakes
  return operations.flatMap(({ id, name, body }) => {
    const where = `schema/operations/${client}.json, ${name}`;
    if (id !== sha256(body)) return [`${where}: the id is not the SHA-256 of the body.`];
    return mistakesIn(body, (document) => validate(schema, document)).map((message) => `${where}: ${message}`);
  });
}

function mistakesIn(body: string, check: (document: DocumentNode) => readonly GraphQLError[]): readonly string[] {
  try {
    return check(parse(body)).map(({ message }) => message);
  } catch (error) {
    return [String(error)];
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
