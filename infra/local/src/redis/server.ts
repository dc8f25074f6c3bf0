import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { codeOf, LocalError } from '../errors.ts';
import { makeFolder } from '../layout.ts';
import { acquireLock } from '../lock.ts';
import { logTail } from '../log-file.ts';
import { once } from '../once.ts';
import { findFreePort, LOOPBACK } from '../ports.ts';
import { waitUntil } from '../processes.ts';
import { type StoreProcess, startStoreProcess } from '../store-process.ts';
import type { StoreUser } from '../store-user.ts';
import { findRedis, type RedisBinary } from './binary.ts';
import { STOP_STEPS, stopLeftoverRedis } from './leftovers.ts';

/** Includes loading the append-only file of an earlier run. */
const START_TIMEOUT_MS = 30_000;
const PING_TIMEOUT_MS = 1_000;
const PORT_ATTEMPTS = 3;

export interface RedisOptions {
  readonly dataDir: string;
  /** Preferred; the next free one above it is used when taken. 0: any. */
  readonly port: number;
  readonly logFile: string;
  readonly password: string;
  /** For a server fetched from the distribution. */
  readonly cacheDir: string;
  /** Who runs the server; under root the store user. */
  readonly user?: StoreUser | undefined;
  readonly report?: (message: string) => void;
}

export interface RunningRedis {
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  readonly url: string;
  /** Where the server comes from. */
  readonly why: string;
  /** Settles when the server ends unasked, with how. */
  readonly crashed: Promise<string>;
  /** Ends the server after it has written its data; bounded, safe to call again. */
  stop(): Promise<void>;
}

/**
 * Starts Redis (or Valkey) on `dataDir`. A server that a killed launcher left there is stopped.
 * @throws DATA_DIR_IN_USE, REDIS_*
 */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  const { dataDir, report = () => {}, user } = options;
  makeFolder(dirname(dataDir), 0o711);
  const lock = acquireLock(`${dataDir}.lock`, `Redis' data in ${dataDir}`);
  try {
    if (process.platform !== 'linux')
      throw new LocalError(
        'PLATFORM_UNSUPPORTED',
        'The embedded Redis is only looked after on Linux. Start one yourself and set REDIS_URL.',
      );
    const binary = await findRedis({ cacheDir: options.cacheDir, user, report });
    if (await stopLeftoverRedis(dataDir)) report('stopped a server that an earlier run had left');
    makeFolder(dataDir, 0o700, user);
    const { server, port, url } = await launchOnFreePort(binary, options, report);
    const stop = async () => {
      await server.stop(STOP_STEPS);
      lock.release();
    };
    return {
      ...{ port, url, pid: server.pid, version: binary.version, why: binary.why, crashed: server.crashed },
      stop: once(stop),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function launchOnFreePort(binary: RedisBinary, options: RedisOptions, report: (message: string) => void) {
  let wanted = options.port;
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort(wanted);
    if (port !== options.port && options.port !== 0) report(`port ${options.port} is taken, using ${port}`);
    const url = `redis://:${encodeURIComponent(options.password)}@${LOOPBACK}:${port}`;
    try {
      return { port, url, server: await launch(binary, port, url, options) };
    } catch (error) {
      if (codeOf(error) !== 'REDIS_PORT_TAKEN' || attempt === PORT_ATTEMPTS) throw error;
      wanted = options.port === 0 ? 0 : port + 1;
    }
  }
}

async function launch(
  binary: RedisBinary,
  port: number,
  url: string,
  { dataDir, logFile, password, user }: RedisOptions,
): Promise<StoreProcess> {
  const server = startStoreProcess({
    program: binary.program,
    args: [writeConfiguration(dataDir, port, password, user)],
    environment: { ...binary.environment, LC_ALL: 'C' },
    user,
    logFile,
  });
  const isReady = await waitUntil(async () => server.end() !== undefined || (await redisAnswers(url)), START_TIMEOUT_MS);
  const end = server.end();
  if (isReady && end === undefined) return server;

  await server.stop(STOP_STEPS);
  const log = logTail(logFile, server.logFrom);
  if (/Address already in use|Failed listening/i.test(log))
    throw new LocalError('REDIS_PORT_TAKEN', `Redis could not listen on port ${port}: another program took it. Start again.`);
  throw new LocalError(
    'REDIS_START_FAILED',
    `Redis did not start (${end ?? `not ready after ${START_TIMEOUT_MS / 1_000} s`}). Its log, ${logFile}, ends with:\n${log}`,
  );
}

/**
 * In a file rather than as arguments, because those are visible to every user of the machine. noeviction: events and
 * carts must not vanish silently; a full Redis refuses writes, which the services answer by degrading.
 */
function writeConfiguration(dataDir: string, port: number, password: string, user: StoreUser | undefined): string {
  const file = join(dataDir, 'redis.conf');
  const lines = [
    ...[`bind ${LOOPBACK}`, `port ${port}`, 'protected-mode yes', `requirepass ${password}`, `dir "${dataDir}"`, 'daemonize no'],
    ...['appendonly yes', 'appendfsync everysec', 'save ""'],
    ...['maxmemory 256mb', 'maxmemory-policy noeviction', 'databases 4', 'loglevel notice', 'always-show-logo no'],
  ];
  rmSync(file, { force: true });
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  if (user !== undefined) chownSync(file, user.uid, user.gid);
  return file;
}

/** False while it is loading, and when somebody else's server has the port: that one does not know the password. */
export async function redisAnswers(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: PING_TIMEOUT_MS,
    enableReadyCheck: false,
  });
  client.on('error', () => {}); // Expected while it starts; the answer is the return value.
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    // After a refused connection there is nothing to close, and the client would keep a timer for it.
    if (client.status !== 'close' && client.status !== 'end') client.disconnect();
  }
}
