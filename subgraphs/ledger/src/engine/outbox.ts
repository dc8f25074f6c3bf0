import { ID_PREFIXES } from '@tessera/schema/contract';
import { EVENT_VERSION, type NewEvent, type OutboxRow, outboxRow } from '@tessera/service-kit/messaging';
import { newId } from './new-id.ts';
import type { Columns, Sql, Statement, TextRow } from './sql.ts';

/** Who asked, as the events say it. */
export interface Origin {
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly traceparent: string | null;
}

/** What one submission tells. */
export interface Told {
  /** Transfers by which money moved, in their order. */
  readonly moved: readonly string[];
  readonly events: readonly (NewEvent & { readonly id: string })[];
  readonly origin: Origin;
}

/** The event that tells a movement: there is one for each, so its id is the transfer's under another prefix. */
export function movedEventId(transferId: string): string {
  return `${ID_PREFIXES.event}${transferId.slice(ID_PREFIXES.transfer.length)}`;
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
  packed: 'integer',
};

/** So many movements to a row: a relay reads whole rows. */
const PACK_SIZE = 200;
const PACK = { type: 'TransferPosted', stream: 'ledger-events', source: 'ledger' } as const;
/** Of the row alone: who caused each movement is said by its transfer and beside its id. */
const PACK_ORIGIN: Origin = { actor: 'service:ledger', correlationId: '-', causationId: null, traceparent: null };

/**
 * Writes the events of a batch in their order. The aggregates stay locked until the commit, so that sequence, ordinal and commit have one
 * order for each. What moved is told once and never again, and its row says all that there is to tell: one row of the outbox refers to many
 * of them (`unpack_events` makes the events of it).
 * @param fresh ids that this transaction has made: nobody else can have told anything about them
 */
export async function writeTold(sql: Sql, told: readonly Told[], fresh: ReadonlySet<string>, occurredAt: string): Promise<void> {
  const { next, started } = await firstSequences(sql, sizesOf(told), fresh);
  const rows: TextRow[] = [];
  const add = (
    row: OutboxRow,
    sequence: number,
    { actor, causationId, correlationId, traceparent }: Origin,
    packed: string | null,
  ): void => {
    const { id, type, stream, source, aggregateId, payload } = row;
    const place = [String(sequence), String(EVENT_VERSION), occurredAt];
    rows.push([id, type, stream, source, aggregateId, payload, ...place, actor, causationId, correlationId, traceparent, packed]);
  };
  let pack: string[] = [];
  const closePack = (): void => {
    if (pack.length === 0) return;
    const id = newId('event');
    add({ ...PACK, id, aggregateId: id, payload: `[${pack.join(',')}]` }, 1, PACK_ORIGIN, String(pack.length));
    pack = [];
  };
  for (const { moved, events, origin } of told) {
    for (const id of moved) {
      pack.push(JSON.stringify([id, origin.correlationId, origin.causationId]));
      if (pack.length === PACK_SIZE) closePack();
    }
    for (const event of events) {
      closePack();
      const sequence = next.get(event.aggregateId) ?? 1;
      next.set(event.aggregateId, sequence + 1);
      add(outboxRow(event), sequence, origin, null);
    }
  }
  closePack();
  await Promise.all([started, sql.insert('outbox', OUTBOX_COLUMNS, rows)]);
}

function sizesOf(told: readonly Told[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { events } of told) for (const { aggregateId } of events) sizes.set(aggregateId, (sizes.get(aggregateId) ?? 0) + 1);
  return sizes;
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
