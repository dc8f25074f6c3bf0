import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createSubgraph } from '@tessera/ledger';
import { startCrashablePostgres } from '@tessera/local';
import { Client } from 'pg';
import type { Build } from './planted.ts';
import { type FaultProxy, startProxy } from './proxy.ts';
import type { Answer, Order } from './worker.ts';

const WORKER = join(import.meta.dirname, 'worker.ts');
const PROCESSES = 3;
const DATABASE = 'ledger_faults';
const START_TIMEOUT_MS = 30_000;

export interface World {
  readonly processes: number;
  readonly databaseUrl: string;
  readonly proxy: FaultProxy;
  /** Null: the process died before it answered. */
  send(to: number, request: Order['request']): Promise<Answer | null>;
  /** How many transactions had to give way because they waited for each other in a circle, as the processes saw it. */
  deadlocks(): number;
  killProcess(which: number): void;
  stopPostgres(): Promise<void>;
  query<Row extends Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** PostgreSQL, a proxy before it, and three ledger processes that reach it through the proxy. */
export async function startWorld(build: Build): Promise<World> {
  const postgres = await startCrashablePostgres();
  const databaseUrl = await createDatabase(postgres.adminUrl);
  const proxy = await startProxy(Number(new URL(databaseUrl).port));
  const throughProxy = new URL(databaseUrl);
  throughProxy.port = String(proxy.port);
  const environment = { PATH: process.env.PATH, ENGINE: build.engine, TOLD: build.told, DATABASE_URL: throughProxy.href };
  const kept = Array.from({ length: PROCESSES }, () => keepProcess(environment));
  await Promise.all(kept.map((each) => each.ready()));
  let restarting: Promise<void> | null = null;
  return {
    processes: PROCESSES,
    databaseUrl,
    proxy,
    send: (to, request) => (kept[to] as ReturnType<typeof keepProcess>).send(request), // `to` is below `processes`
    deadlocks: () => kept.reduce((sum, each) => sum + each.deadlocks(), 0),
    killProcess: (which) => kept[which]?.kill(),
    stopPostgres: () => {
      restarting ??= postgres.crashAndRestart().finally(() => {
        restarting = null;
      });
      return restarting;
    },
    query: async (sql, parameters = []) => {
      const client = new Client({ connectionString: databaseUrl });
      client.on('error', () => undefined); // the query tells
      await client.connect();
      try {
        return (await client.query(sql, [...parameters])).rows;
      } finally {
        await client.end();
      }
    },
    close: async () => {
      await Promise.all(kept.map((each) => each.end()));
      await proxy.close();
      await postgres.stop();
    },
  };
}

async function createDatabase(adminUrl: string): Promise<string> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${DATABASE}`);
  await admin.end();
  const url = new URL(adminUrl);
  url.pathname = `/${DATABASE}`;
  const secret = randomBytes(32).toString('base64url');
  const subgraph = createSubgraph({
    databaseUrl: url.href,
    redisUrl: 'redis://127.0.0.1:1',
    host: '127.0.0.1',
    port: 0,
    identityKeys: { keys: [] },
    secret,
    eventsSecret: secret,
    directorySecret: secret,
    defaultCurrency: 'USD',
    logLevel: 'error',
    logFile: undefined,
    isProduction: false,
    publicUrl: undefined,
    readDatabaseUrl: undefined,
    engineLanes: undefined,
    engineBatchSize: undefined,
    engineQueueLimit: undefined,
  });
  await subgraph.migrate();
  await subgraph.close();
  return url.href;
}

/** A ledger process that is started again whenever it was killed. */
function keepProcess(environment: Readonly<Record<string, string | undefined>>) {
  let nextId = 0;
  let isEnding = false;
  let deadlocks = 0;
  let child: ChildProcess;
  let whenReady: Promise<void>;
  const waiting = new Map<number, (answer: Answer | null) => void>();
  const start = (): void => {
    const ready = Promise.withResolvers<void>();
    const started = fork(WORKER, { env: environment, serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child = started;
    whenReady = ready.promise;
    started.on('message', (answer: Answer | { readonly kind: 'READY' } | { readonly kind: 'DEADLOCK' }) => {
      if (answer.kind === 'READY') return ready.resolve();
      if (answer.kind === 'DEADLOCK') {
        deadlocks += 1;
        return;
      }
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    });
    started.on('exit', () => {
      for (const resolve of waiting.values()) resolve(null);
      waiting.clear();
      if (!isEnding) start();
    });
  };
  start();
  return {
    ready: () => Promise.race([whenReady, rejectAfter(START_TIMEOUT_MS, 'A ledger process did not start')]),
    send: async (request: Order['request']): Promise<Answer | null> => {
      await whenReady;
      return new Promise((resolve) => {
        const id = nextId++;
        waiting.set(id, resolve);
        child.send({ id, request } satisfies Order, (error) => {
          if (!error || !waiting.delete(id)) return;
          resolve(null);
        });
      });
    },
    deadlocks: () => deadlocks,
    kill: () => child.kill('SIGKILL'),
    end: async () => {
      isEnding = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function rejectAfter(timeoutMs: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message)), timeoutMs).unref();
  });
}
