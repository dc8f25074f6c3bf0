import { Client, types } from 'pg';
import { copyInto, copyLines, Frames } from './copy.ts';
import type { BalanceGuard } from './guard.ts';
import { createOrder, type Sql } from './sql.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 5_000;
/** No transaction of a lane lasts so long: what is still under way then has lost its connection without being told. */
const TRANSACTION_TIMEOUT_MS = 20_000;

const INT8 = 20;
const TIMESTAMPTZ = 1184;
const asItIs = (text: string): string => text;

/** Counters and instants stay text: parsing what is only compared or passed on would cost more than reading it. */
const asText = {
  getTypeParser: (id: number, format?: 'text' | 'binary') =>
    id === TIMESTAMPTZ || id === INT8 ? asItIs : types.getTypeParser(id, format as 'text'),
};

/** A connection of a lane's own. */
export interface LaneConnection {
  /** Runs `work` in one READ COMMITTED transaction; where it fails, the connection is either clean again or gone. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  isGone(): boolean;
  end(): Promise<void>;
}

export async function connectLane(databaseUrl: string, guard: BalanceGuard | null): Promise<LaneConnection> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'tessera-ledger-lane',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: TRANSACTION_TIMEOUT_MS,
    types: asText as typeof types,
    // Nothing is acknowledged before it is durable, whatever the server's default is.
    options: '-c synchronous_commit=on -c timezone=UTC',
  });
  let isGone = false;
  const lose = (): void => {
    isGone = true;
  };
  client.on('error', lose).on('end', lose);
  await client.connect();
  const inOrder = createOrder();
  const releases: (() => void)[] = [];
  /** Only after an end that is known: a commit whose answer is lost may become visible at any time. */
  const releaseAll = (): void => {
    for (const release of releases) release();
  };
  const sql = sqlOfClient(client, inOrder, async (accountIds) => {
    if (guard) releases.push(await guard.before(accountIds));
  });
  return {
    isGone: () => isGone,
    end: () => client.end().catch(() => undefined),
    transaction: async (work) => {
      const watchdog = setTimeout(() => destroy(client), TRANSACTION_TIMEOUT_MS);
      try {
        await client.query('begin');
        const result = await work(sql);
        await client.query('commit');
        releaseAll();
        return result;
      } catch (error) {
        if (!isGone) await inOrder(() => client.query('rollback')).then(releaseAll, () => destroy(client));
        throw error;
      } finally {
        clearTimeout(watchdog);
        releases.length = 0;
      }
    },
  };
}

/** Fails what is under way, at once. */
function destroy(client: Client): void {
  // The driver's types do not tell about its socket.
  (client as unknown as { readonly connection: { readonly stream: { destroy(error: Error): void } } }).connection.stream.destroy(
    new Error('Connection terminated: it did not answer in time'),
  );
}

function sqlOfClient(client: Client, inOrder: ReturnType<typeof createOrder>, guard: Sql['guard']): Sql {
  const frames = new Frames();
  return {
    guard,
    query: ({ name, text }, parameters) => inOrder(async () => (await client.query({ name, text, values: [...parameters] })).rows),
    insert: (table, columns, rows, lines) => {
      if (rows.length === 0) return Promise.resolve();
      const frame = frames.fill(copyLines(columns, rows, lines)); // now, while the database is still busy with the statement before
      return inOrder(async () => {
        await copyInto(client, table, columns, frame);
        frames.release(frame); // where it failed, the socket may still hold it
      });
    },
  };
}
