import { newestSeal } from '@tessera/verify';
import type { Query } from './world.ts';

/**
 * Up to where the books were proved when nothing was under way: what is proved next begins behind it. All rounds together then prove what one
 * proof of everything would.
 */
export interface Line {
  /** Of the chain of batches: from here on goes an incremental pass of `verify`. */
  readonly seal: string;
  /** The newest number that was drawn for a batch: refusals alone are in none that is listed. */
  readonly batch: string;
  /** The newest event. */
  readonly event: string;
  /** Counters of every account, as JSON. */
  readonly accounts: string;
}

export const BEGINNING: Line = { seal: '0', batch: '0', event: '0', accounts: '[]' };

export async function readLine(query: Query): Promise<Line> {
  const seal = await newestSeal((_service, sql, parameters) => query(sql, parameters));
  const [row] = await query<Omit<Line, 'seal'>>(
    `select (select last_value from ledger_batch_ids)::text as batch, (select coalesce(max(ordinal), 0) from outbox)::text as event,
       (select coalesce(json_agg(a), '[]') from (
          select id, debits_posted, credits_posted, debits_pending, credits_pending, sequence,
            case normal_side when 'CREDIT' then credits_posted - debits_posted - debits_pending else debits_posted - credits_posted - credits_pending end as available
          from accounts) a)::text as accounts`,
  );
  return { ...BEGINNING, ...row, seal: seal?.ordinal ?? BEGINNING.seal };
}
