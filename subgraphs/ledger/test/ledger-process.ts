import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestLedger } from './a-ledger.ts';

const MAIN = join(import.meta.dirname, '../dist/main.js');
const END_TIMEOUT_MS = 10_000;

export interface LedgerProcess {
  /** kill −9: nothing in it has time to clear up. */
  kill(): Promise<void>;
  /** SIGTERM, and −9 where that does not help. */
  end(): Promise<void>;
}

/** A process of its own on the database of `ledger`, built from dist as it is shipped: relay, consumer and workers run in it. */
export function startLedgerProcess({ config }: TestLedger): LedgerProcess {
  const key = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const environment = {
    LEDGER_DATABASE_URL: config.databaseUrl,
    LEDGER_SECRET: config.secret,
    EVENTS_SECRET: config.eventsSecret,
    DIRECTORY_SECRET: config.secret,
    REDIS_URL: config.redisUrl,
    REDIS_KEY_PREFIX: config.redisKeyPrefix,
    IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...key, kid: 'test' }] }),
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [MAIN], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  return { kill: () => stop(child, 'SIGKILL'), end: () => stop(child, 'SIGTERM') };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
  await exited;
  clearTimeout(late);
}
