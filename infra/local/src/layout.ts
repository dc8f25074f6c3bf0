import { createHash, randomBytes } from 'node:crypto';
import { accessSync, chmodSync, chownSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalError } from './errors.ts';
import { canEnter, ensureStoreUser, futureStoreUser, isRoot, type StoreUser } from './store-user.ts';

/** Where root keeps what the store user must reach, when it cannot enter the data directory. */
export const SYSTEM_DIR = '/var/lib/tessera';
/** Of `--ephemeral` stacks, and of the stores of test runs. */
export const EPHEMERAL_PREFIX = 'tessera-run-';
export const TEST_PREFIX = 'tessera-test-';
export const EPHEMERAL_PREFIXES = [EPHEMERAL_PREFIX, TEST_PREFIX];
/** Tells a data directory of ours from anything else that --data-dir may point to by mistake. */
const MARK = 'tessera-data';
/** Passable, so that the store user reaches its own folders below, but not listable. */
const PASSABLE = 0o711;

export interface LayoutOptions {
  /** Defaults to the checkout that this file is part of. */
  readonly checkout?: string;
  /** Defaults to `.data` in the checkout. */
  readonly dataDir?: string;
  /** A fresh folder below the system's temporary folder instead, named with this prefix; removed with removeLayout. */
  readonly ephemeralPrefix?: string;
}

export interface Layout {
  readonly checkout: string;
  readonly dataDir: string;
  readonly ephemeral: boolean;
  /** Holds the two below: the data directory itself, or its stand-in below SYSTEM_DIR. */
  readonly storesDir: string;
  readonly postgresDir: string;
  readonly redisDir: string;
  readonly logsDir: string;
  /** Fetched and copied programs; survives the data. */
  readonly cacheDir: string;
  readonly secretsFile: string;
  /** What the Stripe simulator remembers. */
  readonly stripeSimulatorFile: string;
  readonly lockFile: string;
}

/** Decides where everything lies, without touching the disk. */
export function resolveLayout(options: LayoutOptions = {}): Layout {
  const checkout = resolve(options.checkout ?? fileURLToPath(new URL('../../../', import.meta.url)));
  const ephemeral = options.ephemeralPrefix !== undefined;
  const dataDir = ephemeral
    ? join(tmpdir(), `${options.ephemeralPrefix}${process.pid}-${randomBytes(4).toString('hex')}`)
    : resolve(options.dataDir ?? join(checkout, '.data'));
  const storesDir = storesDirFor(dataDir);
  return {
    checkout,
    dataDir,
    ephemeral,
    storesDir,
    postgresDir: join(storesDir, 'postgres'),
    redisDir: join(storesDir, 'redis'),
    logsDir: join(dataDir, 'logs'),
    cacheDir: isRoot() ? join(SYSTEM_DIR, 'cache') : join(checkout, '.data', 'cache'),
    secretsFile: join(dataDir, 'secrets.json'),
    stripeSimulatorFile: join(dataDir, 'stripe-simulator.jsonl'),
    lockFile: join(dataDir, 'stack.lock'),
  };
}

/**
 * Creates the folders and, under root, the account of the stores, which it returns.
 * @throws DATA_DIR_FOREIGN, DATA_DIR_NOT_WRITABLE, POSTGRES_DATA_UNREACHABLE, STORE_USER_MISSING
 */
export function prepareLayout(layout: Layout): StoreUser | undefined {
  refuseForeign(layout);
  const user = ensureStoreUser();
  try {
    for (const folder of [layout.dataDir, layout.logsDir, layout.storesDir]) makeFolder(folder, PASSABLE);
    accessSync(layout.dataDir, constants.W_OK);
    writeFileSync(join(layout.dataDir, MARK), 'Data of a local Tessera stack. To delete it: npm run reset\n');
  } catch (cause) {
    throw new LocalError('DATA_DIR_NOT_WRITABLE', `Cannot write to ${layout.dataDir}. Choose another folder with --data-dir.`, { cause });
  }
  if (layout.storesDir !== layout.dataDir) writeFileSync(join(layout.storesDir, 'belongs-to'), `${layout.dataDir}\n`);
  if (!canEnter(user, layout.storesDir)) {
    throw new LocalError(
      'POSTGRES_DATA_UNREACHABLE',
      `The stores' user can no longer enter ${layout.storesDir}, where its data lies. Allow it again ("chmod o+x" on the folders above), or start over with "npm run reset".`,
    );
  }
  return user;
}

/**
 * A reset deletes the data directory whole, so it must never be somebody's folder of other things.
 * @throws DATA_DIR_FOREIGN
 */
export function refuseForeign({ checkout, dataDir }: Layout): void {
  const isOurs =
    dataDir === join(checkout, '.data') || !existsSync(dataDir) || existsSync(join(dataDir, MARK)) || readdirSync(dataDir).length === 0;
  if (!isOurs)
    throw new LocalError(
      'DATA_DIR_FOREIGN',
      `${dataDir} holds other files than data of this stack; nothing was changed. Choose an empty or new folder with --data-dir.`,
    );
}

/** The folders that hold this layout's data; all of them go with a reset. */
export function dataFolders(layout: Layout): string[] {
  return isRoot() ? [layout.dataDir, standIn(layout.dataDir)] : [layout.dataDir];
}

/** Deletes the data. Only safe while nothing runs on it. */
export function removeLayout(layout: Layout): void {
  for (const folder of dataFolders(layout)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Creates the folder and those missing above it with exactly this mode, whatever the umask, and hands it to `owner`. */
export function makeFolder(folder: string, mode: number, owner?: StoreUser): void {
  if (!existsSync(folder)) {
    makeFolder(dirname(folder), PASSABLE);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, mode);
  }
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
}

function storesDirFor(dataDir: string): string {
  if (!isRoot()) return dataDir;
  const fallback = standIn(dataDir);
  // Data stays where it was first put, even when the rights on the way to it have changed since.
  if (hasStores(fallback)) return fallback;
  return hasStores(dataDir) || canEnter(futureStoreUser(), dataDir) ? dataDir : fallback;
}

function hasStores(folder: string): boolean {
  return existsSync(join(folder, 'postgres')) || existsSync(join(folder, 'redis'));
}

function standIn(dataDir: string): string {
  return join(SYSTEM_DIR, createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
}
