import type { Ask } from './ask.ts';
import { CannotRun } from './cannot-run.ts';

/**
 * The end of the ledger, from a batch on. Batches are numbered under the locks of their accounts, so along an account nothing of a window
 * comes before anything outside it.
 */
export interface Window {
  readonly fromBatch: string;
  /** No transfer of the window is older. */
  readonly fromTime: string;
}

/** Up to which link of the chain of batches something holds. */
export interface SealPoint {
  readonly ordinal: string;
  /** Hexadecimal. */
  readonly chain: string;
}

/** As a condition on `transfers`, whose columns may have a prefix such as `t.`. */
export function within(window: Window | null, prefix = ''): string {
  return window ? `(${prefix}batch_id >= ${window.fromBatch} and ${prefix}created_at >= '${window.fromTime}')` : 'true';
}

/** The same on `transfer_keys`, by the batch alone: a refusal that concerns no account is in a batch of which nothing else is known. */
export function withinKeys(window: Window | null, prefix = ''): string {
  return window ? `${prefix}batch_id >= ${window.fromBatch}` : 'true';
}

/** What was not yet sealed when the chain had this many links. */
export function windowSinceSeal(ask: Ask, ordinal: string): Promise<Window> {
  const open = 'least((select min(batch_id) from ledger_seals where ordinal > $1::bigint), (select min(batch_id) from unsealed_batches))';
  const first = `least(${open}, (select max(batch_id) + 1 from ledger_seals where ordinal <= $1::bigint))`;
  return windowFrom(ask, first, ordinal);
}

/** What was written at this instant or later. */
export function windowSinceTime(ask: Ask, instant: Date): Promise<Window> {
  return windowFrom(ask, '(select min(id) from ledger_batches where created_at >= $1::timestamptz)', instant.toISOString());
}

/** With nothing new it is the window of what is still to come. */
async function windowFrom(ask: Ask, firstBatch: string, parameter: string): Promise<Window> {
  const [row] = await ask<{ batch: string; time: string }>(
    'ledger',
    `with first as materialized (select ${firstBatch} as batch)
     select coalesce(batch, (select coalesce(max(id), 0) + 1 from ledger_batches))::text as batch,
       coalesce((select to_char(min(created_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from ledger_batches where id >= batch), 'infinity') as time
     from first`,
    [parameter],
  );
  return { fromBatch: ensureRow(row).batch, fromTime: ensureRow(row).time };
}

function ensureRow<Row>(row: Row | undefined): Row {
  if (!row) throw new CannotRun('The ledger did not answer where its window begins.');
  return row;
}

export async function newestSeal(ask: Ask): Promise<SealPoint | null> {
  const [row] = await ask<{ ordinal: string; chain: string }>(
    'ledger',
    `select s.ordinal::text as ordinal, encode(s.chain, 'hex') as chain from ledger_seals s order by s.ordinal desc limit 1`,
  );
  return row ?? null;
}
