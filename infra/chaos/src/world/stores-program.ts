import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createSubgraphs,
  findFreePort,
  type Mailbox,
  type Stores,
  serviceEnvironment,
  startMailbox,
  startStores,
  startSubgraphs,
} from '@tessera/local';
import { type Inhabitants, seedWorld } from './seed-world.ts';
import { type StoredWorld, type StoresOrder, WORLD_FILE } from './stored-world.ts';

/**
 * `stores-program.ts <json of StoresOrder>`: the stores and the mailbox of a world, migrated and seeded. Tells that it is ready, and is then
 * there until SIGTERM, with which everything that it made goes.
 */
const ANY_PORT = 0;
const OWNER_ONLY = 0o600;

const { layout, buyers } = JSON.parse(process.argv[2] ?? '') as StoresOrder; // written by world.ts
const ending = Promise.withResolvers<void>();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.resolve());
await main();

async function main(): Promise<void> {
  const stores = await startStores({ layout, environment: {}, postgresPort: ANY_PORT, redisPort: ANY_PORT }, () => undefined);
  try {
    const mailbox = await startMailbox({ smtpPort: await findFreePort(ANY_PORT), httpPort: await findFreePort(ANY_PORT) });
    await Promise.race([serve(stores, mailbox), ending.promise]);
    await mailbox.close();
  } finally {
    await stores.close();
  }
  process.exit(0); // pools of the seeding may linger
}

/** Settles only when a store ends unasked. */
async function serve({ secrets, databases, verifyUrls, redis, crashed }: Stores, { smtpUrl }: Mailbox): Promise<void> {
  const redisUrl = redis.url;
  const env = serviceEnvironment(
    {
      ...{ secrets, databases, redisUrl, smtpUrl, subgraphPorts: {}, gatewayPort: await findFreePort(ANY_PORT) },
      logFile: join(layout.logsDir, 'seed.log'),
    },
    {},
  );
  const world: StoredWorld = { databases, verifyUrls, redisUrl, smtpUrl, inhabitants: await seeded(env) };
  writeFileSync(join(layout.dataDir, WORLD_FILE), JSON.stringify(world), { mode: OWNER_ONLY });
  console.log('world is ready');
  console.error(await crashed);
}

async function seeded(env: NodeJS.ProcessEnv): Promise<Inhabitants> {
  const hosted = await createSubgraphs(env);
  await Promise.all(Object.values(hosted).map((subgraph) => subgraph.migrate()));
  const running = await startSubgraphs(hosted);
  try {
    return await seedWorld(hosted, buyers);
  } finally {
    await running.close();
  }
}
