import type { StreamName } from '@tessera/schema/contract';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { GAP } from './dead-letter.ts';
import { INBOX_RETENTION_DAYS } from './inbox.ts';
import { REPLAY_CHANNEL } from './names.ts';
import { requestReplay } from './replay-requests.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const TIMEOUT_MS = 5_000;

export interface ListedDeadLetter {
  readonly id: string;
  readonly stream: string;
  readonly position: number;
  readonly type: string;
  readonly envelope: Readonly<Record<string, unknown>>;
  readonly error: string;
  readonly attempts: number;
  readonly deadAt: Date;
  /** Null while it is dead. */
  readonly replayedAt: Date | null;
}

export interface ListedOutboxEvent {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly sequence: number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly occurredAt: Date;
  /** Null until the relay has seen it. */
  readonly position: number | null;
  readonly publishedAt: Date | null;
}

export interface OutboxQuery {
  readonly stream?: StreamName;
  /** Only what Redis has not got yet. */
  readonly isUnpublished?: boolean;
  /** At most 1,000; default 100. */
  readonly limit?: number;
}

/** Events that could not be handled, newest first; with `all` also those that a replay has handled since. */
export async function listDeadLetters(databaseUrl: string, { all = false, limit = DEFAULT_LIMIT } = {}): Promise<ListedDeadLetter[]> {
  return query<ListedDeadLetter>(
    databaseUrl,
    `select id, stream, position::float8 as position, type, envelope, error, attempts, dead_at as "deadAt", replayed_at as "replayedAt"
     from dead_letters where replayed_at is null or $1 order by dead_at desc, id limit $2`,
    [all, Math.min(limit, MAX_LIMIT)],
  );
}

/** What the service has published or is about to, newest first. */
export async function listOutbox(
  databaseUrl: string,
  { stream, isUnpublished = false, limit = DEFAULT_LIMIT }: OutboxQuery = {},
): Promise<ListedOutboxEvent[]> {
  return query<ListedOutboxEvent>(
    databaseUrl,
    `select id, stream, type, aggregate_id as "aggregateId", sequence::float8 as sequence, payload, occurred_at as "occurredAt",
            position::float8 as position, published_at as "publishedAt"
     from outbox_events where (stream = $1 or $1 is null) and (published_at is null or not $2)
       and ordinal >= (select min(ordinal) from (
         select ordinal from outbox where (stream = $1 or $1 is null) and (published_at is null or not $2) order by ordinal desc limit $3) as newest)
     order by ordinal desc, place desc limit $3`,
    [stream ?? null, isUnpublished, Math.min(limit, MAX_LIMIT)],
  );
}

/**
 * Has the running consumer handle a dead letter again, its effect and the end of the letter in one transaction. Resolves when the request is
 * stored; false when there is no such letter, or it is not dead any more. A gap that is older than the inbox is refused: to go back behind
 * it would handle events twice.
 */
export async function replayDeadLetter(databaseUrl: string, id: string): Promise<boolean> {
  const rows = await query(
    databaseUrl,
    `insert into replay_requests (id)
     select id from dead_letters
     where id = $1 and replayed_at is null and (type <> $2 or dead_at > clock_timestamp() - $3::integer * interval '1 day')
     on conflict (id) do update set requested_at = excluded.requested_at
     returning pg_notify('${REPLAY_CHANNEL}', '')`,
    [id, GAP, INBOX_RETENTION_DAYS - 1],
  );
  return rows.length > 0;
}

/**
 * Asks the relay of the stream's writer to put the events from a position on back into Redis: for consumers and subscribers that are behind
 * what the stream still holds. Who has received them already drops them. Takes effect within about a second.
 */
export async function replayOutbox(redisUrl: string, stream: StreamName, fromPosition: number, prefix = ''): Promise<void> {
  if (!Number.isSafeInteger(fromPosition) || fromPosition < 1)
    throw new RangeError(`A position is a whole number from 1 on, not ${fromPosition}`);
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: TIMEOUT_MS, retryStrategy: () => null });
  redis.on('error', () => undefined); // the command's own error is what the caller gets
  try {
    await requestReplay(redis, prefix, stream, fromPosition, 'operator');
  } finally {
    redis.disconnect();
  }
}

async function query<T extends object>(databaseUrl: string, sql: string, parameters: readonly unknown[]): Promise<T[]> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  await client.connect();
  try {
    return (await client.query<T>(sql, [...parameters])).rows;
  } finally {
    await client.end();
  }
}
