import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LEDGER = fileURLToPath(new URL('../../../../subgraphs/ledger/', import.meta.url));

/** Where a built ledger lies. */
export interface Build {
  readonly engine: string;
  readonly told: string;
}

export interface Plant {
  readonly name: string;
  /** Changes of the built code, each of which must fit exactly once. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
  /** Changes of the schema. */
  readonly sql?: readonly string[];
}

export const soundBuild: Build = buildAt(join(LEDGER, 'dist'));

export const plants: readonly Plant[] = [
  {
    name: 'skip the floor check',
    edits: [
      {
        file: 'engine/account.js',
        find: 'if (isLower && after.floorMinor !== null && available < after.floorMinor)',
        replace: 'if (false)',
      },
    ],
    sql: ['alter table accounts drop constraint accounts_floor_held'],
  },
  {
    name: 'drop the key index',
    edits: [],
    sql: ['alter table transfer_keys drop constraint transfer_keys_pkey'],
  },
  {
    name: 'write the outbox after the commit',
    edits: [
      {
        file: 'engine/lane.js',
        find: 'await Promise.all([...writes, writeTold(sql, told, fresh, now.toISOString())]);',
        replace: 'await Promise.all(writes);',
      },
      { file: 'engine/lane.js', find: 'return { settled, named };', replace: 'return { settled, named, told, fresh, now };' },
      {
        file: 'engine/lane.js',
        find: 'const { settled, named } = await lane.transaction(',
        replace: 'const { settled, named, told, fresh, now } = await lane.transaction(',
      },
      {
        file: 'engine/lane.js',
        find: 'for (const [address, id] of named)',
        replace: `await lane.transaction((sql) => writeTold(sql, told, fresh, now.toISOString()));
        for (const [address, id] of named)`,
      },
    ],
  },
  {
    name: 'forget the sequence of the credit side',
    edits: [
      {
        file: 'engine/account.js',
        find: 'creditsPending: account.creditsPending + pending,\n            sequence: account.sequence + 1n,',
        replace: 'creditsPending: account.creditsPending + pending,\n            sequence: account.sequence,',
      },
    ],
    sql: ['drop index transfers_credit_time', 'drop index transfers_debit_time'],
  },
  {
    name: 'lock in the order of arrival',
    edits: [
      { file: 'engine/books.js', find: '[...ids].sort()', replace: '[...ids]' },
      {
        file: 'engine/statements.js',
        find: 'from accounts where id = any($1::text[]) order by id for no key update',
        replace:
          'from unnest($1::text[]) with ordinality as asked (wanted, place) join accounts on id = wanted order by place for no key update of accounts',
      },
    ],
  },
  {
    name: 'send again without the key',
    edits: [
      {
        file: 'engine/lane.js',
        find: 'events.onFailure?.(error, items.length);',
        replace: `events.onFailure?.(error, items.length);
                items = items.map((item) => ({ ...item, hash: crypto.randomUUID().replaceAll('-', '') }));`,
      },
    ],
  },
  {
    name: 'take the locks of accounts for granted',
    edits: [{ file: 'engine/statements.js', find: 'order by id for no key update', replace: 'order by id' }],
  },
  {
    name: 'take any body for the same request',
    edits: [{ file: 'engine/decide.js', find: 'return differing.length > 0', replace: 'return false' }],
  },
  {
    name: 'forget refusals',
    edits: [
      {
        file: 'engine/write.js',
        find: 'const keys = decided\n',
        replace: "const keys = decided.filter(({ decision }) => decision.kind === 'POSTED')\n",
      },
    ],
  },
  {
    name: 'acknowledge before the commit',
    edits: [
      { file: 'engine/connection.js', find: "await client.query('commit');", replace: "client.query('commit').catch(() => undefined);" },
    ],
  },
  {
    name: 'note the balance of the other side',
    edits: [{ file: 'engine/rows.js', find: 'credit.balanceMinor.toString()', replace: 'debit.balanceMinor.toString()' }],
  },
  {
    name: 'keep the changes of a leg although a later one is refused',
    edits: [
      {
        file: 'engine/evaluate.js',
        find: "return { kind: 'REFUSED', refusal: { ...result, leg: index } };",
        replace: "{ draft.accounts.keep(); return { kind: 'REFUSED', refusal: { ...result, leg: index } }; }",
      },
    ],
  },
  {
    name: 'digest what was asked instead of what was written',
    edits: [{ file: 'engine/digest.js', find: 'lines.toSorted()', replace: 'lines.slice(1).toSorted()' }],
  },
];

/** A copy of the built ledger with the bug in it; removed by whoever asked. */
export function buildWith({ name, edits }: Plant): { readonly build: Build; remove(): void } {
  const home = mkdtempSync(join(LEDGER, '.planted-')); // beside the sound build, where the same packages are found
  const folder = join(home, 'dist');
  cpSync(join(LEDGER, 'dist'), folder, { recursive: true });
  for (const { file, find, replace } of edits) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    if (text.split(find).length !== 2) throw new Error(`“${name}” cannot be planted: ${file} does not hold exactly once: ${find}`);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
  }
  return { build: buildAt(folder), remove: () => rmSync(home, { recursive: true, force: true }) };
}

function buildAt(folder: string): Build {
  const fileUrl = (path: string): string => pathToFileURL(join(folder, path)).href;
  return { engine: fileUrl('engine/index.js'), told: fileUrl('transfer/post-transfer.js') };
}
