import type { ClientBase } from 'pg';
import { ensure, InvariantViolation } from '../errors/index.ts';
import { eventText, type NewEntry, packText } from './entry.ts';

/** The relay's steps on the outbox. Each is its own transaction, so a crash leaves it done or not done. */

interface OutboxRecord {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly source: string;
  readonly stream: string;
  readonly aggregate_id: string;
  readonly sequence: string;
  readonly position: string;
  readonly occurred_at: Date;
  readonly actor: string;
  readonly causation_id: string | null;
  readonly correlation_id: string;
  readonly traceparent: string | null;
  /** How many events the row says that it holds, where it is a pack, and how many are made of it. */
  readonly packed: number | null;
  readonly made: number;
  /** JSON: the payload, or the list of the events of a pack. */
  readonly content: string;
}

const ROW_COLUMNS =
  'o.id, o.type, o.version, o.source, o.stream, o.aggregate_id, o.sequence, o.position, o.occurred_at, o.actor, o.causation_id, o.correlation_id, o.traceparent, o.payload, o.packed';
/** Rows that a step takes at most, however few events they hold: it bounds what passes through memory. */
const MAX_ROWS = 200;
/** How many events a row holds. */
const SIZE = 'coalesce(packed, 1)';

/** Of the rows of `source`, which is at most `limit` rows long, the first that hold at least `limit` events together, or all. */
function firstEvents(source: string, order: string, limit: string): string {
  return `select * from (select *, sum(${SIZE}) over (order by ${order} rows unbounded preceding) - ${SIZE} as events_before from (${source}) as oldest) as counted
    where events_before < ${limit}`;
}

/** The rows of a common table expression, as they are told, each with the number of events that are made of a pack. */
function toldOf(rows: string): string {
  return `select id, type, version, source, stream, aggregate_id, sequence, position, occurred_at, actor, causation_id, correlation_id, traceparent, packed,
      told.made, case when packed is null then payload::text else told.content end as content
    from ${rows} cross join lateral (select count(*)::int as made, json_agg(event order by place)::text as content
      from tell_pack(case when packed is null then '[]'::json else payload::json end, occurred_at)) told`;
}

/**
 * For the session of a relay. It keeps its plans, which are made while the outbox may be empty and nothing known of it: what is found and
 * put in order by an index must stay so when a hundred thousand events wait. Otherwise every step would read and sort all of them.
 */
export async function keepToIndexes(client: ClientBase): Promise<void> {
  await client.query('set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off');
}

/**
 * Gives the next committed events their positions: per stream without gaps, in commit order as far as the relay can see it, and always in
 * the order of an aggregate. Runs on the connection that holds the relay's lock, so nobody else can have written in between. More than
 * `limit` events come only with the last row.
 * @throws InvariantViolation where a row does not make as many events as it says: then nothing has got a position
 */
export async function assignPositions(client: ClientBase, service: string, limit: number): Promise<NewEntry[]> {
  return inTransaction(client, async () => {
    const { rows } = await client.query<OutboxRecord>(assignment(service, limit));
    return rows.map(toEntry);
  });
}

function assignment(service: string, limit: number) {
  const oldest = `select id, stream, ordinal, packed from outbox where position is null and source = $1 order by ordinal limit least($2::int, ${MAX_ROWS})`;
  return {
    name: 'assign_positions',
    text: `with pending as materialized (
       select id, stream, sum(${SIZE}) over (partition by stream order by ordinal rows unbounded preceding) as place, ${SIZE} as size
       from (${firstEvents(oldest, 'ordinal', '$2')}) as first
     ), sizes as (
       select stream, sum(size) as size from pending group by stream
     ), counters as (
       insert into outbox_streams as s (stream, last_position) select stream, size from sizes order by stream
       on conflict (stream) do update set last_position = s.last_position + excluded.last_position
       returning stream, last_position
     ), placed as (
       update outbox as o set position = counters.last_position - sizes.size + pending.place
       from pending join sizes using (stream) join counters using (stream)
       where o.id = pending.id
       returning ${ROW_COLUMNS}
     )
     ${toldOf('placed')} order by stream, position`,
    values: [service, limit],
  };
}

/** What has a position and is perhaps not on its stream: a relay ended between its steps. */
export async function loadUnpublished(client: ClientBase, service: string, limit: number): Promise<NewEntry[]> {
  const oldest = `select ${ROW_COLUMNS} from outbox o
    where position is not null and published_at is null and source = $1 order by stream, position limit least($2::int, ${MAX_ROWS})`;
  const { rows } = await client.query<OutboxRecord>(
    `with first as materialized (${firstEvents(oldest, 'stream, position', '$2')}) ${toldOf('first')} order by stream, position`,
    [service, limit],
  );
  return rows.map(toEntry);
}

/** @param entries of each stream all between the first and the last that are not published yet */
export async function markPublished(client: ClientBase, entries: readonly NewEntry[]): Promise<void> {
  const streams = [...Map.groupBy(entries, ({ stream }) => stream)];
  await client.query({
    name: 'mark_published',
    text: `update outbox o set published_at = clock_timestamp()
     from unnest($1::text[], $2::bigint[], $3::bigint[]) as t (stream, first, last)
     where o.stream = t.stream and o.position between t.first and t.last and o.published_at is null`,
    values: [streams.map(([stream]) => stream), ...[0, -1].map((at) => streams.map(([, ofStream]) => ofStream.at(at)?.position))],
  });
}

/** A stream from a position on, in order: about `limit` events, and none only at its end. The first may be of a pack that began before. */
export async function loadFrom(client: ClientBase, stream: string, fromPosition: number, limit: number): Promise<NewEntry[]> {
  const next = `select ${ROW_COLUMNS} from outbox o where stream = $1 and position >= $2 order by position limit least($3::int, ${MAX_ROWS})`;
  const { rows } = await client.query<OutboxRecord>(
    `with next as materialized (${firstEvents(next, 'position', '$3')}) ${toldOf('next')} order by position`,
    [stream, fromPosition, limit],
  );
  return rows.map(toEntry);
}

export async function lastPositions(client: ClientBase, service: string): Promise<Map<string, number>> {
  const { rows } = await client.query<{ stream: string; last_position: string }>(
    'select stream, last_position from outbox_streams s where exists (select from outbox o where o.stream = s.stream and o.source = $1)',
    [service],
  );
  return new Map(rows.map((row) => [row.stream, Number(row.last_position)]));
}

/**
 * Where a stream that Redis lost begins again: the window, and all that was never published, but at most `maxLength` events and at least
 * the last one (so that a stream with a history is never empty).
 */
export async function windowStart(client: ClientBase, stream: string, windowMs: number, maxLength: number): Promise<number> {
  const { rows } = await client.query<{ start: string }>(
    `select coalesce(
       (select greatest(min(o.position - ${SIZE} + 1), s.last_position - $3::bigint + 1) from outbox o where o.stream = s.stream and o.position > s.last_position - $3::bigint
          and (o.published_at is null or o.published_at >= clock_timestamp() - $2::bigint * interval '1 millisecond')),
       s.last_position) as start
     from outbox_streams s where s.stream = $1`,
    [stream, windowMs, maxLength],
  );
  return Number(ensure(rows[0], `counter of stream ${stream}`).start);
}

/** Rows that this relay will never publish: they tell facts of another service. */
export async function countForeign(client: ClientBase, service: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>('select count(*) from outbox where position is null and source <> $1', [service]);
  return Number(ensure(rows[0], 'count').count);
}

async function inTransaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // without a connection it is undone anyway
    throw error;
  }
}

/** @throws InvariantViolation for a pack that makes fewer or more events than it says: it would leave places that nobody ever fills */
function toEntry(row: OutboxRecord): NewEntry {
  const { id, type, version, source, stream, packed, made, content } = row;
  const position = Number(row.position);
  const occurredAt = row.occurred_at.toISOString();
  if (packed !== null) {
    if (made !== packed) throw new InvariantViolation(`Row ${id} of the outbox makes ${made} events and not ${packed}.`);
    const text = packText({ id, size: packed, type, version, source, stream, position, occurredAt }, content);
    return { id, stream, position, size: packed, text };
  }
  const { aggregate_id: aggregateId, actor, causation_id: causationId, correlation_id: correlationId, traceparent } = row;
  const envelope = { id, type, version, source, stream, aggregateId, sequence: Number(row.sequence), position, occurredAt };
  return { id, stream, position, size: 1, text: eventText({ ...envelope, actor, causationId, correlationId, traceparent }, content) };
}

/** Whether a step that asked for `limit` events got so much that there may be more. */
export function isFull(entries: readonly NewEntry[], limit: number): boolean {
  return entries.length >= MAX_ROWS || entries.reduce((sum, { size }) => sum + size, 0) >= limit;
}
