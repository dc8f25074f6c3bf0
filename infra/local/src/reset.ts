import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { messageOf } from './errors.ts';
import { dataFolders, type Layout, refuseForeign, removeLayout, resolveLayout } from './layout.ts';
import { acquireLock } from './lock.ts';
import { stopLeftoverPostgres } from './postgres/leftovers.ts';
import { stopLeftoverRedis } from './redis/leftovers.ts';

/**
 * Deletes all data of the local stack, after ending what a killed run has left on it.
 * @returns the folders deleted
 * @throws DATA_DIR_IN_USE while a stack runs on it, DATA_DIR_FOREIGN
 */
export async function resetData(layout: Layout): Promise<string[]> {
  const folders = existingFolders(layout);
  if (folders.length === 0) return [];
  const lock = existsSync(layout.dataDir) ? acquireLock(layout.lockFile, `The data directory ${layout.dataDir}`) : undefined;
  try {
    await Promise.all([stopLeftoverPostgres(layout.postgresDir), stopLeftoverRedis(layout.redisDir)]);
    removeLayout(layout);
  } finally {
    lock?.release();
  }
  return folders;
}

/** @throws DATA_DIR_FOREIGN: a mistyped --data-dir must not cost somebody their files */
function existingFolders(layout: Layout): string[] {
  refuseForeign(layout);
  return dataFolders(layout).filter((folder) => existsSync(folder));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'data-dir': { type: 'string' }, yes: { type: 'boolean', short: 'y', default: false } } });
  const dataDir = values['data-dir'];
  const layout = resolveLayout(dataDir === undefined ? {} : { dataDir });
  const folders = existingFolders(layout);
  if (folders.length === 0) return console.log(`Nothing to delete: ${layout.dataDir} does not exist.`);
  if (!values.yes && !(await isConfirmed(folders))) {
    process.exitCode = 1;
    return console.log('Nothing was deleted. Answer "yes", or give --yes.');
  }
  for (const folder of await resetData(layout)) console.log(`Deleted ${folder}.`);
}

async function isConfirmed(folders: readonly string[]): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (
      (await terminal.question(`Delete ${folders.join(' and ')} with all accounts, orders and money in it? Type yes: `)).trim() === 'yes'
    );
  } finally {
    terminal.close();
  }
}

if (import.meta.main) {
  await main().catch((error) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  });
}
