import { execFileSync } from 'node:child_process';
import { buildSchema, findBreakingChanges } from 'graphql';
import { generatedFiles, readSchemaFile } from './supergraph/files.ts';

/** `npm run schema:check`: fresh, composes without hints, breaks no client of the main branch. Exits 1 with what to do. */
const files = await generatedFiles();
const stale = [...files].filter(([path, text]) => readSchemaFile(path) !== text).map(([path]) => `schema/${path}`);
const api = files.get('api.graphql') ?? '';
const published = publishedApi();
const breaking = published ? findBreakingChanges(buildSchema(published), buildSchema(api)) : [];

for (const path of stale) process.stderr.write(`${path} is not what the subgraphs emit: run npm run schema and commit the result.\n`);
for (const { type, description } of breaking)
  process.stderr.write(`${type}: ${description} Deprecate it instead, and remove it when nobody asks for it any more.\n`);
if (stale.length + breaking.length > 0) process.exit(1);
process.stdout.write(`schema/ is fresh, composes without hints${published ? ' and breaks nothing that main has published' : ''}.\n`);

/** The clients' schema as the main branch published it (`SCHEMA_BASE` names another revision), or null where there is none yet. */
function publishedApi(): string | null {
  const bases = process.env.SCHEMA_BASE ? [process.env.SCHEMA_BASE] : ['origin/main', 'main'];
  for (const base of bases) {
    try {
      return execFileSync('git', ['show', `${base}:schema/api.graphql`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      // this revision, or the file in it, does not exist: try the next
    }
  }
  return null;
}
