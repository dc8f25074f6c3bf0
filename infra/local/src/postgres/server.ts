import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { codeOf, LocalError, messageOf } from '../errors.ts';
import { makeFolder } from '../layout.ts';
import { acquireLock } from '../lock.ts';
import { logTail } from '../log-file.ts';
import { once } from '../once.ts';
import { findFreePort, LOOPBACK } from '../ports.ts';
import { waitUntil } from '../processes.ts';
import { type StoreProcess, startStoreProcess } from '../store-process.ts';
import type { StoreUser } from '../store-user.ts';
import { findPostgresBinaries, type PostgresBinaries } from './binaries.ts';
import { ADMIN_ROLE, ensureCluster } from './cluster.ts';
import { STOP_STEPS, stopLeftoverPostgres } from './leftovers.ts';
import { asArguments, serverSettings } from './settings.ts';

/** Generous, because the log of a killed server is replayed first. */
const START_TIMEOUT_MS = 60_000;
const LOGIN_TIMEOUT_MS = 15_000;
/** Another process may take the port between finding and binding it. */
const PORT_ATTEMPTS = 3;
/** Line of postmaster.pid that says whether connections are accepted. */
const STATUS_LINE = 7;

export interface PostgresOptions {
  readonly dataDir: string;
  /** Preferred; the next free one above it is used when taken. 0: any. */
  readonly port: number;
  readonly logFile: string;
  readonly adminPassword: string;
  /** Where the npm packages are installed. */
  readonly checkout: string;
  /** For copies of binaries that `user` cannot reach. */
  readonly cacheDir: string;
  /** Who runs the server; required under root (see ensureStoreUser). */
  readonly user?: StoreUser | undefined;
  /** Default true; false only for tests, see serverSettings. */
  readonly isDurable?: boolean;
  /** In place of those of `serverSettings`, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly report?: (message: string) => void;
}

export interface PostgresLogin {
  readonly role: string;
  readonly password: string;
  readonly database: string;
}

export interface RunningPostgres {
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  /** Where the binaries come from. */
  readonly why: string;
  readonly adminUrl: string;
  url(login: PostgresLogin): string;
  /** Settles when the server ends unasked, with how. */
  readonly crashed: Promise<string>;
  /** Fast shutdown, bounded, then harder. Ends the server and every backend; safe to call again. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on `dataDir`, which it creates on first use. A server that a killed launcher left there is stopped.
 * @throws DATA_DIR_IN_USE while another launcher's server runs there; POSTGRES_* otherwise
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { dataDir, report = () => {}, user, isDurable = true } = options;
  makeFolder(dirname(dataDir), 0o711);
  const lock = acquireLock(`${dataDir}.lock`, `PostgreSQL's data in ${dataDir}`);
  try {
    const binaries = findPostgresBinaries({ checkout: options.checkout, cacheDir: options.cacheDir, user });
    if (await stopLeftoverPostgres(dataDir)) report('stopped a server that an earlier run had left');
    const isNew = await ensureCluster({ dataDir, adminPassword: options.adminPassword, binaries, user, isDurable });
    if (isNew) report(`created a database cluster in ${dataDir}`);
    const { server, port } = await launchOnFreePort(binaries, options, report);
    const url = ({ role, password, database }: PostgresLogin) =>
      `postgres://${role}:${encodeURIComponent(password)}@${LOOPBACK}:${port}/${database}`;
    const adminUrl = url({ role: ADMIN_ROLE, password: options.adminPassword, database: 'postgres' });
    const stop = async () => {
      await server.stop(STOP_STEPS);
      await stopLeftoverPostgres(dataDir);
      lock.release();
    };
    await checkLogin(adminUrl, dataDir).catch((error) => stop().then(() => Promise.reject(error)));
    return {
      port,
      pid: server.pid,
      version: binaries.version,
      why: binaries.why,
      adminUrl,
      url,
      crashed: server.crashed,
      stop: once(stop),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function launchOnFreePort(binaries: PostgresBinaries, options: PostgresOptions, report: (message: string) => void) {
  let wanted = options.port;
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort(wanted);
    if (port !== options.port && options.port !== 0) report(`port ${options.port} is taken, using ${port}`);
    try {
      return { port, server: await launch(binaries, port, options) };
    } catch (error) {
      if (codeOf(error) !== 'POSTGRES_PORT_TAKEN' || attempt === PORT_ATTEMPTS) throw error;
      wanted = options.port === 0 ? 0 : port + 1;
    }
  }
}

async function launch(
  binaries: PostgresBinaries,
  port: number,
  { dataDir, logFile, user, isDurable = true, settings }: PostgresOptions,
): Promise<StoreProcess> {
  const server = startStoreProcess({
    program: binaries.postgres,
    args: ['-D', dataDir, ...asArguments({ ...serverSettings(port, isDurable), ...settings })],
    // Nothing of our environment: PG* variables would change the server, secrets have no business there.
    environment: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    user,
    logFile,
  });
  const isReady = await waitUntil(() => server.end() !== undefined || acceptsConnections(dataDir, server.pid), START_TIMEOUT_MS);
  const end = server.end();
  if (isReady && end === undefined) return server;

  await server.stop(STOP_STEPS);
  const log = logTail(logFile, server.logFrom);
  if (/could not bind|Address already in use/i.test(log)) {
    throw new LocalError('POSTGRES_PORT_TAKEN', `PostgreSQL could not listen on port ${port}: another program took it. Start again.`);
  }
  throw new LocalError(
    'POSTGRES_START_FAILED',
    `PostgreSQL did not start (${end ?? `not ready after ${START_TIMEOUT_MS / 1_000} s`}). Its log, ${logFile}, ends with:\n${log}`,
  );
}

function acceptsConnections(dataDir: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    return lines[0] === String(pid) && lines[STATUS_LINE]?.trim() === 'ready';
  } catch {
    return false;
  }
}

async function checkLogin(adminUrl: string, dataDir: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: LOGIN_TIMEOUT_MS });
  try {
    await client.connect();
    await client.end();
  } catch (cause) {
    if (codeOf(cause) !== '28P01')
      throw new LocalError('POSTGRES_START_FAILED', `PostgreSQL runs but refuses its administrator: ${messageOf(cause)}`, { cause });
    throw new LocalError(
      'POSTGRES_PASSWORD_MISMATCH',
      `The data in ${dataDir} was made with other secrets. Restore the secrets.json that belongs to it, or start over with "npm run reset".`,
      { cause },
    );
  }
}
