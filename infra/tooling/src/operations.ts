import { readApiSchema, readManifests, writeManifest } from './operations/files.ts';
import { clientDocuments, manifestOf, mistakesOf } from './operations/manifests.ts';

/**
 * `npm run operations [-- --check]`: writes the manifests of our own clients, and holds every manifest below `schema/operations` against the
 * composed schema. With `--check` nothing is written, and what is not fresh is a mistake. Exits 1 with what to do.
 */
const isCheck = process.argv.includes('--check');
const committed = readManifests();
const generated = new Map([...(await clientDocuments())].map(([client, documents]) => [client, manifestOf(documents)]));
const stale = [...generated].filter(([client, text]) => committed.get(client) !== text);
const api = readApiSchema();
const mistakes = [...new Map([...committed, ...(isCheck ? [] : generated)])].flatMap(([client, text]) => mistakesOf(client, text, api));

if (!isCheck) for (const [client, text] of stale) writeManifest(client, text);
else
  for (const [client] of stale)
    process.stderr.write(`schema/operations/${client}.json is not what the client sends: run npm run operations and commit the result.\n`);
for (const mistake of mistakes) process.stderr.write(`${mistake}\n`);
if (mistakes.length > 0 || (isCheck && stale.length > 0)) process.exit(1);
const written = isCheck ? [] : stale.map(([client]) => `schema/operations/${client}.json`);
process.stdout.write(written.length > 0 ? `written: ${written.join(', ')}\n` : 'schema/operations/ is up to date.\n');
