import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  EPHEMERAL_PREFIX,
  findFreePort,
  type KeptProcess,
  resolveLayout,
  runKept,
  type Stores,
  serviceEnvironment,
  startStores,
} from '@tessera/local';
import { withClient } from '../ledger/books.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const ANY_PORT = 0;
const READY_WITHIN_MS = 60_000;
const POLL_MS = 200;
export const WEBHOOK_SECRET = 'whsec_bench_00000000000000000000';
const SECRET_KEY = 'sk_test_simulator';
const SUBGRAPHS = ['users', 'catalog', 'orders', 'payments', 'ledger'] as const;

/** The way of a webhook as it is deployed: gateway, payments and the provider in processes of their own, on stores that sync to disk. */
export interface BenchedPlatform {
  readonly webhookUrl: string;
  readonly simulatorUrl: string;
  readonly secretKey: string;
  /** In the database of payments. */
  ask(sql: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  readonly postgresVersion: string;
  close(): Promise<void>;
}

export async function startBenchedPlatform(): Promise<BenchedPlatform> {
  const layout = resolveLayout({ ephemeralPrefix: EPHEMERAL_PREFIX });
  const stores = await startStores({ layout, environment: {}, postgresPort: ANY_PORT, redisPort: ANY_PORT }, () => undefined);
  const running: KeptProcess[] = [];
  const close = async () => {
    await Promise.all(running.map((kept) => kept.end()));
    await stores.close();
  };
  const keep = async (name: string, script: string, flags: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
    const command = [process.execPath, '--no-warnings', join(ROOT, script), ...flags];
    const kept = await runKept(command, { logFile: join(layout.logsDir, `${name}.out`), environment, cwd: ROOT });
    running.push(kept);
    return kept;
  };
  try {
    const simulator = await keep('simulator', 'infra/simulators/stripe/dist/main.js', ['--port', '0', '--seed', '1']);
    const [, simulatorUrl = ''] = await simulator.prints(/^Stripe simulator: (\S+)/m, READY_WITHIN_MS);
    const ports = Object.fromEntries(await Promise.all(SUBGRAPHS.map(async (name) => [name, await findFreePort(ANY_PORT)] as const)));
    const gatewayPort = await findFreePort(ANY_PORT);
    const environment = environmentOf(stores, { ports, gatewayPort, simulatorUrl, logFile: join(layout.logsDir, 'bench.log') });
    await keep('payments', 'subgraphs/payments/dist/main.js', [], environment);
    await answers(`http://127.0.0.1:${ports.payments}/health/ready`, 'GET', 200);
    await keep('gateway', 'gateway/dist/main.js', [], environment);
    const webhookUrl = `http://127.0.0.1:${gatewayPort}/webhooks/stripe`;
    await answers(webhookUrl, 'POST', 400); // what is not signed is refused: both are there
    const ask: BenchedPlatform['ask'] = (sql, parameters = []) =>
      withClient(stores.databases.payments, async (client) => (await client.query(sql, [...parameters])).rows);
    const [row] = await ask('show server_version');
    return { webhookUrl, simulatorUrl, secretKey: SECRET_KEY, ask, postgresVersion: String(row?.server_version), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Parts {
  readonly ports: Readonly<Record<string, number>>;
  readonly gatewayPort: number;
  readonly simulatorUrl: string;
  readonly logFile: string;
}

function environmentOf({ secrets, databases, redis }: Stores, { ports, gatewayPort, simulatorUrl, logFile }: Parts): NodeJS.ProcessEnv {
  const urls = Object.entries(ports).map(([service, port]) => [`${service.toUpperCase()}_URL`, `http://127.0.0.1:${port}`]);
  const common = { secrets, databases, redisUrl: redis.url, smtpUrl: 'smtp://127.0.0.1:1', subgraphPorts: ports, gatewayPort, logFile };
  return {
    ...serviceEnvironment(common, {}),
    ...Object.fromEntries(urls),
    ...{ STRIPE_SECRET_KEY: SECRET_KEY, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET, STRIPE_API_BASE: simulatorUrl },
    ...{ PAYMENTS_PROVIDER_POLL_MS: '600000', LOG_LEVEL: 'warn' },
  };
}

async function answers(url: string, method: string, status: number): Promise<void> {
  for (const giveUpAt = Date.now() + READY_WITHIN_MS; ; await sleep(POLL_MS)) {
    const seen = await fetch(url, { method, ...(method === 'POST' && { body: '{}' }) }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (seen === status) return;
    if (Date.now() > giveUpAt) throw new Error(`${url} does not answer ${status}, but ${seen}.`);
  }
}
