import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Account, readSetting } from './account/account.ts';
import { createClock } from './account/clock.ts';
import { createIds } from './account/ids.ts';
import { characters } from './account/random.ts';
import { createStore } from './account/store.ts';
import { createIdempotency } from './api/idempotency.ts';
import { type ControlContext, createControl } from './control/control.ts';
import type { SimulatorControl } from './control/types.ts';
import { configureWebhook } from './control/webhook-control.ts';
import { createFaultInjector } from './faults/injector.ts';
import type { FaultPlan } from './faults/plan.ts';
import { createRequestListener } from './server.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { createDispatcher, type Dispatcher } from './webhooks/dispatcher.ts';

const LOOPBACK = '127.0.0.1';
const DEFAULT_SEED = 1;
const REQUEST_ID_CHARACTERS = 14;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The first try is at once; these follow it over three days. */
const STRIPE_RETRY_DELAYS_MS: readonly number[] = [
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  ...Array.from({ length: 4 }, () => 12 * HOUR_MS),
];

export interface SimulatorOptions {
  /** 0: any. */
  readonly port: number;
  /** Default `sk_test_simulator`. */
  readonly secretKey?: string;
  /** Default `pk_test_simulator`. */
  readonly publishableKey?: string;
  /** Of ids and fault plan; default 1. */
  readonly seed?: number;
  /** A first endpoint, made when none has this URL. */
  readonly webhook?: { readonly url: string; readonly secret: string };
  readonly faults?: Partial<FaultPlan>;
  /** Append-only journal: objects survive a restart and a kill; without it all is in memory only. */
  readonly dataFile?: string;
  /** How long a webhook waits after its first, second, … failed try; it is given up after the last. Default: Stripe's, over three days. */
  readonly retryDelaysMs?: readonly number[];
}

export interface RunningSimulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  /** The same as the HTTP control API, in process. */
  readonly control: SimulatorControl;
  close(): Promise<void>;
}

/** Listens on the loopback interface when it returns. @throws what listening or the data file throws */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const { port, secretKey = 'sk_test_simulator', publishableKey = 'pk_test_simulator', seed = DEFAULT_SEED } = options;
  const account = openAccount(options, seed);
  const parts = createParts(account, options);
  const control = createControl(parts);
  let requests = 0;
  const nextRequestId = (): string => {
    requests += 1;
    return `req_${characters(seed, 'req', requests, REQUEST_ID_CHARACTERS)}`;
  };
  const { dispatcher, timeline } = parts;
  const server = createServer(
    createRequestListener({
      account,
      control,
      idempotency: createIdempotency(account),
      secretKey,
      publishableKey,
      nextRequestId,
      runDue: timeline.runDue,
      deliverNow: (eventIds) => dispatcher.deliverNow(({ event, kind }) => eventIds.includes(event) && kind !== 'FORGED'),
      wake: dispatcher.wake,
    }),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  account.baseUrl = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`; // a TCP server
  dispatcher.wake();
  return {
    url: account.baseUrl,
    secretKey,
    publishableKey,
    control,
    close: async () => {
      timeline.stop();
      dispatcher.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      account.store.close();
    },
  };
}

function openAccount({ dataFile, faults = {} }: SimulatorOptions, seed: number): Account {
  const store = createStore(dataFile);
  const clock = createClock();
  const injector = createFaultInjector(seed, clock, faults);
  const account: Account = { store, clock, ids: createIds(seed, store), faults: injector, baseUrl: '', currentRequest: null };
  clock.setOffset(readSetting(account).clock_offset_ms);
  return account;
}

interface Parts extends ControlContext {
  readonly timeline: Timeline;
  readonly dispatcher: Dispatcher;
}

function createParts(account: Account, { webhook, faults = {}, retryDelaysMs = STRIPE_RETRY_DELAYS_MS }: SimulatorOptions): Parts {
  const timeline = createTimeline(account, () => dispatcher);
  const dispatcher = createDispatcher(account, retryDelaysMs, () => timeline.arm());
  const parts: Parts = {
    account,
    timeline,
    dispatcher,
    configuredWebhook: webhook,
    reset: ({ keepIds = false }) => {
      dispatcher.abandon();
      account.store.clear(keepIds ? ['counter'] : []);
      account.clock.setOffset(0);
      account.faults.restart();
      account.faults.setPlan(faults);
      if (parts.configuredWebhook) configureWebhook(account, parts.configuredWebhook, undefined);
      timeline.giveUp();
      timeline.arm();
    },
  };
  if (webhook && !account.store.list('webhook_endpoint').some(({ url }) => url === webhook.url))
    configureWebhook(account, webhook, undefined);
  return parts;
}
