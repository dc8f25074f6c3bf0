import { join } from 'node:path';
import type { Layout } from './layout.ts';
import { type RunningPostgres, startPostgres } from './postgres/server.ts';
import { type RunningRedis, startRedis } from './redis/server.ts';
import type { Secrets } from './secrets.ts';
import type { StoreUser } from './store-user.ts';

export type StoreReport = (store: string, message: string) => void;

export interface ServersOptions {
  readonly layout: Layout;
  readonly secrets: Secrets;
  readonly user: StoreUser | undefined;
  /** Preferred ports; undefined: this server is not wanted. */
  readonly postgresPort: number | undefined;
  readonly redisPort: number | undefined;
  readonly isDurable: boolean;
}

export interface Servers {
  readonly postgres: RunningPostgres | undefined;
  readonly redis: RunningRedis | undefined;
  /** Settles when one of them ends unasked, with which and how. */
  readonly crashed: Promise<string>;
  stop(): Promise<void>;
}

/** Starts the wanted servers side by side; when one fails, the other is stopped before the error is passed on. */
export async function startServers(options: ServersOptions, report: StoreReport): Promise<Servers> {
  const outcomes = await Promise.allSettled([startWantedPostgres(options, report), startWantedRedis(options, report)]);
  const [postgres, redis] = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined)) as [
    RunningPostgres | undefined,
    RunningRedis | undefined,
  ]; // In the order asked.
  const stop = async () => {
    const stopped = await Promise.allSettled([postgres?.stop(), redis?.stop()]);
    for (const outcome of stopped) if (outcome.status === 'rejected') throw outcome.reason;
  };
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue;
    await stop();
    throw outcome.reason;
  }
  return { postgres, redis, crashed: firstCrash(postgres, redis), stop };
}

async function startWantedPostgres({ layout, secrets, user, postgresPort, isDurable }: ServersOptions, report: StoreReport) {
  if (postgresPort === undefined) return undefined;
  return startPostgres({
    dataDir: layout.postgresDir,
    port: postgresPort,
    logFile: join(layout.logsDir, 'postgres.log'),
    adminPassword: secrets.passwords.admin,
    checkout: layout.checkout,
    cacheDir: layout.cacheDir,
    user,
    isDurable,
    report: (message) => report('postgres', message),
  });
}

async function startWantedRedis({ layout, secrets, user, redisPort }: ServersOptions, report: StoreReport) {
  if (redisPort === undefined) return undefined;
  return startRedis({
    dataDir: layout.redisDir,
    port: redisPort,
    logFile: join(layout.logsDir, 'redis.log'),
    password: secrets.passwords.redis,
    cacheDir: layout.cacheDir,
    user,
    report: (message) => report('redis', message),
  });
}

function firstCrash(postgres: RunningPostgres | undefined, redis: RunningRedis | undefined): Promise<string> {
  return new Promise((resolve) => {
    void postgres?.crashed.then((how) => resolve(`PostgreSQL ended unexpectedly (${how})`));
    void redis?.crashed.then((how) => resolve(`Redis ended unexpectedly (${how})`));
  });
}
