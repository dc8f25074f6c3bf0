import { generatedFiles, readSchemaFile, writeSchemaFile } from './supergraph/files.ts';

/** `npm run schema`: emits the subgraphs' SDL, composes, writes what changed below `schema/`. */
const files = await generatedFiles();
const changed = [...files].filter(([path, text]) => readSchemaFile(path) !== text);
for (const [path, text] of changed) writeSchemaFile(path, text);
process.stdout.write(
  changed.length > 0 ? `written: ${changed.map(([path]) => `schema/${path}`).join(', ')}\n` : 'schema/ is up to date.\n',
);
