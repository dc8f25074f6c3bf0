import type { Socket } from 'node:net';
import { InvariantViolation } from '@tessera/service-kit/errors';
import { isConnectionError } from '@tessera/service-kit/persistence';
import { Client, types } from 'pg';
import { CopyLines, copyInto, Frames } from './copy.ts';
import type { BalanceGuard } from './guard.ts';
import type { Columns, Sql, Statement } from './sql.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** How long a lane waits. */
export interface Bounds {
  /**
   * For a lock; short, because whoever shares the transaction waits too, and so does who wants what it has locked. Longer than PostgreSQL takes to
   * see that transactions wait for each other in a circle (`deadlock_timeout`, a second), so that a circle is told as one.
   */
  readonly lockMs: number;
  readonly statementMs: number;
  /** No transaction of a lane lasts so long: it is too large, or has lost its connection without being told. */
  readonly transactionMs: number;
}

export const BOUNDS: Bounds = { lockMs: 1_500, statementMs: 10_000, transactionMs: 20_000 };

/** The transaction was ended because it took longer than any may. Whether it was committed is known only if its commit was not sent. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

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
  /**
   * Runs `work` in one READ COMMITTED transaction; where it fails, the connection is either clean again or gone. The first statement goes
   * together with BEGIN, before it is known that there is a transaction: it has to be one that may stand alone.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  isGone(): boolean;
  end(): Promise<void>;
}

export async function connectLane(databaseUrl: string, guard: BalanceGuard | null, bounds: Bounds = BOUNDS): Promise<LaneConnection> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'tessera-ledger-lane',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    statement_timeout: bounds.statementMs,
    lock_timeout: bounds.lockMs,
    idle_in_transaction_session_timeout: bounds.transactionMs,
    types: asText as typeof types,
    // What is asked together goes together: a transfer alone waits for three answers of the database instead of sixteen.
    pipeline: true,
    // Nothing is acknowledged before it is durable, whatever the server's default is.
    options: '-c synchronous_commit=on -c timezone=UTC',
  });
  let isGone = false;
  const lose = (): void => {
    isGone = true;
  };
  client.on('error', lose).on('end', lose);
  await client.connect();
  const frames = new Frames();
  const gather = createGathering(client);
  return {
    isGone: () => isGone,
    end: () => client.end().catch(() => undefined),
    transaction: async (work) => {
      let isLate = false;
      const watchdog = setTimeout(() => {
        isLate = true;
        destroy(client);
      }, bounds.transactionMs);
      const state = { isOver: false };
      const given = createGiven();
      const releases = createReleases();
      gather();
      const begun = given.add(client.query('begin'));
      begun.catch(() => {
        state.isOver = true;
      });
      const sql = sqlOfClient(client, { frames, gather, state, given }, async (accountIds) => {
        if (guard) releases.add(await guard.before(accountIds));
      });
      try {
        const result = await work(sql);
        await given.done();
        state.isOver = true;
        await commit(client);
        releases.run();
        return result;
      } catch (error) {
        state.isOver = true;
        if (!isGone) await client.query('rollback').then(releases.run, () => destroy(client));
        if (isLate) throw new TookTooLong('The transaction took too long', { cause: error });
        if (isGone && !isConnectionError(error)) throw new Error('Connection terminated', { cause: error });
        throw error;
      } finally {
        clearTimeout(watchdog);
      }
    },
  };
}

/** What was given to the database and the guard. Whoever gave it may wait for something else first: where it fails meanwhile, that is no error which nobody handles. */
function createGiven() {
  const given: Promise<unknown>[] = [];
  return {
    add: <T>(promise: Promise<T>): Promise<T> => {
      promise.catch(() => undefined); // fails the transaction
      given.push(promise);
      return promise;
    },
    /** Also what nobody has waited for: nothing is committed of which a part failed. */
    done: (): Promise<unknown> => Promise.all(given),
  };
}

/** PostgreSQL answers the COMMIT of a transaction in which something failed with ROLLBACK, not with an error. */
async function commit(client: Client): Promise<void> {
  const { command } = await client.query('commit');
  if (command !== 'COMMIT')
    throw new InvariantViolation(`The transaction ended with ${command}, although nothing was known to have failed.`);
}

/** Run only after an end that is known: a commit whose answer is lost may become visible at any time. */
function createReleases() {
  const waiting: (() => void)[] = [];
  let isEnded = false;
  return {
    add: (release: () => void): void => {
      if (isEnded) release();
      else waiting.push(release);
    },
    run: (): void => {
      isEnded = true;
      for (const release of waiting) release();
    },
  };
}

/** Statements that are given in one go of the event loop leave in one write. */
function createGathering(client: Client): () => void {
  const stream = streamOf(client);
  let isGathering = false;
  return () => {
    if (isGathering) return;
    isGathering = true;
    stream.cork();
    process.nextTick(() => {
      isGathering = false;
      stream.uncork();
    });
  };
}

/** Fails what is under way, at once. */
function destroy(client: Client): void {
  streamOf(client).destroy(new Error('Connection terminated: it did not answer in time'));
}

function streamOf(client: Client): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream; // the driver's types leave it out
}

interface Shared {
  readonly frames: Frames;
  readonly gather: () => void;
  /** After the end of the transaction a statement would be one of its own. */
  readonly state: { readonly isOver: boolean };
  readonly given: ReturnType<typeof createGiven>;
}

function sqlOfClient(client: Client, { frames, gather, state, given }: Shared, guard: Sql['guard']): Sql {
  const start = (): void => {
    if (state.isOver) throw new InvariantViolation('The transaction of this statement is over.');
    gather();
  };
  const query = async ({ name, text }: Statement, parameters: readonly unknown[]) => {
    start();
    return (await client.query({ name, text, values: [...parameters] })).rows;
  };
  const copy = async (table: string, columns: Columns, lines: readonly string[]): Promise<void> => {
    if (lines.length === 0) return;
    start();
    const frame = frames.fill(lines);
    await copyInto(client, table, columns, frame);
    frames.release(frame); // where it failed, the socket may still hold it
  };
  const inserting: Sql['inserting'] = (table, columns) => {
    const rows = new CopyLines(columns);
    return {
      add: (row, line) => rows.add(row, line),
      send: () => given.add(copy(table, columns, rows.lines)),
      sendSorted: () => given.add(copy(table, columns, rows.lines.toSorted())),
    };
  };
  return {
    guard: (accountIds) => given.add(guard(accountIds)),
    query: (statement, parameters) => given.add(query(statement, parameters)),
    inserting,
    insert: (table, columns, rows) => {
      const added = inserting(table, columns);
      for (const row of rows) added.add(row);
      return added.send();
    },
  };
}
