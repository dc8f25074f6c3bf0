import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Layout, prepareLayout, removeLayout, resolveLayout } from './layout.ts';
import { once } from './once.ts';
import { type PostgresOptions, type RunningPostgres, startPostgres } from './postgres/server.ts';
import { copyAsStandby } from './postgres/standby.ts';
import { waitUntil } from './processes.ts';

const PREFIX = 'tessera-trial-';
/** Beside this file, compiled or not. */
const KEEPER = fileURLToPath(new URL(`throw-away-keeper${extname(import.meta.url)}`, import.meta.url));
const CRASH_TIMEOUT_MS = 15_000;

export interface ThrowAwayPostgres {
  readonly adminUrl: string;
  /** Of the server's first process, whose children the others are. */
  pid(): number;
  /** Ends the server without a shutdown (its log is replayed at the next start) and starts it again on the same port. */
  crashAndRestart(): Promise<void>;
  /** Another server that follows this one, as a streaming replica does. Stop it before this one. */
  startReplica(): Promise<ThrowAwayReplica>;
  /** Ends the server and removes every file. */
  stop(): Promise<void>;
}

export interface ThrowAwayReplica {
  readonly adminUrl: string;
  /** Of the server's first process, whose children the others are. */
  pid(): number;
  /** Ends the server; its data stays. */
  halt(): Promise<void>;
  /** Starts it again, on the same port. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * For measuring: syncs to disk as one in production does.
 * @param settings of PostgreSQL, where those of the local stack are too small for what is measured
 */
export function startDurablePostgres(settings: Readonly<Record<string, string>> = {}): Promise<ThrowAwayPostgres> {
  return startThrowAway(true, settings);
}

/** For fault runs: what only a power cut could tell is switched off, so that it starts and stops fast. */
export function startCrashablePostgres(): Promise<ThrowAwayPostgres> {
  return startThrowAway(false);
}

async function startThrowAway(isDurable: boolean, settings: Readonly<Record<string, string>> = {}): Promise<ThrowAwayPostgres> {
  const layout = resolveLayout({ ephemeralPrefix: PREFIX });
  const user = prepareLayout(layout);
  const unkeep = keep(layout);
  const { checkout, cacheDir, postgresDir, logsDir } = layout;
  const adminPassword = randomBytes(16).toString('hex');
  const stored = { dataDir: postgresDir, logFile: join(logsDir, 'postgres.log'), checkout, cacheDir };
  const common = { ...stored, adminPassword, isDurable, settings, user };
  const start = (port: number): Promise<RunningPostgres> => startPostgres({ ...common, port } satisfies PostgresOptions);
  let server = await start(0).catch((error: unknown) => {
    removeLayout(layout);
    unkeep();
    throw error;
  });
  const { adminUrl, port } = server;
  return {
    adminUrl,
    pid: () => server.pid,
    crashAndRestart: async () => {
      let isDown = false;
      void server.crashed.then(() => {
        isDown = true;
      });
      process.kill(server.pid, 'SIGQUIT');
      if (!(await waitUntil(() => isDown, CRASH_TIMEOUT_MS))) throw new Error('PostgreSQL did not stop at once when it was told to.');
      await server.stop();
      server = await start(port);
    },
    startReplica: () => startReplica({ primaryUrl: adminUrl, primaryDir: postgresDir, adminPassword, isDurable }),
    stop: once(() =>
      server
        .stop()
        .finally(() => removeLayout(layout))
        .finally(unkeep),
    ),
  };
}

async function startReplica(of: {
  primaryUrl: string;
  primaryDir: string;
  adminPassword: string;
  isDurable: boolean;
}): Promise<ThrowAwayReplica> {
  const layout = resolveLayout({ ephemeralPrefix: PREFIX });
  const user = prepareLayout(layout);
  const unkeep = keep(layout);
  const { checkout, cacheDir, postgresDir, logsDir } = layout;
  const { adminPassword, isDurable } = of;
  const common = { dataDir: postgresDir, logFile: join(logsDir, 'replica.log'), adminPassword, checkout, cacheDir, isDurable, user };
  const start = (port: number): Promise<RunningPostgres> => startPostgres({ ...common, port });
  const begin = async () => {
    await copyAsStandby({ ...of, standbyDir: postgresDir, user });
    return start(0);
  };
  let server = await begin().catch((error: unknown) => {
    removeLayout(layout);
    unkeep();
    throw error;
  });
  const { adminUrl, port } = server;
  return {
    adminUrl,
    pid: () => server.pid,
    halt: () => server.stop(),
    resume: async () => {
      server = await start(port);
    },
    stop: once(() =>
      server
        .stop()
        .finally(() => removeLayout(layout))
        .finally(unkeep),
    ),
  };
}

/** However this process ends, the server and its files are gone soon after. @returns what tells that they are gone already */
function keep({ dataDir, postgresDir }: Layout): () => void {
  const command = ['--no-warnings', KEEPER, dataDir, postgresDir];
  const keeper = spawn(process.execPath, command, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  keeper.unref();
  (keeper.stdin as Socket).unref(); // a pipe, as asked for
  return () => keeper.stdin.end();
}
