import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

const OFF_MS = 60_000;
/** What clocks of two machines may differ. */
const CLOCK_TOLERANCE_MS = 5_000;
/** A transaction that finds it off may take so long to commit. */
const TRANSACTION_MS = 25_000;
const CONNECT_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 2_000;

export interface HintSwitch {
  /** Whether no value is anywhere, nor will be as long as a transaction may take. */
  isOff(): boolean;
  /** Resolves once no value is anywhere any more: nobody keeps new ones, and the old ones have passed. Rejects without the database. */
  turnOff(): Promise<void>;
}

/**
 * Keeps everybody from using hints while this process cannot tell Redis about its commits. The switch is in the database, which everybody reads
 * before keeping a value; it turns itself on again when nobody renews it.
 */
export function createHintSwitch(databaseUrl: string, lifetimeMs: number): HintSwitch {
  let offUntilMs = 0;
  let turning: Promise<void> | null = null;
  const turn = async (): Promise<void> => {
    const wasOff = performance.now() < offUntilMs;
    const startedMs = performance.now();
    await writeOff(databaseUrl);
    // Where it was off without a break, every value has passed already.
    if (!wasOff) await sleep(lifetimeMs);
    offUntilMs = startedMs + OFF_MS - CLOCK_TOLERANCE_MS;
  };
  return {
    isOff: () => performance.now() < offUntilMs - TRANSACTION_MS,
    turnOff: () => {
      turning ??= turn().finally(() => {
        turning = null;
      });
      return turning;
    },
  };
}

/** On a connection of its own: those of the pool may all be waiting for this. */
async function writeOff(databaseUrl: string): Promise<void> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'tessera-ledger-hint-switch',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    options: '-c synchronous_commit=on',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const text = `update balance_hint_switch set off_until = greatest(off_until, clock_timestamp() + $1 * interval '1 millisecond')`;
    await client.query(text, [OFF_MS]);
  } finally {
    await client.end().catch(() => undefined);
  }
}
