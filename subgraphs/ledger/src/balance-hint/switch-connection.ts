import { isConnectionError, sqlState } from '@tessera/service-kit/persistence';
import { Client } from 'pg';

const CONNECT_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 2_000;
/** Longer than the server's own bound: who exceeds it is not heard any more. */
const ANSWER_TIMEOUT_MS = 3_000;
/** How long a connection that could not be made ahead is not tried again. */
const REST_MS = 1_000;

/** The switch could not be turned: nothing may be committed, and the same may be tried again as after any lost connection. */
class SwitchUnreachable extends Error {
  override readonly name = 'SwitchUnreachable';
  /** Connection failure: whatever the cause was, it is no fault of what was to be committed. */
  readonly code = '08006';
  constructor(cause: unknown) {
    super('The switch of balance hints cannot be turned', { cause });
  }
}

export interface SwitchConnection {
  /** Sees that it is there, without waiting. */
  prepare(): void;
  /** @throws SwitchUnreachable within a bound */
  run(text: string, values: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A connection of its own that is kept: those of the pool may all be waiting for what it is used for, and when it is needed the database may have no
 * place left for a new one.
 */
export function createSwitchConnection(databaseUrl: string): SwitchConnection {
  let kept: Promise<Client> | null = null;
  let nextTryMs = 0;
  const drop = (opening: Promise<Client>): void => {
    if (kept === opening) kept = null;
    void opening.then((client) => client.end()).catch(() => undefined);
  };
  const connected = (): Promise<Client> => {
    const client = newClient(databaseUrl);
    const opening = client.connect().then(() => client);
    const lose = (): void => drop(opening);
    client.on('error', lose).on('end', lose);
    opening.catch(() => {
      lose();
      void client.end().catch(() => undefined);
    });
    kept = opening;
    return opening;
  };
  const ask = async (opening: Promise<Client>, text: string, values: readonly unknown[]): Promise<void> => {
    try {
      await (await opening).query(text, [...values]);
    } catch (error) {
      if (!wasAnswered(error)) drop(opening);
      throw new SwitchUnreachable(error);
    }
  };
  return {
    prepare: () => {
      if (kept || performance.now() < nextTryMs) return;
      nextTryMs = performance.now() + REST_MS;
      connected().catch(() => undefined);
    },
    run: async (text, values) => {
      const before = kept;
      try {
        return await ask(before ?? connected(), text, values);
      } catch (error) {
        if (!before || kept === before) throw error;
      }
      return ask(kept ?? connected(), text, values); // it was lost and did not know
    },
    close: async () => {
      await (await kept?.catch(() => null))?.end().catch(() => undefined);
    },
  };
}

/** The connection is not to blame. */
function wasAnswered(error: unknown): boolean {
  return sqlState(error) !== undefined && !isConnectionError(error);
}

function newClient(connectionString: string): Client {
  return new Client({
    connectionString,
    application_name: 'tessera-ledger-hint-switch',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    options: '-c synchronous_commit=on',
  });
}
