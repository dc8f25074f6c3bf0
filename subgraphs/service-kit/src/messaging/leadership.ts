import { Client } from 'pg';
import { isConnectionError } from '../persistence/index.ts';
import type { MessagingLog } from './names.ts';
import { type Bell, backoffMs, createBell, pause, within } from './timing.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 5_000;
const RECONNECT_BASE_MS = 50;
const RECONNECT_CAP_MS = 2_000;
/** Of failures in a row: about one line a minute while a database is away. */
const REPORT_EVERY = 30;
/** A session that lasted this long was a good one: the next failure starts the backoff anew. */
const STABLE_MS = 10_000;
/** How long a stand-by may take to notice that a leader has died without a word. */
const STANDBY_POLL_MS = 1_000;
const END_TIMEOUT_MS = 1_000;
const LEAD_CHANNEL = 'tessera_lead';
/** First half of the advisory lock keys; the second says which work. Migrations use the other key space. */
const LOCK_CLASS = 727_002;
const LOCKS = { relay: 1, consumer: 2 } as const;

/** What the leader works with: ends when `signal` aborts, at which moment somebody else may already lead. */
export interface Lease {
  /** The connection that holds the lock: what commits on it was written by the only leader. */
  readonly client: Client;
  readonly signal: AbortSignal;
  /** Rings when one of the channels was notified, and at the end of the lease. */
  readonly bell: Bell;
}

export interface LeadershipOptions {
  readonly databaseUrl: string;
  readonly work: keyof typeof LOCKS;
  readonly service: string;
  readonly channels: readonly string[];
  readonly log: MessagingLog;
  /** Returns soon after the lease has ended; an error ends the lease and is retried with backoff. */
  readonly lead: (lease: Lease) => Promise<void>;
}

export interface Leadership {
  start(): void;
  close(): Promise<void>;
  isLeading(): boolean;
}

/** One worker per database among all processes, by an advisory lock on a connection of its own; the others stand by and take over. */
export function createLeadership(options: LeadershipOptions): Leadership {
  const stop = new AbortController();
  let isLeading = false;
  let running: Promise<void> | undefined;
  const setLeading = (value: boolean): void => {
    isLeading = value;
  };
  return {
    start() {
      running ??= campaign(options, stop.signal, setLeading);
    },
    async close() {
      stop.abort();
      await running;
    },
    isLeading: () => isLeading,
  };
}

async function campaign(options: LeadershipOptions, stop: AbortSignal, setLeading: (value: boolean) => void): Promise<void> {
  for (let failures = 0; !stop.aborted; ) {
    const startedMs = performance.now();
    try {
      await session(options, stop, setLeading).finally(() => setLeading(false));
    } catch (error) {
      failures = performance.now() - startedMs > STABLE_MS ? 1 : failures + 1;
      if (failures % REPORT_EVERY === 1) report(options, failures, error);
      await pause(backoffMs(failures, RECONNECT_BASE_MS, RECONNECT_CAP_MS), stop);
    }
  }
}

function report({ log, service, work }: LeadershipOptions, failures: number, error: unknown): void {
  const level = isConnectionError(error) ? 'warn' : 'error';
  const reason = error instanceof Error ? error.message : String(error);
  log[level]({ service, work, failures, reason }, 'Database session of the worker ended, trying again');
}

async function session(options: LeadershipOptions, stop: AbortSignal, setLeading: (value: boolean) => void): Promise<void> {
  const client = new Client({
    connectionString: options.databaseUrl,
    application_name: `tessera-${options.work}`,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  const lost = new AbortController();
  client.on('error', (error) => lost.abort(error));
  client.on('end', () => lost.abort(new Error('Connection ended')));
  const signal = AbortSignal.any([stop, lost.signal]);
  const bell = createBell();
  client.on('notification', () => bell.ring());
  signal.addEventListener('abort', () => bell.ring());
  try {
    await client.connect();
    await prepare(client);
    if (await elected(client, LOCKS[options.work], signal, bell)) {
      // Only the leader listens: a stand-by would wake up at every commit.
      for (const channel of options.channels) await client.query(`listen ${channel}`);
      setLeading(true);
      options.log.info({ service: options.service, work: options.work }, 'Leads');
      await options.lead({ client, signal, bell });
      if (!lost.signal.aborted) await resign(client, LOCKS[options.work]);
    }
  } finally {
    await within(END_TIMEOUT_MS, 'Ending a session', client.end()).catch(() => undefined); // a dead peer does not answer
  }
  if (lost.signal.aborted && !stop.aborted) throw lost.signal.reason;
}

/** A leader whose machine has gone must not keep the lock for hours: the server looks whether its peer still lives. */
async function prepare(client: Client): Promise<void> {
  await client.query('set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3');
  await client.query(`listen ${LEAD_CHANNEL}`);
}

/** Polls instead of waiting inside the server: a waiting statement would keep a snapshot and with it every dead row of the database. */
async function elected(client: Client, lock: number, signal: AbortSignal, bell: Bell): Promise<boolean> {
  while (!signal.aborted) {
    const { rows } = await client.query<{ isElected: boolean }>('select pg_try_advisory_lock($1, $2) as "isElected"', [LOCK_CLASS, lock]);
    if (rows[0]?.isElected) return true;
    await bell.wait(STANDBY_POLL_MS);
  }
  return false;
}

async function resign(client: Client, lock: number): Promise<void> {
  await client.query('select pg_advisory_unlock($1, $2)', [LOCK_CLASS, lock]);
  await client.query(`select pg_notify('${LEAD_CHANNEL}', '')`);
}
