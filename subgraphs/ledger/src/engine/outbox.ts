import { EVENT_VERSION, type NewEvent, outboxRow } from '@tessera/service-kit/messaging';
import type { Columns, Sql, Statement, TextRow } from './sql.ts';

/** Who asked, as the events say it. */
export interface Origin {
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly traceparent: string | null;
}

export interface Told {
  readonly events: readonly NewEvent[];
  readonly origin: Origin;
}

const SEQUENCES: Statement = {
  name: 'aggregate_sequences',
  text: `
    insert into aggregate_sequences as s (aggregate_id, sequence)
    select aggregate_id, size from unnest($1::text[], $2::bigint[]) as a (aggregate_id, size) order by aggregate_id
    on conflict (aggregate_id) do update set sequence = s.sequence + excluded.sequence
    returning aggregate_id, sequence`,
};

const OUTBOX_COLUMNS: Columns = {
  id: 'text',
  type: 'word',
  stream: 'word',
  source: 'word',
  aggregate_id: 'text',
  payload: 'json',
  sequence: 'bigint',
  version: 'integer',
  occurred_at: 'timestamptz',
  actor: 'text',
  causation_id: 'text',
  correlation_id: 'text',
  traceparent: 'text',
};

/**
 * Writes the events of a batch; what each submission published comes back in their order. The aggregates stay locked until the commit, so
 * that sequence, ordinal and commit have one order for each.
 * @param fresh ids that this transaction has made: nobody else can have told anything about them
 */
export async function writeTold(sql: Sql, told: readonly Told[], fresh: ReadonlySet<string>, occurredAt: string): Promise<void> {
  const sizes = new Map<string, number>();
  for (const { events } of told) for (const { aggregateId } of events) sizes.set(aggregateId, (sizes.get(aggregateId) ?? 0) + 1);
  if (sizes.size === 0) return;
  const { next, started } = await firstSequences(sql, sizes, fresh);
  const rows: TextRow[] = [];
  for (const { events, origin } of told) {
    for (const event of events) {
      const { id, type, stream, source, aggregateId, payload } = outboxRow(event, { isOwnShape: event.type === 'TransferPosted' });
      const sequence = next.get(aggregateId) ?? 1;
      next.set(aggregateId, sequence + 1);
      const { actor, causationId, correlationId, traceparent } = origin;
      const place = [String(sequence), String(EVENT_VERSION), occurredAt];
      rows.push([id, type, stream, source, aggregateId, payload, ...place, actor, causationId, correlationId, traceparent]);
    }
  }
  await Promise.all([started, sql.insert('outbox', OUTBOX_COLUMNS, rows)]);
}

async function firstSequences(sql: Sql, sizes: ReadonlyMap<string, number>, fresh: ReadonlySet<string>) {
  const next = new Map<string, number>();
  const own: TextRow[] = [];
  const shared: [string, number][] = [];
  for (const [id, size] of sizes) {
    if (fresh.has(id)) own.push([id, String(size)]);
    else shared.push([id, size]);
  }
  const started = sql.insert('aggregate_sequences', { aggregate_id: 'text', sequence: 'bigint' }, own);
  if (shared.length === 0) return { next, started };
  const parameters = [shared.map(([id]) => id), shared.map(([, size]) => String(size))];
  for (const row of await sql.query<{ aggregate_id: string; sequence: string }>(SEQUENCES, parameters))
    next.set(row.aggregate_id, Number(row.sequence) - (sizes.get(row.aggregate_id) ?? 0) + 1);
  return { next, started };
}
