import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IDENTITY_HEADER, signIdentity, type Viewer } from '@tessera/service-kit/identity';
import type { TestLedger } from './a-ledger.ts';
import { ledgerTestConfig } from './a-ledger.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const READY_WITHIN_MS = 60_000;
const END_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/** The ledger as it is deployed: a process of its own, as it was built last, on the database of a test. */
export interface LedgerProcess {
  /** @throws when the process ends before it has answered */
  ask(
    viewer: Viewer,
    query: string,
    variables: object,
  ): Promise<{ readonly data?: Readonly<Record<string, unknown>> | null; readonly errors?: readonly object[] }>;
  /** The signal that it ended by, once it has. */
  readonly ended: Promise<string | null>;
  /** As a crash would end it. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL where that does not help. */
  end(): Promise<void>;
}

const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
const publicKey = { kty, crv, kid: 'test', x };

export async function startLedgerProcess({ config }: TestLedger, environment: NodeJS.ProcessEnv = {}): Promise<LedgerProcess> {
  const port = await freePort();
  const child = spawn(process.execPath, ['--no-warnings', MAIN], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...{ LOG_LEVEL: 'error', LEDGER_PORT: String(port), LEDGER_DATABASE_URL: config.databaseUrl },
      ...{
        LEDGER_SECRET: config.secret,
        EVENTS_SECRET: config.eventsSecret,
        REDIS_URL: config.redisUrl,
        REDIS_KEY_PREFIX: config.redisKeyPrefix,
      },
      ...{ DIRECTORY_SECRET: ledgerTestConfig().directorySecret, IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [publicKey] }) },
      ...environment,
    },
  });
  const ended = once(child, 'exit').then(([, signal]) => signal as string | null);
  const url = `http://127.0.0.1:${port}`;
  await readiness(url, child);
  return {
    ended,
    ask: async (viewer, query, variables) => {
      const identity = await signIdentity(viewer, { privateKey: { ...publicKey, d } as Parameters<typeof signIdentity>[1]['privateKey'] });
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: identity },
        body: JSON.stringify({ query, variables }),
      });
      return (await answer.json()) as Awaited<ReturnType<LedgerProcess['ask']>>;
    },
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

async function readiness(url: string, child: ChildProcess): Promise<void> {
  for (const giveUpAt = Date.now() + READY_WITHIN_MS; Date.now() < giveUpAt; await sleep(POLL_MS)) {
    if (child.exitCode !== null) throw new Error(`The ledger ended with ${child.exitCode} instead of starting.`);
    const isUp = await fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
  }
  child.kill('SIGKILL');
  throw new Error('The ledger did not start.');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number }; // of TCP
  server.close();
  return port;
}
