import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

/** Changes when the way of building does. */
const RECIPE = 'graphiql-2';
const SOURCE = join(import.meta.dirname, 'src/landing/graphiql');
const TARGET = join(import.meta.dirname, 'dist/graphiql');
const ENTRY = join(TARGET, 'entry.json');
const PACKAGES = ['graphiql', 'react', 'react-dom', 'graphql', 'graphql-ws', 'vite'];

export interface BuiltGraphiql {
  /** False when nothing had changed since the last build. */
  readonly isFresh: boolean;
  readonly seconds: number;
}

/** Bundles the explorer into `dist/graphiql`, with its editor and workers, so that it works without internet. Skipped when no input changed. */
export async function buildGraphiql(): Promise<BuiltGraphiql> {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 100) / 10;
  const hash = await hashOfInputs();
  const known = await readFile(ENTRY, 'utf8').then(
    (text) => (JSON.parse(text) as { hash?: string }).hash,
    () => null,
  );
  if (known === hash) return { isFresh: false, seconds: seconds() };

  await rm(TARGET, { recursive: true, force: true });
  await build({
    root: SOURCE,
    base: '/graphiql/',
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    worker: { format: 'es' },
    build: {
      outDir: TARGET,
      emptyOutDir: false,
      manifest: 'manifest.json',
      sourcemap: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: { input: join(SOURCE, 'main.js') },
    },
  });
  await writeEntry(hash);
  return { isFresh: true, seconds: seconds() };
}

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly isEntry?: boolean;
}

/** Written last: a build that was interrupted counts as none. */
async function writeEntry(hash: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(TARGET, 'manifest.json'), 'utf8')) as Record<string, Chunk>; // written by vite
  const entry = Object.values(manifest).find(({ isEntry }) => isEntry);
  if (!entry) throw new Error('The bundle of GraphiQL has no entry.');
  await writeFile(ENTRY, JSON.stringify({ hash, script: entry.file, styles: [...new Set(stylesOf(entry, manifest, new Set()))] }));
}

/** Of the chunk and of everything that it imports at once. */
function stylesOf(chunk: Chunk, manifest: Readonly<Record<string, Chunk>>, visited: Set<Chunk>): string[] {
  if (visited.has(chunk)) return [];
  visited.add(chunk);
  const inner = (chunk.imports ?? []).flatMap((key) => (manifest[key] ? stylesOf(manifest[key], manifest, visited) : []));
  return [...inner, ...(chunk.css ?? [])];
}

async function hashOfInputs(): Promise<string> {
  const hash = createHash('sha256').update(RECIPE);
  for (const file of (await readdir(SOURCE)).sort()) hash.update(file).update(await readFile(join(SOURCE, file)));
  for (const name of PACKAGES) hash.update(`${name}@${await versionOf(name)}\n`);
  return hash.digest('hex');
}

async function versionOf(name: string): Promise<string> {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    const text = await readFile(join(folder, name, 'package.json'), 'utf8').catch(() => null);
    if (text) return (JSON.parse(text) as { version: string }).version;
  }
  throw new Error(`${name} is not installed.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { isFresh, seconds } = await buildGraphiql();
  process.stdout.write(isFresh ? `GraphiQL built in ${seconds} s\n` : 'GraphiQL is up to date\n');
}
