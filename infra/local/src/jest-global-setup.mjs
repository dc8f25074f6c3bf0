import { startTestStores } from './test-stores.ts';

/** Starts the test stores once per run. Given ones (both variables set) are used as they are. */
export default async function setUp() {
  if (process.env.TESSERA_TEST_POSTGRES_URL && process.env.TESSERA_TEST_REDIS_URL) return;
  const stores = await startTestStores();
  process.env.TESSERA_TEST_POSTGRES_URL = stores.adminUrl;
  process.env.TESSERA_TEST_REDIS_URL = stores.redisUrl;
  globalThis.tesseraTestStores = stores;
  // Jest does not tear down when interrupted.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => stores.close().finally(() => process.kill(process.pid, signal)));
  }
}
