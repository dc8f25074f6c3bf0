import type { Envelope } from '@tessera/schema/contract';
import type { ClientBase } from 'pg';
import { ensure } from '../errors/index.ts';

/** The relay's steps on the outbox. Each is one statement and its own transaction, so a crash leaves it done or not done. */

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
  readonly payload: Record<string, unknown>;
}

const ENVELOPE_COLUMNS =
  'o.id, o.type, o.version, o.source, o.stream, o.aggregate_id, o.sequence, o.position, o.occurred_at, o.actor, o.causation_id, o.correlation_id, o.traceparent, o.payload';

/**
 * For the session of a relay. It keeps its plans, which are made while the outbox may be empty and nothing known of it: what is found and
 * put in order by an index must stay so when a hundred thousand events wait. Otherwise every step would read and sort all of them.
 */
export async function keepToIndexes(client: ClientBase): Promise<void> {
  await client.query('set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off');
}

/**
 * Gives the next committed events their positions: per stream without gaps, in commit order as far as the relay can see it, and always in
 * the order of an aggregate. Runs on the connection that holds the relay's lock, so nobody else can have written in between.
 */
export async function assignPositions(client: ClientBase, service: string, limit: number): Promise<Envelope[]> {
  const { rows } = await client.query<OutboxRecord>({
    name: 'assign_positions',
    text: `with pending as materialized (
       select id, stream, row_number() over (partition by stream order by ordinal) as place
       from (select id, stream, ordinal from outbox where position is null and source = $1 order by ordinal limit $2) as oldest
     ), sizes as (
       select stream, count(*) as size from pending group by stream
     ), counters as (
       insert into outbox_streams as s (stream, last_position) select stream, size from sizes order by stream
       on conflict (stream) do update set last_position = s.last_position + excluded.last_position
       returning stream, last_position
     )
     update outbox as o set position = counters.last_position - sizes.size + pending.place
     from pending join sizes using (stream) join counters using (stream)
     where o.id = pending.id
     returning ${ENVELOPE_COLUMNS}`,
    values: [service, limit],
  });
  return rows.map(toEnvelope).sort((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.position - b.position));
}

/** Events that have a position and are perhaps not on their stream: a relay ended between its steps. */
export async function loadUnpublished(client: ClientBase, service: string, limit: number): Promise<Envelope[]> {
  const { rows } = await client.query<OutboxRecord>(
    `select ${ENVELOPE_COLUMNS} from outbox o
     where position is not null and published_at is null and source = $1 order by stream, position limit $2`,
    [service, limit],
  );
  return rows.map(toEnvelope);
}

export async function markPublished(client: ClientBase, events: readonly Envelope[]): Promise<void> {
  await client.query({
    name: 'mark_published',
    text: 'update outbox set published_at = clock_timestamp() where id = any($1::text[]) and published_at is null',
    values: [events.map(({ id }) => id)],
  });
}

/** The events of a stream from a position on, in order. */
export async function loadFrom(client: ClientBase, stream: string, fromPosition: number, limit: number): Promise<Envelope[]> {
  const { rows } = await client.query<OutboxRecord>(
    `select ${ENVELOPE_COLUMNS} from outbox o where stream = $1 and position >= $2 order by position limit $3`,
    [stream, fromPosition, limit],
  );
  return rows.map(toEnvelope);
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
       (select min(o.position) from outbox o where o.stream = s.stream and o.position > s.last_position - $3::bigint
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

function toEnvelope(row: OutboxRecord): Envelope {
  return {
    id: row.id, // first, see `ENTRY_START` in stream.ts
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
