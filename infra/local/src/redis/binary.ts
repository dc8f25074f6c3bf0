import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { findCommand, identity, type StoreUser } from '../store-user.ts';
import { canFetch, fetchDebianPackage } from './debian-package.ts';

/** In order of preference; the packages of Debian and Ubuntu bear the same names. */
const SERVERS = ['redis-server', 'valkey-server'] as const;
const LIBRARY_FOLDERS = ['usr/lib', 'lib'];
const MIN_MAJOR = 6;

export interface RedisBinary {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly version: string;
  readonly why: string;
}

export interface BinarySearch {
  readonly cacheDir: string;
  readonly user: StoreUser | undefined;
  readonly report: (message: string) => void;
  /** Folders to look in, as in the variable PATH. */
  readonly path?: string;
}

/**
 * A Redis or Valkey server that `user` can run: from PATH, from the cache, or fetched from the distribution.
 * @throws REDIS_MISSING with how to install one, REDIS_FETCH_FAILED
 */
export async function findRedis(search: BinarySearch): Promise<RedisBinary> {
  const found = findInstalledRedis(search);
  if (found !== undefined) return found;
  if (!canFetch()) throw missing('');
  for (const name of SERVERS) {
    const target = packageFolder(search.cacheDir, name);
    if (!(await fetchDebianPackage(name, target, search.report))) continue;
    const fetched = tryCached(name, search);
    if (fetched === undefined)
      throw new LocalError(
        'REDIS_FETCH_FAILED',
        `${name} was fetched to ${target}, but does not run there. Install it ("apt-get install ${name}"), or set REDIS_URL.`,
      );
    return fetched;
  }
  throw missing(' The package lists of this machine hold neither.');
}

/** Like findRedis, but only looks. */
export function findInstalledRedis(search: Omit<BinarySearch, 'report'>): RedisBinary | undefined {
  for (const name of SERVERS) {
    const program = findCommand(name, search.path);
    const version = program === undefined ? undefined : tryRun(program, {}, search.user);
    if (program !== undefined && version !== undefined) return { program, environment: {}, version, why: `${program} of this machine` };
  }
  return SERVERS.map((name) => tryCached(name, search)).find((binary) => binary !== undefined);
}

function tryCached(name: string, { cacheDir, user }: Omit<BinarySearch, 'report'>): RedisBinary | undefined {
  const folder = packageFolder(cacheDir, name);
  const program = join(folder, 'usr', 'bin', name);
  if (!existsSync(program)) return undefined;
  const environment = { LD_LIBRARY_PATH: libraryPath(folder) };
  const version = tryRun(program, environment, user);
  return version === undefined
    ? undefined
    : { program, environment, version, why: `${name} of the distribution, unpacked in ${folder} without installing it` };
}

function packageFolder(cacheDir: string, name: string): string {
  return join(cacheDir, `${name}-${process.arch}`);
}

/** `usr/lib` and its folder per architecture, as far as the unpacked packages brought them. */
function libraryPath(folder: string): string {
  return LIBRARY_FOLDERS.map((part) => join(folder, part))
    .filter((place) => existsSync(place))
    .flatMap((place) => [
      place,
      ...readdirSync(place)
        .filter((name) => name.includes('-linux-'))
        .map((name) => join(place, name)),
    ])
    .join(':');
}

/** The version, when the program starts as this user and is recent enough for streams with consumer groups. */
function tryRun(program: string, environment: Record<string, string>, user: StoreUser | undefined): string | undefined {
  const { status, stdout } = spawnSync(program, ['--version'], { ...identity(user), cwd: '/', env: environment, encoding: 'utf8' });
  const version = status === 0 ? /v=(\d+)([.\d]*)/.exec(stdout) : null;
  return version !== null && Number(version[1]) >= MIN_MAJOR ? `${version[1]}${version[2]}` : undefined;
}

function missing(detail: string): LocalError {
  return new LocalError(
    'REDIS_MISSING',
    `No redis-server or valkey-server (version ${MIN_MAJOR} or later) found on PATH.${detail} Install one (Debian, Ubuntu: "apt-get install redis-server"; Fedora: "dnf install valkey"), or set REDIS_URL.`,
  );
}
