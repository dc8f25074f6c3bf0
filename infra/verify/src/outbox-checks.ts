import { SERVICES, type Service } from './ask.ts';
import { type Check, ledgerCheck, sqlCheck } from './check.ts';
import type { Window } from './window.ts';

const MAX_UNPUBLISHED_SECONDS = 60;
/** What can be made of a row of several events; nothing of what is no list. */
export const unpacked = `unpack_events(case when json_typeof(o.payload::json) = 'array' then o.payload::json else '[]' end, o.occurred_at)`;

/** Every service tells its changes the same way, so every database has the same tables. */
export const outboxChecks: readonly Check[] = SERVICES.flatMap((service) => [
  sqlCheck(
    service,
    'I10',
    `${service}-positions-contiguous`,
    `${service}: the positions of every stream have no gap, in the order of the commits of each aggregate`,
    positions(),
  ),
  ...eventLogChecks(service),
  sqlCheck(
    service,
    'I10',
    `${service}-all-published`,
    `${service}: no event waits for longer than ${MAX_UNPUBLISHED_SECONDS} s to be published`,
    unpublished(),
  ),
  deadLetters(service),
]);

/** What holds of the events whether or not somebody publishes them. */
export function eventLogChecks(service: Service): readonly Check[] {
  return [
    sqlCheck(
      service,
      'I10',
      `${service}-sequences-gapless`,
      `${service}: the events of every aggregate are numbered without a gap`,
      sequences(),
    ),
    packsCheck(service),
  ];
}

/** The ledger tells in packs, and nearly everything that it ever told: what it told before a window is left to a full pass. */
function packsCheck(service: Service): Check {
  const rule = {
    invariant: 'I10',
    id: `${service}-packs-whole`,
    title: `${service}: a row of several events makes as many as it says, each the only one of its aggregate`,
  };
  if (service === 'ledger') return ledgerCheck({ ...rule, sql: packs });
  return sqlCheck(service, rule.invariant, rule.id, rule.title, packs(null));
}

/** Who tells in a transaction of their own takes the time of their own clock: at the edge of the window one may be left to a full pass. */
export function toldWithin(window: Window | null): string {
  return window ? `o.occurred_at >= '${window.fromTime}'` : 'true';
}

/** A row of several events ends at its position. */
function positions(): string {
  return `select format('stream %s: after position %s comes a row of %s events that ends at %s', stream, previous, size, position) as violation
     from (select stream, position, coalesce(packed, 1) as size, lag(position, 1, 0::bigint) over (partition by stream order by position) as previous
           from outbox where position is not null) placed
     where position - size <> previous
     union all
     select format('stream %s: the last position is %s, the counter says %s', coalesce(o.stream, s.stream), o.last, s.last_position)
     from (select stream, max(position) as last from outbox where position is not null group by stream) o
     full join outbox_streams s on s.stream = o.stream
     where s.last_position is distinct from o.last
     union all
     select format('aggregate %s: event %s of stream %s was overtaken by a later one', aggregate_id, sequence, stream)
     from (select aggregate_id, stream, sequence, position, max(position) over (partition by aggregate_id, stream order by sequence rows between unbounded preceding and 1 preceding) as latest
           from outbox where position is not null and packed is null) ordered
     where position < latest`;
}

/** Packed events are each the only one of their aggregate (`packs`), and not counted. */
function sequences(): string {
  return `select format('aggregate %s: %s events from %s to %s, the counter says %s', coalesce(o.aggregate_id, s.aggregate_id), coalesce(o.count, 0), o.first, o.last, s.sequence) as violation
     from (select aggregate_id, count(*) as count, min(sequence) as first, max(sequence) as last from outbox where packed is null group by aggregate_id) o
     full join aggregate_sequences s on s.aggregate_id = o.aggregate_id
     where o.count is distinct from o.last or coalesce(o.first, 1) <> 1 or coalesce(s.sequence, 0) <> coalesce(o.last, 0)`;
}

/** Row by row: what `unpack_events` makes of it, beside what it says of itself. A relay counts what its `tell_pack` makes, and stops where that is another number. */
function packs(window: Window | null): string {
  return `select format('row %s of %s says that it holds %s events: %s are made of it, of %s aggregates, %s of which have events elsewhere', id, type, packed, made, aggregates, elsewhere) as violation
     from outbox o cross join lateral (
       select count(*) as made, count(distinct e.aggregate_id) as aggregates,
         count(*) filter (where exists (select from outbox single where single.aggregate_id = e.aggregate_id and single.packed is null)) as elsewhere
       from ${unpacked} e) m
     where packed is not null and ${toldWithin(window)} and (made <> packed or aggregates <> packed or elsewhere > 0
       or case when json_typeof(o.payload::json) = 'array' then json_array_length(o.payload::json) end is distinct from packed)`;
}

function unpublished(): string {
  return `select format('%s %s waits since %s', type, id, occurred_at) as violation
     from outbox where published_at is null and occurred_at < now() - interval '${MAX_UNPUBLISHED_SECONDS} seconds'`;
}

function deadLetters(service: Service): Check {
  return sqlCheck(
    service,
    'I10',
    `${service}-no-dead-letters`,
    `${service}: no event is left that could not be handled`,
    `select format('%s %s from %s: %s', type, id, stream, left(error, 200)) as violation from dead_letters where replayed_at is null`,
  );
}
