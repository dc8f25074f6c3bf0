import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from './build-step.ts';
import { type Cards, startCards } from './cards.ts';
import { gatewayUrl, serviceEnvironment } from './environment.ts';
import { LocalError, messageOf } from './errors.ts';
import { createSubgraphs, type Hosted, type RunningGateway, startGateway, startSubgraphs } from './host.ts';
import { landingOf } from './landing.ts';
import { EPHEMERAL_PREFIX, type Layout, resolveLayout } from './layout.ts';
import { type Mailbox, startMailbox } from './mailbox/mailbox.ts';
import { once } from './once.ts';
import type { StartOptions } from './options.ts';
import { findFreePort, POSTGRES_PORT, REDIS_PORT, type ReservedPort, reservePort, STRIPE_SIMULATOR_PORT } from './ports.ts';
import { seedOnce } from './seed/seed.ts';
import { removeState, writeState } from './state.ts';
import { type Stores, startStores } from './stores.ts';

const SUBGRAPH_PORTS = { users: 4_001, catalog: 4_002, orders: 4_003, payments: 4_004, ledger: 4_005 } as const;
const MAILBOX_PORT = 4_080;
const SMTP_PORT = 4_025;
const CLOSE_PART_TIMEOUT_MS = 12_000;

/** One named step with its notes, as the display shows it. */
export type Step = <T>(title: string, work: (note: (text: string) => void) => Promise<T>) => Promise<T>;

export interface Stack {
  readonly url: string;
  readonly mailbox: Mailbox;
  readonly cards: Cards;
  readonly stores: Stores;
  readonly layout: Layout;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Ends everything in order: gateway, subgraphs, Stripe simulator, mailbox, stores. */
  close(): Promise<void>;
}

/** Starts the whole platform in this process. When a step fails, what was started before it is ended before the error is passed on. */
export async function startStack(options: StartOptions, environment: NodeJS.ProcessEnv, step: Step): Promise<Stack> {
  const layout = resolveLayout({
    ...(options.dataDir ? { dataDir: options.dataDir } : {}),
    ...(options.isEphemeral ? { ephemeralPrefix: EPHEMERAL_PREFIX } : {}),
  });
  const closers: (() => Promise<void>)[] = [];
  const close = once(async () => {
    const failures: string[] = [];
    for (const closer of closers.reverse()) await closeWithin(closer).catch((error: unknown) => failures.push(messageOf(error)));
    if (failures.length > 0) throw new LocalError('CLOSE_INCOMPLETE', failures.join('; '));
  });
  try {
    return await startInOrder({ options, environment, layout, step, closers, close });
  } catch (error) {
    await close();
    throw error;
  }
}

/** A part that hangs must not keep the next ones, the stores above all, from being ended. */
async function closeWithin(closer: () => Promise<void>): Promise<void> {
  const timer = new AbortController();
  const tooLong = sleep(CLOSE_PART_TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`a part did not end within ${CLOSE_PART_TIMEOUT_MS} ms`);
  });
  tooLong.catch(() => undefined);
  await Promise.race([closer(), tooLong]).finally(() => timer.abort());
}

interface Parts {
  readonly options: StartOptions;
  readonly environment: NodeJS.ProcessEnv;
  readonly layout: Layout;
  readonly step: Step;
  readonly closers: (() => Promise<void>)[];
  readonly close: () => Promise<void>;
}

async function startInOrder({ options, environment, layout, step, closers, close }: Parts): Promise<Stack> {
  const beginnings = [
    step('Stores', async (note) => {
      const ports = { postgresPort: preferred(POSTGRES_PORT, options), redisPort: preferred(REDIS_PORT, options) };
      const started = await startStores({ layout, environment, ...ports }, (store, message) => note(`${store}: ${message}`));
      closers.push(() => started.close());
      note(storesLine(started));
      return started;
    }),
    step('Build', () => build(layout.checkout)),
  ] as const;
  await Promise.allSettled(beginnings); // stores that come up after a build has failed must be ended too
  const [stores] = await Promise.all(beginnings);
  const mailbox = await startMailbox({
    smtpPort: await findFreePort(preferred(SMTP_PORT, options)),
    httpPort: await findFreePort(preferred(MAILBOX_PORT, options)),
  });
  closers.push(() => mailbox.close());

  const logFile = join(layout.logsDir, 'tessera.log');
  const ports = await reservePorts(options);
  closers.push(() => ports.release());
  const cards = await step('Cards', async (note) => {
    const begun = await startCards({
      ...{ environment, layout, port: preferred(STRIPE_SIMULATOR_PORT, options) },
      webhook: { url: `${gatewayUrl(ports.gateway.port)}/webhooks/stripe`, secret: stores.secrets.passwords.stripeWebhook },
    });
    closers.push(() => begun.close());
    note(begun.why);
    return begun;
  });
  const env = environmentOf({ environment, stores, mailbox, logFile, ports, cards });
  const hosted = await step('Migrations', () => migrated(env));
  await Promise.all(Object.values(ports.subgraphs).map(({ release }) => release()));
  const subgraphs = await step('Subgraphs', () => startSubgraphs(hosted));
  closers.push(() => subgraphs.close());
  if (options.hasSeed) await step('Seed', (note) => seedOnce(hosted, layout.dataDir, note));
  await ports.gateway.release();
  const landing = landingOf({ mailboxUrl: mailbox.url, cards, stores, hosted, subgraphUrls: subgraphs.urls, hasSeed: options.hasSeed });
  const gateway = await step('Gateway', () => startGateway(env, hosted, landing));
  closers.push(() => gateway.close());
  announce({ layout, gateway, mailbox, cards, stores, urls: subgraphs.urls });
  closers.push(async () => removeState(layout.dataDir));
  return { url: gateway.url, mailbox, cards, stores, layout, subgraphUrls: subgraphs.urls, logFile, close };
}

/** `--port 0` asks for any port for everything: stacks that start at the same time do not choose the same ones. */
function preferred(port: number, options: StartOptions): number {
  return options.port === 0 ? 0 : port;
}

function storesLine({ postgres, redis }: Stores): string {
  const where = (url: string | undefined) => (url ? new URL(url).host : 'given by *_DATABASE_URL');
  return `PostgreSQL at ${where(postgres.adminUrl)}, Redis at ${where(redis.url)}`;
}

async function migrated(env: NodeJS.ProcessEnv): Promise<Hosted> {
  const hosted = await createSubgraphs(env);
  await Promise.all(Object.values(hosted).map((subgraph) => subgraph.migrate()));
  return hosted;
}

interface Ports {
  readonly gateway: ReservedPort;
  readonly subgraphs: Readonly<Record<string, ReservedPort>>;
  release(): Promise<void>;
}

async function reservePorts(options: StartOptions): Promise<Ports> {
  const gateway = await reservePort(options.port);
  const held: (readonly [string, ReservedPort])[] = [];
  for (const [service, usual] of Object.entries(SUBGRAPH_PORTS)) held.push([service, await reservePort(preferred(usual, options))]);
  const release = once(async () => {
    await Promise.all([gateway, ...held.map(([, reserved]) => reserved)].map((reserved) => reserved.release()));
  });
  return { gateway, subgraphs: Object.fromEntries(held), release };
}

interface EnvironmentParts {
  readonly environment: NodeJS.ProcessEnv;
  readonly stores: Stores;
  readonly mailbox: Mailbox;
  readonly cards: Cards;
  readonly logFile: string;
  readonly ports: Ports;
}

function environmentOf({ environment, stores, mailbox, cards, logFile, ports }: EnvironmentParts): NodeJS.ProcessEnv {
  const parts = { secrets: stores.secrets, databases: stores.databases, redisUrl: stores.redis.url, smtpUrl: mailbox.smtpUrl };
  const subgraphPorts = Object.fromEntries(Object.entries(ports.subgraphs).map(([service, { port }]) => [service, port]));
  return serviceEnvironment({ ...parts, gatewayPort: ports.gateway.port, subgraphPorts, cards: cards.variables, logFile }, environment);
}

interface Announced {
  readonly layout: Layout;
  readonly gateway: RunningGateway;
  readonly mailbox: Mailbox;
  readonly cards: Cards;
  readonly stores: Stores;
  readonly urls: Readonly<Record<string, string>>;
}

function announce({ layout, gateway, mailbox, cards, stores, urls }: Announced): void {
  writeState(layout.dataDir, {
    pid: process.pid,
    url: gateway.url,
    mailboxUrl: mailbox.url,
    smtpUrl: mailbox.smtpUrl,
    databases: stores.databases,
    verifyUrls: stores.verifyUrls,
    redisUrl: stores.redis.url,
    ...(cards.simulatorUrl && { stripeSimulatorUrl: cards.simulatorUrl }),
    subgraphs: urls,
  });
}
