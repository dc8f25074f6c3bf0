import { spawn } from 'node:child_process';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { makeFolder } from '../layout.ts';
import { identity, type StoreUser } from '../store-user.ts';
import type { PostgresBinaries } from './binaries.ts';

export const ADMIN_ROLE = 'postgres';
const INIT_TIMEOUT_MS = 120_000;
const OWNER_ONLY = 0o700;

export interface ClusterOptions {
  readonly dataDir: string;
  readonly adminPassword: string;
  readonly binaries: PostgresBinaries;
  readonly user: StoreUser | undefined;
  readonly isDurable: boolean;
}

/**
 * Makes sure that `dataDir` holds a cluster of this major version. It is built beside its place and renamed when whole,
 * so an interrupted first start leaves nothing half-made. The caller holds the lock of `dataDir`.
 * @returns whether it was created now
 * @throws POSTGRES_VERSION_MISMATCH, POSTGRES_INIT_FAILED
 */
export async function ensureCluster(options: ClusterOptions): Promise<boolean> {
  const { dataDir, binaries, user } = options;
  const found = clusterVersion(dataDir);
  if (found === binaries.major) return false;
  if (found !== undefined) {
    throw new LocalError(
      'POSTGRES_VERSION_MISMATCH',
      `${dataDir} was made by PostgreSQL ${found}, the binaries are ${binaries.version}. Go back to the release that made it, or start over with "npm run reset".`,
    );
  }
  // The server's user owns this folder, because it may not write into the one above.
  const nursery = `${dataDir}.new`;
  rmSync(nursery, { recursive: true, force: true });
  makeFolder(nursery, OWNER_ONLY, user);
  try {
    await initdb(join(nursery, 'data'), nursery, options);
    moveInto(join(nursery, 'data'), dataDir);
  } finally {
    rmSync(nursery, { recursive: true, force: true });
  }
  return true;
}

function moveInto(cluster: string, dataDir: string): void {
  try {
    renameSync(cluster, dataDir); // Replaces an empty folder, nothing else.
  } catch (cause) {
    throw new LocalError(
      'POSTGRES_INIT_FAILED',
      `${dataDir} exists, but holds no PostgreSQL data. Move it away or choose another place with --data-dir.`,
      { cause },
    );
  }
}

function clusterVersion(dataDir: string): string | undefined {
  const file = join(dataDir, 'PG_VERSION');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** The built-in locale provider sorts and folds the same on every machine, unlike the system's. */
async function initdb(target: string, nursery: string, { adminPassword, binaries, user, isDurable }: ClusterOptions): Promise<void> {
  const passwordFile = join(nursery, 'password');
  writeFileSync(passwordFile, `${adminPassword}\n`, { mode: 0o600 });
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  const { code, output } = await run(
    binaries.initdb,
    [
      ...['--pgdata', target, '--username', ADMIN_ROLE, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
      ...(isDurable ? [] : ['--no-sync']),
    ],
    user,
  );
  if (code !== 0)
    throw new LocalError(
      'POSTGRES_INIT_FAILED',
      `PostgreSQL could not create its data directory:\n${output}\nCheck free disk space and rights with "npm run doctor".`,
    );
}

function run(program: string, args: readonly string[], user: StoreUser | undefined): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...identity(user),
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: INIT_TIMEOUT_MS,
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const finish = (code: number | null, extra = '') => resolve({ code, output: (Buffer.concat(chunks).toString('utf8') + extra).trim() });
    child.once('error', (error) => finish(null, error.message));
    child.once('close', (code) => finish(code));
  });
}
