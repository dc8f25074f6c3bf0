import type { Envelope } from '@tessera/schema/contract';
import type { ClientBase } from 'pg';
import { ensure, InvariantViolation } from '../errors/index.ts';

/** The relay's steps on the outbox. Each is its own transaction, so a crash leaves it done or not done. */

interface OutboxRecord {
  /** Of the row that holds the event, which holds so many and has this position. */
  readonly row_id: string;
  readonly row_size: number;
  readonly row_position: string;
  /** Null where a row makes no event at all. */
  readonly id: string | null;
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
  readonly payload: Record<string, unknown>;
}

const ROW_COLUMNS =
  'o.id, o.type, o.version, o.source, o.stream, o.aggregate_id, o.sequence, o.position, o.occurred_at, o.actor, o.causation_id, o.correlation_id, o.traceparent, o.payload, o.packed';
/** How many events a row holds. */
const SIZE = 'coalesce(packed, 1)';

/** Of the rows of `source`, which is at most `limit` rows long, the first that hold at least `limit` events together, or all. */
function firstEvents(source: string, order: string, limit: string): string {
  return `select * from (select *, sum(${SIZE}) over (order by ${order} rows unbounded preceding) - ${SIZE} as events_before from (${source}) as oldest) as counted
    where events_before < ${limit}`;
}

/** The events of the rows of a common table expression, each beside its row. */
function eventsOf(rows: string): string {
  return `select id as row_id, 1 as row_size, position as row_position, id, type, version, source, stream, aggregate_id, sequence, position, occurred_at, actor,
      causation_id, correlation_id, traceparent, payload::json
    from ${rows} where packed is null
    union all
    select r.id, r.packed, r.position, e.id, r.type, r.version, r.source, r.stream, e.aggregate_id, 1, r.position - r.packed + coalesce(e.place, r.packed),
      r.occurred_at, e.actor, e.causation_id, e.correlation_id, e.traceparent, e.payload
    from ${rows} r left join lateral unpack_events(r.payload::json, r.occurred_at) as e on true where r.packed is not null`;
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
 * the order of an aggregate. Runs on the connection that holds the relay's lock, so nobody else can have written in between. Fewer than
 * `limit` events are all there are; more come only with the last row.
 * @throws InvariantViolation where a row does not make as many events as it says: then nothing has got a position
 */
export async function assignPositions(client: ClientBase, service: string, limit: number): Promise<Envelope[]> {
  return inTransaction(client, async () => {
    const { rows } = await client.query<OutboxRecord>(assignment(service, limit));
    return envelopesOf(rows);
  });
}

function assignment(service: string, limit: number) {
  const oldest = 'select id, stream, ordinal, packed from outbox where position is null and source = $1 order by ordinal limit $2';
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
     ${eventsOf('placed')} order by stream, position`,
    values: [service, limit],
  };
}

/** Events that have a position and are perhaps not on their stream: a relay ended between its steps. */
export async function loadUnpublished(client: ClientBase, service: string, limit: number): Promise<Envelope[]> {
  const oldest = `select ${ROW_COLUMNS} from outbox o
    where position is not null and published_at is null and source = $1 order by stream, position limit $2`;
  const { rows } = await client.query<OutboxRecord>(
    `with first as materialized (${firstEvents(oldest, 'stream, position', '$2')}) ${eventsOf('first')} order by stream, position`,
    [service, limit],
  );
  return envelopesOf(rows);
}

/** @param events of each stream all between the first and the last that are not published yet */
export async function markPublished(client: ClientBase, events: readonly Envelope[]): Promise<void> {
  const streams = [...Map.groupBy(events, ({ stream }) => stream)];
  await client.query({
    name: 'mark_published',
    text: `update outbox o set published_at = clock_timestamp()
     from unnest($1::text[], $2::bigint[], $3::bigint[]) as t (stream, first, last)
     where o.stream = t.stream and o.position between t.first and t.last and o.published_at is null`,
    values: [streams.map(([stream]) => stream), ...[0, -1].map((at) => streams.map(([, ofStream]) => ofStream.at(at)?.position))],
  });
}

/** The events of a stream from a position on, in order: about `limit`, and none only at its end. */
export async function loadFrom(client: ClientBase, stream: string, fromPosition: number, limit: number): Promise<Envelope[]> {
  const next = `select ${ROW_COLUMNS} from outbox o where stream = $1 and position >= $2 order by position limit $3`;
  const { rows } = await client.query<OutboxRecord>(
    `with next as materialized (${firstEvents(next, 'position', '$3')}) select * from (${eventsOf('next')}) as events where position >= $2 order by position`,
    [stream, fromPosition, limit],
  );
  return envelopesOf(rows, fromPosition);
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

/**
 * A row that makes fewer events than it says would leave places that nobody ever fills, and nobody would be told what happened there.
 * @param from the first position that was asked for
 */
function envelopesOf(rows: readonly OutboxRecord[], from = 1): Envelope[] {
  const made = new Map<string, number>();
  for (const { id, row_id: row } of rows) made.set(row, (made.get(row) ?? 0) + (id === null ? 0 : 1));
  for (const { row_id: row, row_size: size, row_position: position } of rows) {
    const expected = Math.min(size, Number(position) - from + 1);
    if (made.get(row) !== expected)
      throw new InvariantViolation(`Row ${row} of the outbox makes ${made.get(row)} events and not ${expected}.`);
  }
  return rows.map(toEnvelope);
}

function toEnvelope(row: OutboxRecord): Envelope {
  return {
    id: ensure(row.id, 'the id of an event'), // first, see `ENTRY_START` in stream.ts
    type: row.type,
    version: row.version,
    source: row.source,
    stream: row.stream,
    aggregateId: row.aggregate_id,
    sequence: Number(row.sequence),
    position: Number(row.position),
    occurredAt: row.occurred_at.toISOString(),
    actor: row.actor,
    causationId: row.causation_id,
    correlationId: row.correlation_id,
    traceparent: row.traceparent,
    payload: row.payload,
  };
}
