import { Migration } from '@mikro-orm/migrations';
import type { MigrationObject } from '@mikro-orm/postgresql';

const TABLES = [
  // The event log of this service: the truth behind the streams, kept for ever.
  `create table if not exists outbox (
    id text not null,
    ordinal bigserial not null,
    stream text not null,
    type text not null,
    version integer not null,
    source text not null,
    aggregate_id text not null,
    sequence bigint not null,
    payload jsonb not null,
    occurred_at timestamptz not null,
    actor text not null,
    causation_id text null,
    correlation_id text not null,
    traceparent text null,
    position bigint null,
    published_at timestamptz null,
    constraint outbox_pk primary key (id),
    constraint outbox_ordinal_unique unique (ordinal),
    constraint outbox_position_unique unique (stream, position),
    constraint outbox_sequence_unique unique (aggregate_id, sequence),
    constraint outbox_sequence_positive check (sequence > 0),
    constraint outbox_position_positive check (position > 0),
    constraint outbox_published_has_position check (published_at is null or position is not null)
  ) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05)`,
  `create index if not exists outbox_unpositioned on outbox (ordinal) where position is null`,
  `create index if not exists outbox_unpublished on outbox (stream, position) where position is not null and published_at is null`,
  `create table if not exists aggregate_sequences (
    aggregate_id text not null,
    sequence bigint not null,
    constraint aggregate_sequences_pk primary key (aggregate_id),
    constraint aggregate_sequences_not_negative check (sequence >= 0)
  )`,
  `create table if not exists outbox_streams (
    stream text not null,
    last_position bigint not null,
    constraint outbox_streams_pk primary key (stream),
    constraint outbox_streams_positive check (last_position > 0)
  )`,
  `create table if not exists inbox (
    event_id text not null,
    type text not null,
    received_at timestamptz not null default clock_timestamp(),
    constraint inbox_pk primary key (event_id)
  )`,
  // Rows arrive in the order of time, so the smallest kind of index finds the old ones.
  `create index if not exists inbox_received_at on inbox using brin (received_at)`,
  `create table if not exists consumer_positions (
    stream text not null,
    position bigint not null,
    constraint consumer_positions_pk primary key (stream),
    constraint consumer_positions_not_negative check (position >= 0)
  )`,
  `create table if not exists dead_letters (
    id text not null,
    stream text not null,
    position bigint not null,
    type text not null,
    envelope jsonb not null,
    error text not null,
    attempts integer not null,
    dead_at timestamptz not null default clock_timestamp(),
    replayed_at timestamptz null,
    constraint dead_letters_pk primary key (id),
    constraint dead_letters_attempts_positive check (attempts > 0)
  )`,
  `create table if not exists replay_requests (
    id text not null,
    requested_at timestamptz not null default clock_timestamp(),
    constraint replay_requests_pk primary key (id),
    constraint replay_requests_dead_letter_fk foreign key (id) references dead_letters (id) on delete cascade
  )`,
];

class MessagingMigration extends Migration {
  override up(): void {
    for (const table of TABLES) this.addSql(table);
  }
}

/** Tables of outbox and inbox. The first migration of every subgraph; its name sorts before all others. */
export const messagingMigration: MigrationObject = { name: '00000000000000-messaging', class: MessagingMigration };

/**
 * A row may stand for many events of one type that are each the first and only one of their aggregate: written and marked at the cost of one.
 * `packed` tells how many; their positions end at the row's. `unpack_events` makes them of the payload: here a list of events as they are; a
 * service whose own rows say it all has made one of its own, and packs references. `outbox_events` shows every event as a row, however it is stored,
 * in the order of `ordinal` and `place`.
 */
const PACKS = [
  'alter table outbox add column packed integer constraint outbox_packed_positive check (packed > 0)',
  `do $do$ begin
     if to_regprocedure('unpack_events(json, timestamptz)') is null then
       create function unpack_events(pack json, told_at timestamptz) returns table
         (place bigint, id text, aggregate_id text, actor text, causation_id text, correlation_id text, traceparent text, payload json)
       language sql stable as $$
         select place, event ->> 'id', event ->> 'aggregateId', event ->> 'actor', event ->> 'causationId', event ->> 'correlationId',
           event ->> 'traceparent', event -> 'payload'
         from json_array_elements(pack) with ordinality as e (event, place)
       $$;
     end if;
   end $do$`,
  `create view outbox_events as
   select id, ordinal, 1::bigint as place, stream, type, version, source, aggregate_id, sequence, payload::jsonb as payload, occurred_at, actor,
     causation_id, correlation_id, traceparent, position, published_at
   from outbox where packed is null
   union all
   select e.id, ordinal, e.place, stream, type, version, source, e.aggregate_id, 1, e.payload::jsonb, occurred_at, e.actor, e.causation_id,
     e.correlation_id, e.traceparent, position - packed + e.place, published_at
   from outbox o cross join lateral unpack_events(o.payload::json, o.occurred_at) as e where packed is not null`,
];

class PacksMigration extends Migration {
  override up(): void {
    for (const statement of PACKS) this.addSql(statement);
  }
}

/** Runs after the first of a service's own: the ledger changes the type of a column that the view shows. */
export const packsMigration: MigrationObject = { name: 'messaging-packs', class: PacksMigration };

/**
 * How the events of a pack go to the stream: `[id, aggregate, actor, causation, correlation, trace, payload]` for each, or in place of the payload the
 * texts that the contract makes one of (`packedPayloads`), from a service whose own rows hold those: names of fields would be half of what is sent.
 */
const TELL = `do $do$ begin
  if to_regprocedure('tell_pack(json, timestamptz)') is null then
    create function tell_pack(pack json, told_at timestamptz) returns table (place bigint, event json) language sql stable as $$
      select place, json_build_array(id, aggregate_id, actor, causation_id, correlation_id, traceparent, payload) from unpack_events(pack, told_at)
    $$;
  end if;
end $do$`;

class TellMigration extends Migration {
  override up(): void {
    this.addSql(TELL);
  }
}

/** After those of the service, like the one before. */
export const tellMigration: MigrationObject = { name: 'messaging-tell-packs', class: TellMigration };
