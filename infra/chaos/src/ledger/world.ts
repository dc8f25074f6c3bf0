import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { PostRequest } from '@tessera/ledger';
import { createEmptyLedger, startCrashablePostgres } from '@tessera/local';
import { Pool, type PoolClient } from 'pg';
import type { Answer, News, Order } from './messages.ts';
import { type FaultProxy, startProxy } from './proxy.ts';

const WORKER = join(import.meta.dirname, 'worker.ts');
const PROCESSES = 3;
const DATABASE = 'ledger_faults';
const POOL_SIZE = 4;
const START_TIMEOUT_MS = 30_000;

export interface World {
  readonly processes: number;
  readonly databaseUrl: string;
  readonly proxy: FaultProxy;
  /** Null: the process died before it answered. */
  send(to: number, request: PostRequest): Promise<Answer | null>;
  /** What is wrong with the processes: transactions that waited for each other in a circle, work beside the lanes that failed, an end that nobody ordered. */
  complaints(): readonly string[];
  killProcess(which: number): void;
  /** What was sent and not answered, of one process or of all. */
  unanswered(which?: number): readonly PostRequest[];
  stopPostgres(): Promise<void>;
  readonly query: Query;
  /** All queries see one moment. */
  snapshot<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Also in the middle of a round. Safe to call again. */
  close(): Promise<void>;
}

export type Query = <Row extends Record<string, unknown>>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

/** Its connections are not cut. */
export const JUDGE = 'tessera-judge';

/** PostgreSQL, a proxy before it, and three ledger processes of the build that reach it through the proxy. */
export async function startWorld(build: string): Promise<World> {
  const postgres = await startCrashablePostgres();
  const databaseUrl = await createEmptyLedger(postgres.adminUrl, DATABASE);
  const proxy = await startProxy(Number(new URL(databaseUrl).port));
  const throughProxy = new URL(databaseUrl);
  throughProxy.port = String(proxy.port);
  const environment = { PATH: process.env.PATH, BUILD: build, DATABASE_URL: throughProxy.href };
  const kept = Array.from({ length: PROCESSES }, (_, at) =>
    keepProcess({ ...environment, DECIDES_HOLDS: at === 0 ? 'BESIDE' : 'IN_LANES' }),
  );
  await Promise.all(kept.map((each) => each.ready()));
  const pool = new Pool({ connectionString: databaseUrl, max: POOL_SIZE, application_name: JUDGE });
  pool.on('error', () => undefined); // PostgreSQL was stopped: the next query connects anew
  let restarting: Promise<void> | null = null;
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await Promise.all(kept.map((each) => each.end()));
    await proxy.close();
    await restarting;
    await postgres.stop();
    await pool.end(); // now also where somebody was still asking
  };
  return {
    processes: PROCESSES,
    databaseUrl,
    proxy,
    send: (to, request) => (kept[to] as ReturnType<typeof keepProcess>).send(request), // `to` is below `processes`
    complaints: () => kept.flatMap((each) => each.complaints()),
    killProcess: (which) => kept[which]?.kill(),
    unanswered: (which) => kept.flatMap((each, at) => (which === undefined || at === which ? each.unanswered() : [])),
    stopPostgres: () => {
      restarting ??= postgres.crashAndRestart().finally(() => {
        restarting = null;
      });
      return restarting;
    },
    query: queryOf(pool),
    snapshot: (work) => inSnapshot(pool, work),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function queryOf(asked: Pool | PoolClient): Query {
  return async (sql, parameters = []) => (await asked.query(sql, [...parameters])).rows;
}

async function inSnapshot<T>(pool: Pool, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    return await work(queryOf(client));
  } finally {
    client.release(true); // with everything that it has begun
  }
}

/** A ledger process that is started again whenever it has ended, by our order or by itself. */
function keepProcess(environment: Readonly<Record<string, string | undefined>>) {
  let nextId = 0;
  let isEnding = false;
  const complaints: string[] = [];
  let child: ChildProcess;
  let ordered: ChildProcess | null = null;
  let whenReady: Promise<void>;
  const waiting = new Map<number, { readonly request: PostRequest; resolve(answer: Answer | null): void }>();
  const start = (): void => {
    const ready = Promise.withResolvers<void>();
    const started = fork(WORKER, { env: environment, serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child = started;
    whenReady = ready.promise;
    started.on('message', (news: News) => {
      if (news.kind === 'READY') return ready.resolve();
      if (news.kind === 'COMPLAINT') {
        complaints.push(news.message);
        return;
      }
      waiting.get(news.id)?.resolve(news);
      waiting.delete(news.id);
    });
    started.on('exit', (code, signal) => {
      if (started !== ordered) complaints.push(`a ledger process ended by itself: ${code === null ? signal : `exit code ${code}`}`);
      for (const { resolve } of waiting.values()) resolve(null);
      waiting.clear();
      if (!isEnding) start();
    });
  };
  start();
  const kill = (): void => {
    ordered = child;
    child.kill('SIGKILL');
  };
  return {
    ready: () => Promise.race([whenReady, rejectAfter(START_TIMEOUT_MS, 'A ledger process did not start')]),
    send: async (request: PostRequest): Promise<Answer | null> => {
      await whenReady;
      return new Promise((resolve) => {
        const id = nextId++;
        waiting.set(id, { request, resolve });
        child.send({ id, request } satisfies Order, (error) => {
          if (!error || !waiting.delete(id)) return;
          resolve(null);
        });
      });
    },
    complaints: () => complaints,
    unanswered: () => [...waiting.values()].map(({ request }) => request),
    kill,
    end: async () => {
      isEnding = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      kill();
      await gone;
    },
  };
}

function rejectAfter(timeoutMs: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message)), timeoutMs).unref();
  });
}
