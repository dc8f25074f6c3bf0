import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from './errors.ts';
import { removeLayout, resolveLayout } from './layout.ts';
import { acquireLock, lockHolder } from './lock.ts';
import { stopLeftoverPostgres } from './postgres/leftovers.ts';
import { stopLeftoverRedis } from './redis/leftovers.ts';

/** A folder without a lock that is younger than this may be about to get one. */
const NEWBORN_MS = 60_000;

/**
 * Ends and deletes what killed runs have left in the temporary folder under this prefix; runs that live are not touched.
 * @returns the folders removed
 */
export async function sweepEphemeral(prefix: string): Promise<string[]> {
  const removed: string[] = [];
  for (const folder of abandonedFolders(prefix)) {
    const layout = resolveLayout({ dataDir: folder });
    try {
      acquireLock(layout.lockFile, folder);
    } catch (error) {
      if (codeOf(error) === 'DATA_DIR_IN_USE' || codeOf(error) === 'ENOENT') continue; // Another run sweeps it.
      throw error;
    }
    await Promise.all([stopLeftoverPostgres(layout.postgresDir), stopLeftoverRedis(layout.redisDir)]);
    removeLayout(layout);
    removed.push(folder);
  }
  return removed;
}

/** Folders under this prefix whose run is dead. */
export function abandonedFolders(prefix: string): string[] {
  const folders = readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(tmpdir(), name));
  return folders.filter((folder) => isOurFolder(folder) && isAbandoned(folder));
}

/** The temporary folder is shared: others may put links and folders of that name there. */
function isOurFolder(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid?.();
}

function isAbandoned(folder: string): boolean {
  const lockFile = join(folder, 'stack.lock');
  if (existsSync(lockFile)) return lockHolder(lockFile) === undefined;
  const born = lstatSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - born > NEWBORN_MS;
}
