import type { StartOptions } from './options.ts';
import { SEED_ACCOUNTS, SEED_PASSWORD } from './seed/accounts.ts';
import type { Stack } from './stack.ts';

const LABEL_WIDTH = 14;

/** What a person needs to know once everything runs; the last line is for programs that wait for it. */
export function summaryOf(stack: Stack, options: StartOptions, tookMs: number): string {
  const { url, mailbox, cards, stores, layout, logFile } = stack;
  const rows: readonly (readonly [string, string])[] = [
    ['Gateway', `${url}/graphql`],
    ['Landing page', `${url}/`],
    ['GraphiQL', `${url}/graphiql`],
    ['Sandbox', `${url}/sandbox (needs internet)`],
    ['Mailbox', mailbox.url],
    ['Cards', cards.why],
    ...Object.entries(stack.subgraphUrls).map(([name, subgraphUrl]) => [name, `${subgraphUrl} (private: npm run token)`] as const),
    ['PostgreSQL', stores.postgres.why],
    ['Redis', stores.redis.why],
    [
      'Data',
      layout.ephemeral
        ? `${layout.dataDir} (goes with the stack)`
        : layout.storesDir === layout.dataDir
          ? layout.dataDir
          : `${layout.dataDir}, stores in ${layout.storesDir}`,
    ],
    ['Logs', logFile],
    ['Stop', 'Ctrl-C'],
    ['Start over', 'npm run reset'],
  ];
  const table = rows.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)} ${text}`).join('\n');
  const accounts = SEED_ACCOUNTS.map(({ email, roles }) => `  ${email.padEnd(26)} ${roles.join(', ')}`).join('\n');
  const actualPort = Number(new URL(url).port);
  const moved =
    options.port !== 0 && actualPort !== options.port
      ? `\nPort ${options.port} is taken by another program, so the gateway listens on ${actualPort}.\n`
      : '';
  const seeded = options.hasSeed ? `\nAccounts, all with the password ${SEED_PASSWORD}:\n${accounts}\n` : '';
  return `\n${table}\n${moved}${seeded}\nStarted in ${(tookMs / 1_000).toFixed(1)} s.\nTessera is ready: ${url}\n`;
}
