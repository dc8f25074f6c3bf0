import type { Envelope } from '@tessera/schema/contract';
import { ensure } from '../errors/index.ts';
import { type EntityManager, rawSql } from '../persistence/index.ts';

/** Inbox rows are kept for so long: a stream that goes further back than this is not read again. */
export const INBOX_RETENTION_DAYS = 30;
const PRUNE_LIMIT = 5_000;

/** Claims the event and moves the position, in the caller's transaction. False: its effect has been committed before. */
export async function receive(
  em: EntityManager,
  { id, type, stream, position }: Pick<Envelope, 'id' | 'type' | 'stream' | 'position'>,
): Promise<boolean> {
  const rows = await rawSql(
    em,
    `with moved as (
       insert into consumer_positions as p (stream, position) values ($3, $4)
       on conflict (stream) do update set position = greatest(p.position, excluded.position)
     )
     insert into inbox (event_id, type) values ($1, $2) on conflict (event_id) do nothing returning event_id`,
    [id, type, stream, position],
  );
  return rows.length > 0;
}

/** Claims events about which there is nothing to do, and moves the position to the last; one statement, complete in itself. */
export async function receiveAll(
  em: EntityManager,
  events: readonly Pick<Envelope, 'id' | 'type' | 'stream' | 'position'>[],
): Promise<void> {
  const { stream, position } = ensure(events.at(-1), 'an event');
  await rawSql(
    em,
    `with moved as (
       insert into consumer_positions as p (stream, position) values ($3, $4)
       on conflict (stream) do update set position = greatest(p.position, excluded.position)
     )
     insert into inbox (event_id, type) select * from unnest($1::text[], $2::text[]) on conflict (event_id) do nothing`,
    [events.map(({ id }) => id), events.map(({ type }) => type), stream, position],
  );
}

/** Passes over events that nothing here handles. */
export async function movePosition(em: EntityManager, stream: string, position: number): Promise<void> {
  await rawSql(
    em,
    `insert into consumer_positions as p (stream, position) values ($1, $2)
     on conflict (stream) do update set position = greatest(p.position, excluded.position)`,
    [stream, position],
  );
}

/** The one step back, for events that were missed: what had been received is skipped by its inbox row. */
export async function rewindPosition(em: EntityManager, stream: string, position: number): Promise<void> {
  await rawSql(em, 'update consumer_positions set position = least(position, $2) where stream = $1', [stream, position]);
}

export async function loadPositions(em: EntityManager, streams: readonly string[]): Promise<Map<string, number>> {
  const rows = await rawSql<{ stream: string; position: string }>(
    em,
    'select stream, position from consumer_positions where stream = any($1::text[])',
    [[...streams]],
  );
  return new Map(rows.map(({ stream, position }) => [stream, Number(position)]));
}

export async function receivedAmong(em: EntityManager, ids: readonly string[]): Promise<string[]> {
  const rows = await rawSql<{ event_id: string }>(em, 'select event_id from inbox where event_id = any($1::text[])', [[...ids]]);
  return rows.map((row) => row.event_id);
}

/** Deletes some of the rows that have served their time; called now and then. */
export async function pruneInbox(em: EntityManager): Promise<void> {
  await rawSql(
    em,
    `delete from inbox where event_id in
       (select event_id from inbox where received_at < clock_timestamp() - $1::integer * interval '1 day' limit ${PRUNE_LIMIT})`,
    [INBOX_RETENTION_DAYS],
  );
}
