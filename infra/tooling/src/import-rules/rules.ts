import type { IRegularForbiddenRuleType as Rule } from 'dependency-cruiser';

/*
 * Who may import whom (the table in architecture.md, section 3), as rules for dependency-cruiser. Each rule has a deliberately
 * bad tree in `fixtures/import-rules/<rule>` that makes it, and no other rule, fire.
 */

const subgraph = '(users|catalog|orders|payments|ledger)';
const kit = 'subgraphs/service-kit/src';
const testCode = ['\\.test\\.tsx?$', '/test/', '/src/testing/'];

/** Lowest first: a folder of the kit imports from its own level and from those above it in this list. */
export const kitLevels: readonly (readonly string[])[] = [
  ['errors'],
  ['config', 'ids', 'money', 'crypto', 'telemetry', 'identity', 'access'],
  ['persistence'],
  ['messaging'],
  ['graphql', 'pagination'],
  ['idempotency'],
  ['service'],
  ['subgraph'],
  ['testing'],
];

const databaseDrivers = ['pg', 'pg-[^/]+', 'postgres', 'mongodb', 'mysql2', 'better-sqlite3', 'kysely', '@mikro-orm/[^/]+'];
const serverPackages = [...databaseDrivers, 'ioredis', 'type-graphql', '@apollo/(server|gateway|subgraph)'];

export const importRules: readonly Rule[] = [
  forbid('resolvable', 'An import that cannot be followed cannot be judged.', {}, { couldNotResolve: true }),

  forbid('no-cycle', 'A cycle has no order in which to read, load or test it.', {}, { circular: true }),

  forbid(
    'subgraph-not-other-subgraph',
    'Subgraphs meet in the graph and in events, never in code.',
    { path: `^subgraphs/${subgraph}/` },
    { path: `^subgraphs/${subgraph}/`, pathNot: '^subgraphs/$1/' },
  ),
  forbid(
    'subgraph-not-its-hosts',
    'A subgraph does not know who hosts or calls it.',
    { path: `^subgraphs/${subgraph}/` },
    { path: '^(gateway|infra|clients)/' },
  ),
  forbid(
    'contract-only',
    'Of schema/, a subgraph and the kit import the published language only; the gateway also reads the files composed for it.',
    { path: '^subgraphs/' },
    { path: '^schema/', pathNot: '^schema/contract/' },
  ),

  forbid(
    'kit-not-its-users',
    'The kit knows no business noun and none of its users.',
    { path: '^subgraphs/service-kit/' },
    { path: [`^subgraphs/${subgraph}/`, '^(gateway|infra|clients)/'] },
  ),
  ...kitFolderOrder(),

  forbid(
    'gateway-not-subgraph',
    'The gateway meets a subgraph as its SDL and its address, in or out of process.',
    { path: '^gateway/' },
    { path: [`^subgraphs/${subgraph}/`, '^(infra|clients)/'] },
  ),
  forbid('gateway-no-database', 'The gateway owns no data.', { path: '^gateway/' }, { path: inPackages(databaseDrivers) }),

  forbid(
    'client-not-server',
    'A client meets the platform in its graph: the SDK and the files of schema/.',
    { path: '^clients/([^/]+)/' },
    { path: ['^(subgraphs|gateway|infra)/', '^clients/', inPackages(serverPackages)], pathNot: '^clients/($1|sdk)/' },
  ),

  forbid(
    'composition-root-only',
    'Whoever hosts a service enters by its composition root; its inner files are free to change.',
    { path: '^infra/' },
    {
      path: [`^subgraphs/${subgraph}/`, '^gateway/'],
      pathNot: [`^subgraphs/${subgraph}/src/subgraph\\.ts$`, '^gateway/src/gateway\\.ts$'],
    },
  ),

  forbid(
    'schema-not-its-speakers',
    'The published language depends on none of those who speak it.',
    { path: '^schema/' },
    { path: '^(subgraphs|gateway|infra|clients)/' },
  ),

  forbid(
    'no-test-code-in-production',
    'Test code is not built, not shipped and not held to the same care.',
    { path: '^(schema|subgraphs|gateway|clients|infra)/', pathNot: [...testCode, '^infra/e2e/', '^infra/local/src/jest-'] },
    { path: testCode },
  ),
];

function kitFolderOrder(): Rule[] {
  return kitLevels
    .slice(0, -1)
    .map((folders, level) =>
      forbid(
        'kit-folder-order',
        'The folders of the kit have an order (messaging → persistence → errors); nothing imports upwards.',
        { path: inKit(folders), pathNot: testCode },
        { path: inKit(kitLevels.slice(level + 1).flat()) },
      ),
    );
}

function forbid(name: string, comment: string, from: Rule['from'], to: Rule['to']): Rule {
  return { name, comment, severity: 'error', from, to };
}

function inKit(folders: readonly string[]): string {
  return `^${kit}/(${folders.join('|')})/`;
}

function inPackages(names: readonly string[]): string {
  return `(^|/)node_modules/(${names.join('|')})/`;
}
