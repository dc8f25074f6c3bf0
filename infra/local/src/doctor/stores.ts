import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { abandonedFolders } from '../ephemeral.ts';
import { messageOf } from '../errors.ts';
import { EPHEMERAL_PREFIXES, type Layout } from '../layout.ts';
import { lockHolder } from '../lock.ts';
import { findFreePort } from '../ports.ts';
import { binariesInPlace, locatePackage } from '../postgres/binaries.ts';
import { postgresProcesses } from '../postgres/leftovers.ts';
import { findInstalledRedis } from '../redis/binary.ts';
import { canFetch } from '../redis/debian-package.ts';
import { redisProcesses } from '../redis/leftovers.ts';
import { canEnter, findCommand, findStoreUser, futureStoreUser, isRoot, STORE_USER_NAME } from '../store-user.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { nearestExisting } from './machine.ts';

export function checkDataDir({ dataDir, storesDir, secretsFile }: Layout): Check {
  const name = 'data directory';
  try {
    accessSync(nearestExisting(dataDir), constants.W_OK);
    if (existsSync(secretsFile)) accessSync(secretsFile, constants.R_OK);
  } catch {
    return fail(name, `${dataDir} cannot be written. Change its owner, or choose another with --data-dir.`);
  }
  if (storesDir !== dataDir)
    return ok(name, `${dataDir}; the stores' data in ${storesDir}, because their user "${STORE_USER_NAME}" cannot enter the first`);
  if (isRoot() && !canEnter(futureStoreUser(), dataDir))
    return fail(
      name,
      `User "${STORE_USER_NAME}" can no longer enter ${dataDir}, where its data lies. Allow it ("chmod o+x" on the folders above), or run "npm run reset".`,
    );
  return ok(name, dataDir);
}

export function checkPostgresBinaries({ checkout }: Layout): Check {
  const name = 'postgres binaries';
  try {
    const source = locatePackage(checkout);
    const user = isRoot() ? futureStoreUser() : undefined;
    const inPlace = binariesInPlace(source, user);
    if (inPlace !== undefined) return ok(name, `${inPlace.version} of ${source.name}`);
    return existsSync(join(source.folder, 'native', 'bin', 'postgres'))
      ? ok(name, `${source.name} ${source.version}; not runnable in place, so the first start makes a copy`)
      : fail(name, `${source.name} is incomplete. Run "npm ci" again.`);
  } catch (error) {
    return fail(name, messageOf(error));
  }
}

export function checkStoreUser(): Check {
  const name = 'postgres user';
  if (!isRoot()) return ok(name, 'the stores run as you');
  if (findStoreUser() !== undefined) return ok(name, `the stores run as "${STORE_USER_NAME}"`);
  return findCommand('useradd') === undefined
    ? fail(name, `There is no user "${STORE_USER_NAME}" and no useradd to create it. Create it by hand, or start as an ordinary user.`)
    : ok(name, `"${STORE_USER_NAME}" will be created at the first start`);
}

export function checkRedis({ cacheDir }: Layout): Check {
  const found = findInstalledRedis({ cacheDir, user: isRoot() ? futureStoreUser() : undefined });
  if (found !== undefined) return ok('redis', `${found.version}: ${found.why}`);
  if (!canFetch()) return fail('redis', 'No redis-server or valkey-server on PATH. Install one from your distribution, or set REDIS_URL.');
  return warn(
    'redis',
    'Not installed. The first start fetches the package of the distribution without installing it, for which it needs the network.',
  );
}

export async function checkPort(layout: Layout, name: string, port: number): Promise<Check> {
  const title = `port ${name}`;
  try {
    const next = await findFreePort(port);
    if (next === port) return ok(title, `${port} is free`);
    if (lockHolder(layout.lockFile) !== undefined)
      return ok(title, `${port} is in use, probably by the stack that runs; another one would take ${next}`);
    return warn(title, `${port} is taken; ${next} will be used instead`);
  } catch (error) {
    return fail(title, messageOf(error));
  }
}

export function checkLeftovers(layout: Layout): Check {
  const name = 'running';
  const holder = lockHolder(layout.lockFile);
  if (holder !== undefined) return ok(name, `a stack runs on this data: process ${holder.pid}, since ${holder.since}`);
  const servers = [...postgresProcesses(layout.postgresDir), ...redisProcesses(layout.redisDir)];
  if (servers.length > 0) return warn(name, `A killed run has left processes ${servers.join(', ')}; the next start stops them.`);
  const stale = [layout.lockFile, join(layout.postgresDir, 'postmaster.pid')].filter((file) => existsSync(file));
  stale.push(...EPHEMERAL_PREFIXES.flatMap(abandonedFolders));
  return stale.length > 0
    ? warn(name, `A killed run has left ${stale.join(', ')}; the next run of the same kind takes care of it.`)
    : ok(name, 'nothing, and nothing left over');
}
