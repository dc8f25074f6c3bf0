import { type EventType, eventPayloads, type ServiceName, type StreamName, senderOf, streamOf } from '@tessera/schema/contract';
import { InvariantViolation } from '../errors/index.ts';
import { newId } from '../ids/index.ts';
import { afterCommit, type EntityManager, rawSql } from '../persistence/index.ts';
import type { CommittedEvent, EventOrigin, NewEvent } from './event.ts';
import { wakeRelay } from './wake-relay.ts';

const MAX_EVENTS = 10_000;
/** With the relay's batch this bounds what passes through memory and Redis at once. */
const MAX_PAYLOAD_CHARS = 256_000;
/** Payloads only grow by optional fields, so there is one version until a type must break. */
export const EVENT_VERSION = 1;

/** An event as its row says it, without what the transaction adds: sequence, time and origin. */
export interface OutboxRow {
  readonly id: string;
  readonly type: EventType;
  readonly stream: StreamName;
  readonly source: ServiceName;
  readonly aggregateId: string;
  readonly payload: string;
}

/**
 * Stores the events in the caller's transaction and answers those that are new: a command whose id was sent before is dropped. From here
 * to the commit the aggregates are locked against other writers of events, so sequence, ordinal and commit have one order per aggregate.
 */
export async function writeOutbox(em: EntityManager, events: readonly NewEvent[], origin: EventOrigin): Promise<CommittedEvent[]> {
  if (events.length === 0) return [];
  if (!em.isInTransaction()) throw new InvariantViolation('writeOutbox runs inside the transaction of the change that it tells');
  if (events.length > MAX_EVENTS)
    throw new InvariantViolation(`One transaction publishes at most ${MAX_EVENTS} events, not ${events.length}`);
  const rows = eachOnce(events.map((event) => outboxRow(event)));
  const written = await insertNew(em, rows, origin);
  if (written.length > 0) afterCommit(em, () => wakeRelay(em));
  return written.map(({ id, type }) => ({ id, type }));
}

/** For services that write their outbox by other means than `writeOutbox` (the ledger's engine): checked, and bounded in size. */
export function outboxRow({ id, type, aggregateId, payload }: NewEvent): OutboxRow {
  const text = JSON.stringify(eventPayloads[type].parse(payload));
  if (text.length > MAX_PAYLOAD_CHARS)
    throw new InvariantViolation(`The payload of ${type} has ${text.length} characters, more than ${MAX_PAYLOAD_CHARS}`);
  return { id: id ?? newId('event'), type, stream: streamOf(type), source: senderOf(type), aggregateId, payload: text };
}

function eachOnce(rows: readonly OutboxRow[]): OutboxRow[] {
  const seen = new Set<string>();
  return rows.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/**
 * The usual case is one statement. Where some ids existed already, their share of the sequences would stay as a gap: the statement is
 * undone (nobody has seen its rows) and repeated with the new ones, under the locks that it took.
 */
async function insertNew(em: EntityManager, rows: readonly OutboxRow[], origin: EventOrigin): Promise<readonly OutboxRow[]> {
  const written = await insert(em, rows, origin);
  if (written.size === rows.length) return rows;
  await undo(em, rows, written);
  const fresh = rows.filter((row) => written.has(row.id));
  if (fresh.length > 0) await insert(em, fresh, origin);
  return fresh;
}

/** Sorted upserts keep two transactions from waiting for each other; the final sort makes ordinals follow the order of publishing. */
const INSERT = `
  with incoming as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
      with ordinality as e (id, type, stream, source, aggregate_id, payload, place)
  ), sizes as (
    select aggregate_id, count(*) as size from incoming group by aggregate_id
  ), bumped as (
    insert into aggregate_sequences as s (aggregate_id, sequence)
    select aggregate_id, size from sizes order by aggregate_id
    on conflict (aggregate_id) do update set sequence = s.sequence + excluded.sequence
    returning aggregate_id, sequence
  )
  insert into outbox (id, type, stream, source, aggregate_id, payload, sequence, version, occurred_at, actor, causation_id, correlation_id, traceparent)
  select id, type, stream, source, aggregate_id, payload::jsonb,
         bumped.sequence - sizes.size + row_number() over (partition by aggregate_id order by place),
         $7::integer, $8::timestamptz, $9::text, $10::text, $11::text, $12::text
  from incoming join sizes using (aggregate_id) join bumped using (aggregate_id)
  order by place
  on conflict (id) do nothing
  returning id`;

async function insert(em: EntityManager, rows: readonly OutboxRow[], origin: EventOrigin): Promise<ReadonlySet<string>> {
  const columns = (['id', 'type', 'stream', 'source', 'aggregateId', 'payload'] as const).map((column) => rows.map((row) => row[column]));
  const { now, actor, causationId, correlationId, traceparent } = origin;
  const written = await rawSql<{ id: string }>(em, INSERT, [
    ...columns,
    EVENT_VERSION,
    now.toISOString(),
    actor,
    causationId,
    correlationId,
    traceparent,
  ]);
  return new Set(written.map((row) => row.id));
}

async function undo(em: EntityManager, rows: readonly OutboxRow[], written: ReadonlySet<string>): Promise<void> {
  await rawSql(em, 'delete from outbox where id = any($1::text[])', [[...written]]);
  await rawSql(
    em,
    `update aggregate_sequences s set sequence = s.sequence - e.size
     from (select aggregate_id, count(*) as size from unnest($1::text[]) as u (aggregate_id) group by aggregate_id) e
     where s.aggregate_id = e.aggregate_id`,
    [rows.map((row) => row.aggregateId)],
  );
}
