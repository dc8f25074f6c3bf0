import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EPHEMERAL_PREFIX, findFreePort, type KeptProcess, type Layout, type ProgramOptions, resolveLayout, runKept } from '@tessera/local';
import { connectControl, type SimulatorControl } from '@tessera/stripe-simulator';
import { lookUntil } from '../patience.ts';
import { type Databases, openDatabases } from './databases.ts';
import { type Addresses, environmentOf, type Pace, type ServiceName, SUBGRAPHS, webhookOf } from './environment.ts';
import type { Inhabitants } from './seed-world.ts';
import { type StoredWorld, type StoresOrder, WORLD_FILE } from './stored-world.ts';

const STORES_PROGRAM = fileURLToPath(new URL('stores-program.ts', import.meta.url));
const STORES_WITHIN_MS = 120_000;
const READY_WITHIN_MS = 45_000;
const HEALTH_WITHIN_MS = 2_000;
/** Webhooks that nobody takes are sent again soon, for as long as a run may last. */
const RETRY_DELAYS_MS = [200, 400, 800, ...Array.from({ length: 300 }, () => 1_500)];

export interface WorldOptions {
  readonly seed: number;
  readonly buyers: number;
  readonly pace: Pace;
  /** Data and logs stay behind. */
  readonly keep?: boolean;
  readonly note?: (text: string) => void;
}

/** The platform as it is deployed, every service and the provider a process of its own, on free ports of the loopback interface. */
export interface World extends Inhabitants {
  /** Of the gateway. */
  readonly url: string;
  readonly dataDir: string;
  readonly simulator: SimulatorControl;
  readonly databases: Databases;
  readonly verifyUrls: StoredWorld['verifyUrls'];
  /** The process that runs now, or ran last. */
  service(name: ServiceName): KeptProcess;
  /** As a crash: nothing gets to clean up. */
  kill(name: ServiceName): Promise<void>;
  /** The same again on the same port, in place of the one that runs. */
  restart(name: ServiceName, environment?: NodeJS.ProcessEnv): Promise<void>;
  /** As of the beginning. */
  end(): Promise<void>;
}

/** A world that is starting: it can be ended at any moment, whatever is there by then. */
export interface BeginningWorld {
  /** @throws after having ended what was started, when something does not start */
  readonly started: Promise<World>;
  /** Everything that was started, and the data with it. Safe to call again. */
  end(): Promise<void>;
}

export function beginWorld(options: WorldOptions): BeginningWorld {
  const layout = layoutOf(options.keep ?? false);
  const running = new Map<string, KeptProcess>();
  let ending: Promise<void> | undefined;
  const keep: Keep = async (name, command, how) => {
    const kept = await runKept([process.execPath, '--no-warnings', ...command], { cwd: layout.checkout, ...how });
    running.set(name, kept);
    if (ending) await kept.end();
    return kept;
  };
  const end = () => {
    ending ??= endAll(running);
    return ending;
  };
  const started = start({ layout, running, keep, end }, options).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  return { started, end };
}

export async function startWorld(options: WorldOptions): Promise<World> {
  return beginWorld(options).started;
}

type Keep = (name: string, command: readonly string[], how: Pick<ProgramOptions, 'logFile' | 'environment'>) => Promise<KeptProcess>;

/** The stores last: whoever ends in order still writes. */
async function endAll(running: ReadonlyMap<string, KeptProcess>): Promise<void> {
  const others = [...running].filter(([name]) => name !== 'stores').map(([, kept]) => kept.end());
  await Promise.all(others);
  await running.get('stores')?.end();
}

interface Beginning {
  readonly layout: Layout;
  readonly running: Map<string, KeptProcess>;
  readonly keep: Keep;
  readonly end: () => Promise<void>;
}

async function start(beginning: Beginning, { seed, buyers, pace, note = () => undefined }: WorldOptions): Promise<World> {
  const { layout, keep } = beginning;
  note('stores');
  const stored = await startStoresProgram(beginning, buyers);
  note('services');
  const addresses = await startSimulatorProgram(beginning, seed);
  const startService = async (name: ServiceName, environment: NodeJS.ProcessEnv = {}) => {
    const kept = await keep(name, [name === 'gateway' ? 'gateway/dist/main.js' : `subgraphs/${name}/dist/main.js`], {
      logFile: join(layout.logsDir, `${name}.out`),
      environment: { ...environmentOf(name, stored, { layout, pace, addresses }), ...environment },
    });
    const port = name === 'gateway' ? addresses.gatewayPort : addresses.subgraphPorts[name];
    await isReady(`http://127.0.0.1:${port}`, name, kept);
  };
  await Promise.all(SUBGRAPHS.map((name) => startService(name)));
  await startService('gateway');
  return worldOf({ ...beginning, stored, addresses, startService });
}

interface Parts extends Beginning {
  readonly stored: StoredWorld;
  readonly addresses: Addresses;
  readonly startService: (name: ServiceName, environment?: NodeJS.ProcessEnv) => Promise<void>;
}

function worldOf({ layout, stored, addresses, running, startService, end }: Parts): World {
  const databases = openDatabases(stored);
  const service = (name: ServiceName): KeptProcess => {
    const kept = running.get(name);
    if (!kept) throw new Error(`${name} was never started.`);
    return kept;
  };
  const kill = async (name: ServiceName) => {
    service(name).signal('SIGKILL');
    await service(name).ended;
  };
  return {
    ...stored.inhabitants,
    ...{ databases, service, kill, verifyUrls: stored.verifyUrls, dataDir: layout.dataDir },
    url: `http://127.0.0.1:${addresses.gatewayPort}`,
    simulator: connectControl(addresses.simulatorUrl),
    restart: async (name, environment) => {
      await kill(name);
      await startService(name, environment);
    },
    end: async () => {
      await databases.close().finally(end);
    },
  };
}

function layoutOf(keep: boolean): Layout {
  const kept = join(tmpdir(), `tessera-chaos-${new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)}-${process.pid}`);
  return resolveLayout(keep ? { dataDir: kept } : { ephemeralPrefix: EPHEMERAL_PREFIX });
}

async function startStoresProgram({ layout, keep }: Beginning, buyers: number): Promise<StoredWorld> {
  const logFile = `${layout.dataDir}.log`;
  const order: StoresOrder = { layout, buyers };
  const kept = await keep('stores', [STORES_PROGRAM, JSON.stringify(order)], {
    logFile,
    environment: layout.ephemeral ? { REMOVED_WITH_IT: logFile } : {},
  });
  await kept.prints(/^world is ready$/m, STORES_WITHIN_MS);
  return JSON.parse(readFileSync(join(layout.dataDir, WORLD_FILE), 'utf8')) as StoredWorld; // written by the program
}

async function startSimulatorProgram({ layout, keep }: Beginning, seed: number): Promise<Addresses> {
  const gatewayPort = await findFreePort(0);
  const ports = await Promise.all(SUBGRAPHS.map(async (name) => [name, await findFreePort(0)] as const));
  const { url, secret } = webhookOf(gatewayPort);
  const webhook = ['--webhook-url', url, '--webhook-secret', secret, '--retry-delays-ms', RETRY_DELAYS_MS.join()];
  const kept = await keep('simulator', ['infra/simulators/stripe/dist/main.js', '--port', '0', '--seed', `${seed}`, ...webhook], {
    logFile: join(layout.logsDir, 'simulator.out'),
  });
  const [, simulatorUrl = ''] = await kept.prints(/^Stripe simulator: (\S+)/m, READY_WITHIN_MS);
  const subgraphPorts = Object.fromEntries(ports) as Addresses['subgraphPorts']; // one entry per subgraph
  return { gatewayPort, subgraphPorts, simulatorUrl };
}

async function isReady(url: string, name: string, kept: KeptProcess): Promise<void> {
  const look = async () =>
    kept.endedBy() === null ? (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(HEALTH_WITHIN_MS) })).status : 'ended';
  const seen = await lookUntil(look, (status) => status === 200 || status === 'ended', READY_WITHIN_MS);
  if (seen !== 200) throw new Error(`${name} is not ready (${seen}):\n${kept.output().slice(-2_000)}`);
}
