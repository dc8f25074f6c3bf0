import type { Ask } from './ask.ts';
import type { Window } from './window.ts';

/** Rows that PostgreSQL sorts at a time: few enough to stay in its memory. */
const ROWS_PER_SLICE = 50_000;

/** A range of keys, both ends inclusive; null has no end. */
export interface Slice {
  readonly first: string | null;
  readonly last: string | null;
}

/** Batches, by the number of their transfers. Together the slices leave out no number, so that a batch nobody knows of is found too. */
export function batchSlices(ask: Ask, window: Window | null): Promise<Slice[]> {
  return slicesOf(
    ask,
    `select id as key, transfer_count as size from ledger_batches where id >= ${window?.fromBatch ?? 0}`,
    window?.fromBatch ?? null,
  );
}

/** Accounts, by the number of their movements. */
export function accountSlices(ask: Ask): Promise<Slice[]> {
  return slicesOf(ask, `select id as key, sequence as size from accounts`, null);
}

/** Links of the chain of batches. */
export function sealSlices(ask: Ask, after: string): Promise<Slice[]> {
  return slicesOf(ask, `select ordinal as key, 1 as size from ledger_seals where ordinal > ${after}`, after);
}

async function slicesOf(ask: Ask, keys: string, first: string | null): Promise<Slice[]> {
  const rows = await ask<{ last: string }>(
    'ledger',
    `select max(key)::text as last from (
       select key, floor((sum(size) over (order by key) - 1) / ${ROWS_PER_SLICE}) as slice from (${keys}) k) placed group by slice order by max(key)`,
  );
  const ends = rows.slice(0, -1).map(({ last }) => last);
  return [...ends, null].map((last, at) => ({ first: ends[at - 1] ?? first, last }));
}

/** As a condition: what a slice holds. The first key belongs to the slice before it, save where the first slice begins. */
export function inSlice(column: string, { first, last }: Slice, type: 'bigint' | 'text', isFirst: boolean): string {
  const literal = (key: string): string => (type === 'text' ? `'${key.replaceAll("'", "''")}'` : key);
  const from = first === null ? [] : [`${column} ${isFirst ? '>=' : '>'} ${literal(first)}`];
  const to = last === null ? [] : [`${column} <= ${literal(last)}`];
  return [...from, ...to].join(' and ') || 'true';
}
