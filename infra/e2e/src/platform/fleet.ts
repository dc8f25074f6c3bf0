import { join } from 'node:path';
import { findFreePort, type KeptProcess, openSecrets, runKept, serviceEnvironment, simulatorVariables } from '@tessera/local';
import { eventually } from '../graph/eventually.ts';
import { CHECKOUT, LOGS, type Platform } from './platform.ts';

export const SUBGRAPHS = ['users', 'catalog', 'orders', 'payments', 'ledger'] as const;
export type Subgraph = (typeof SUBGRAPHS)[number];
const READY_WITHIN_MS = 90_000;
const HEALTH_WITHIN_MS = 2_000;

/** The platform as it is deployed: every service a process of its own, the gateway reaching them over HTTP, all in production mode. */
export interface Fleet {
  /** Of its gateway. */
  readonly url: string;
  /** As a crash: nothing gets to clean up. */
  kill(name: Subgraph): Promise<void>;
  /** The same again, on the same port. */
  restart(name: Subgraph): Promise<void>;
  /** By SIGTERM, all of them; answers their exit codes. */
  end(): Promise<readonly number[]>;
}

/** Beside the services that a stack hosts in its one process, over the same stores: two of each, as behind a load balancer. */
export async function startFleet(platform: Platform): Promise<Fleet> {
  const subgraphPorts = Object.fromEntries(await Promise.all(SUBGRAPHS.map(async (name) => [name, await findFreePort(0)] as const)));
  const gatewayPort = await findFreePort(0);
  const environment = environmentOf(platform, gatewayPort, subgraphPorts);
  const running = new Map<string, KeptProcess>();
  const start = async (name: Subgraph | 'gateway') => {
    const program = name === 'gateway' ? 'gateway/dist/main.js' : `subgraphs/${name}/dist/main.js`;
    const logFile = join(LOGS, `${name}-${process.pid}.log`);
    running.set(name, await runKept([process.execPath, '--no-warnings', program], { cwd: CHECKOUT, logFile, environment }));
    await isReady(`http://127.0.0.1:${name === 'gateway' ? gatewayPort : subgraphPorts[name]}`, running.get(name));
  };
  const end = async () => {
    const all = [...running.values()];
    for (const each of all) each.signal('SIGTERM');
    return Promise.all(all.map(({ ended }) => ended));
  };
  try {
    await Promise.all(SUBGRAPHS.map((name) => start(name)));
    await start('gateway');
  } catch (error) {
    await Promise.all([...running.values()].map((each) => each.end()));
    throw error;
  }
  return {
    url: `http://127.0.0.1:${gatewayPort}`,
    kill: async (name) => {
      const killed = running.get(name);
      killed?.signal('SIGKILL');
      await killed?.ended;
      running.delete(name);
    },
    restart: start,
    end,
  };
}

function environmentOf(platform: Platform, gatewayPort: number, subgraphPorts: Readonly<Record<string, number>>): NodeJS.ProcessEnv {
  const { databases, redisUrl, smtpUrl, dataDir, stripeSimulatorUrl } = platform;
  const secrets = openSecrets(join(dataDir, 'secrets.json'));
  const urls = Object.entries(subgraphPorts).map(([name, port]) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${port}`]);
  const logFile = join(dataDir, 'logs', 'fleet.log');
  // Its payments takes a share of what the customers of the stack pay, and must do it alike.
  const cards = stripeSimulatorUrl ? simulatorVariables(stripeSimulatorUrl, secrets.passwords.stripeWebhook) : {};
  return {
    ...serviceEnvironment({ secrets, databases, redisUrl, smtpUrl, gatewayPort, subgraphPorts, cards, logFile }, {}),
    PAYMENTS_RETURN_URL: `${platform.url}/pay/return`,
    ...Object.fromEntries(urls),
    NODE_ENV: 'production',
    // The suites ask what no client of ours asks.
    GATEWAY_OPERATIONS: 'open',
  };
}

async function isReady(url: string, kept: KeptProcess | undefined): Promise<void> {
  const look = async () => {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(HEALTH_WITHIN_MS) }).catch(() => null);
    return answer?.status ?? 0;
  };
  await eventually(look, (status) => status === 200, READY_WITHIN_MS).catch((cause: unknown) => {
    throw new Error(`${url} is not ready:\n${kept?.output().slice(-2_000)}`, { cause });
  });
}
