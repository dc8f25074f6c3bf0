import { join } from 'node:path';
import {
  createSubgraphs,
  EPHEMERAL_PREFIX,
  findFreePort,
  resolveLayout,
  serviceEnvironment,
  startGateway,
  startMailbox,
  startStores,
  startSubgraphs,
} from '@tessera/local';
import type { StackFacts } from './stack.ts';

/**
 * The whole platform in one process, as `npm start` runs it, without seed. At a second port there is the same once more over a ledger that makes
 * a transaction of every transfer, on the same database.
 */
const ONE_BY_ONE = { LEDGER_ENGINE_BATCH_SIZE: '1', LEDGER_ENGINE_LANES: '16' };

const layout = resolveLayout({ ephemeralPrefix: EPHEMERAL_PREFIX });
const stores = await startStores({ layout, environment: {}, postgresPort: 0, redisPort: 0 }, () => undefined);
const closers: (() => Promise<unknown>)[] = [() => stores.close()];
process.once('disconnect', () => void end());

const [smtpPort, httpPort, port, singlePort] = await Promise.all([0, 0, 0, 0].map(findFreePort));
const mailbox = await startMailbox({ smtpPort: smtpPort ?? 0, httpPort: httpPort ?? 0 });
closers.push(() => mailbox.close());
const environment = (gatewayPort: number): NodeJS.ProcessEnv =>
  serviceEnvironment(
    {
      ...{ secrets: stores.secrets, databases: stores.databases, redisUrl: stores.redis.url, smtpUrl: mailbox.smtpUrl, gatewayPort },
      ...{ subgraphPorts: {}, logFile: join(layout.logsDir, 'bench.log') },
    },
    { ...process.env, LOG_LEVEL: 'error' },
  );

const hosted = await createSubgraphs(environment(port ?? 0));
for (const subgraph of Object.values(hosted)) await subgraph.migrate();
const running = await startSubgraphs(hosted);
closers.push(() => running.close());
const gateway = await startGateway(environment(port ?? 0), hosted, {});
closers.push(() => gateway.close());

const { ledger } = await createSubgraphs({ ...environment(singlePort ?? 0), ...ONE_BY_ONE });
const single = await startGateway(environment(singlePort ?? 0), { ...hosted, ledger }, {});
let ending: Promise<void> | undefined;
const endSingle = (): Promise<void> => {
  ending ??= single.close().then(() => ledger.close());
  return ending;
};
closers.push(endSingle);
process.once('message', () => void endSingle().then(() => process.send?.('alone')));

process.send?.({
  ports: { batching: port ?? 0, single: singlePort ?? 0 },
  databases: { ledger: stores.databases.ledger, payments: stores.databases.payments, users: stores.databases.users },
  verifyUrls: stores.verifyUrls,
  secretsFile: layout.secretsFile,
  postgresPid: stores.postgres.embedded?.pid ?? 0,
  redisPid: stores.redis.embedded?.pid ?? 0,
  adminUrl: stores.postgres.adminUrl ?? '',
} satisfies StackFacts);

async function end(): Promise<never> {
  for (const close of closers.reverse()) await close().catch((error: unknown) => console.error(error));
  process.exit(0);
}
