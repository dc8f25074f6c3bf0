import { sweepEphemeral } from './ephemeral.ts';
import { prepareLayout, removeLayout, resolveLayout, TEST_PREFIX } from './layout.ts';
import { acquireLock } from './lock.ts';
import { once } from './once.ts';
import { closeSystemDatabases } from './postgres/provision.ts';
import { openSecrets } from './secrets.ts';
import { startServers } from './servers.ts';

export interface TestStores {
  /** PostgreSQL as administrator: suites create their own databases, e.g. with provisionDatabase. */
  readonly adminUrl: string;
  readonly redisUrl: string;
  /** Ends both servers and removes every file. Safe to call again. */
  close(): Promise<void>;
}

export interface TestStoresOptions {
  readonly checkout?: string;
  readonly report?: (store: string, message: string) => void;
}

/**
 * Throw-away stores on ports of their own, beside whatever else runs. Postgres does not sync to disk here (fsync and
 * full_page_writes off, synchronous_commit on): only a power cut could tell. What a killed test run has left is swept
 * first.
 */
export async function startTestStores({ checkout, report = () => {} }: TestStoresOptions = {}): Promise<TestStores> {
  await sweepEphemeral(TEST_PREFIX);
  const layout = resolveLayout({ ephemeralPrefix: TEST_PREFIX, ...(checkout === undefined ? {} : { checkout }) });
  const user = prepareLayout(layout);
  const lock = acquireLock(layout.lockFile, layout.dataDir);
  const end = () => {
    removeLayout(layout);
    lock.release();
  };
  try {
    const secrets = openSecrets(layout.secretsFile);
    const servers = await startServers({ layout, secrets, user, postgresPort: 0, redisPort: 0, isDurable: false }, report);
    const { adminUrl } = servers.postgres ?? { adminUrl: '' };
    const close = once(() => servers.stop().finally(end));
    await closeSystemDatabases(adminUrl).catch((error) => close().then(() => Promise.reject(error)));
    return { adminUrl, redisUrl: servers.redis?.url ?? '', close };
  } catch (error) {
    end();
    throw error;
  }
}
