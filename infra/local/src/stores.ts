import { sweepEphemeral } from './ephemeral.ts';
import { EPHEMERAL_PREFIX, type Layout, prepareLayout, removeLayout } from './layout.ts';
import { acquireLock } from './lock.ts';
import { once } from './once.ts';
import { LOOPBACK, POSTGRES_PORT, REDIS_PORT } from './ports.ts';
import { closeSystemDatabases, provisionDatabase, provisionReader } from './postgres/provision.ts';
import type { RunningPostgres } from './postgres/server.ts';
import type { RunningRedis } from './redis/server.ts';
import { DATABASE_SERVICES, type DatabaseService, openSecrets, type Secrets } from './secrets.ts';
import { type Servers, type StoreReport, startServers } from './servers.ts';

const READER_ROLE = 'verify';

export interface StoresOptions {
  readonly layout: Layout;
  /** Where `USERS_DATABASE_URL` … and `REDIS_URL` are looked for; a store given there is not started. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly postgresPort?: number;
  readonly redisPort?: number;
}

export interface Stores {
  readonly secrets: Secrets;
  /** `embedded` is undefined when every database was given from outside; so is that of Redis. */
  readonly postgres: { readonly embedded: RunningPostgres | undefined; readonly adminUrl: string | undefined; readonly why: string };
  readonly redis: { readonly embedded: RunningRedis | undefined; readonly url: string; readonly why: string };
  /** Connection string per service, as its own role. */
  readonly databases: Readonly<Record<DatabaseService, string>>;
  /** The same databases as a role that can only read. Outside ones: `<SERVICE>_VERIFY_URL`, or else the service's own. */
  readonly verifyUrls: Readonly<Record<DatabaseService, string>>;
  /** Settles when an embedded store ends unasked, with which and how. */
  readonly crashed: Promise<string>;
  /** Ends everything that was started; ephemeral data is deleted. Safe to call again. */
  close(): Promise<void>;
}

/**
 * Claims the data directory, starts the stores that are not given from outside and gives every service its database.
 * @throws DATA_DIR_IN_USE and every error of startPostgres and startRedis; nothing is left running then
 */
export async function startStores(options: StoresOptions, report: StoreReport): Promise<Stores> {
  const { layout } = options;
  if (layout.ephemeral) await sweepEphemeral(EPHEMERAL_PREFIX);
  const user = prepareLayout(layout);
  const lock = acquireLock(layout.lockFile, `The data directory ${layout.dataDir}`);
  const end = () => {
    if (layout.ephemeral) removeLayout(layout);
    lock.release();
  };
  try {
    const secrets = openSecrets(layout.secretsFile);
    const outside = outsideDatabases(options.environment);
    const own = DATABASE_SERVICES.filter((service) => outside[service] === undefined);
    const { REDIS_URL } = options.environment;
    const servers = await startServers(
      {
        ...{ layout, secrets, user, isDurable: true },
        postgresPort: own.length > 0 ? (options.postgresPort ?? POSTGRES_PORT) : undefined,
        redisPort: REDIS_URL ? undefined : (options.redisPort ?? REDIS_PORT),
      },
      report,
    );
    const { embedded, urls, readUrls } = await provision(servers, own, secrets);
    const redis = servers.redis ?? { url: REDIS_URL ?? '', why: 'REDIS_URL is set' };
    const postgresWhy = embedded === undefined ? 'every *_DATABASE_URL is set' : embedded.why;
    tell(report, servers, outside, redis.why);
    return {
      ...{ secrets, crashed: servers.crashed },
      postgres: { embedded, adminUrl: embedded?.adminUrl, why: postgresWhy },
      redis: { embedded: servers.redis, url: redis.url, why: redis.why },
      databases: perService((service) => outside[service] ?? urls[service]),
      verifyUrls: perService(
        (service) => readUrls[service] ?? options.environment[`${service.toUpperCase()}_VERIFY_URL`] ?? outside[service],
      ),
      close: once(() => servers.stop().finally(end)),
    };
  } catch (error) {
    end();
    throw error;
  }
}

type Urls = Partial<Record<DatabaseService, string>>;

function outsideDatabases(environment: StoresOptions['environment']): Urls {
  const given = DATABASE_SERVICES.map((service) => [service, environment[`${service.toUpperCase()}_DATABASE_URL`]] as const);
  return Object.fromEntries(given.filter(([, url]) => Boolean(url)));
}

async function provision(
  { postgres, stop }: Servers,
  services: readonly DatabaseService[],
  secrets: Secrets,
): Promise<{ embedded: RunningPostgres | undefined; urls: Urls; readUrls: Urls }> {
  if (postgres === undefined) return { embedded: undefined, urls: {}, readUrls: {} };
  try {
    await closeSystemDatabases(postgres.adminUrl);
    const made = await Promise.all(services.map((service) => provisionDatabase(postgres.adminUrl, service, secrets.passwords[service])));
    const readUrls: Urls = await provisionReader(postgres.adminUrl, READER_ROLE, secrets.passwords.verify, services);
    return { embedded: postgres, urls: Object.fromEntries(made.map(({ database, url }) => [database, url])), readUrls };
  } catch (error) {
    await stop();
    throw error;
  }
}

function tell(report: StoreReport, { postgres, redis }: Servers, outside: Urls, redisWhy: string): void {
  if (postgres !== undefined) report('postgres', `PostgreSQL ${postgres.version} on ${LOOPBACK}:${postgres.port}, from ${postgres.why}`);
  for (const service of Object.keys(outside)) report(service, `its own database, because ${service.toUpperCase()}_DATABASE_URL is set`);
  report(
    'redis',
    redis === undefined
      ? `an outside server, because ${redisWhy}`
      : `Redis ${redis.version} on ${LOOPBACK}:${redis.port}, from ${redis.why}`,
  );
}

function perService(url: (service: DatabaseService) => string | undefined): Record<DatabaseService, string> {
  return Object.fromEntries(DATABASE_SERVICES.map((service) => [service, url(service) ?? ''])) as Record<DatabaseService, string>; // One entry per service.
}
