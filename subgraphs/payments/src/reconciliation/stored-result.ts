import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { ProviderName } from '../provider/provider-name.ts';
import { plainJson, type ReconciliationResult } from './reconcile.ts';

/** The stored results of daily comparisons: one per provider and day, whatever the number of processes. */

const MAX_STORED_DIFFERENCES = 1_000;

export interface StoredResult {
  readonly checkedAt: Date;
  readonly isBalanced: boolean;
  readonly digest: string;
}

export async function latestDate(em: EntityManager, provider: ProviderName): Promise<string | null> {
  const [row] = await rawSql<{ date: string | null }>(
    em,
    'select max(date)::text as date from reconciliations where provider = $1 and checked_at is not null',
    [provider],
  );
  return row?.date ?? null;
}

/** Makes the day this process's own until the lease ends. @returns false when it is another's, or done */
export async function claimDay(em: EntityManager, provider: ProviderName, date: string, now: Date, leaseMs: number): Promise<boolean> {
  const rows = await rawSql(
    em,
    `insert into reconciliations as r (provider, date, claimed_until) values ($1, $2::date, $4::timestamptz)
     on conflict (provider, date) do update set claimed_until = excluded.claimed_until
       where r.checked_at is null and r.claimed_until <= $3::timestamptz
     returning provider`,
    [provider, date, now.toISOString(), new Date(now.getTime() + leaseMs).toISOString()],
  );
  return rows.length > 0;
}

/** The first result stays: what was found shortly after the day's end. @returns whether this was the first */
export async function storeResult(
  em: EntityManager,
  { provider, date, checkedAt, totals, differences, digest }: ReconciliationResult,
): Promise<boolean> {
  const result = { totals, differences: differences.slice(0, MAX_STORED_DIFFERENCES), differenceCount: differences.length };
  const rows = await rawSql(
    em,
    `update reconciliations set checked_at = $3::timestamptz, is_balanced = $4, digest = $5, result = $6::jsonb
     where provider = $1 and date = $2::date and checked_at is null returning provider`,
    [provider, date, checkedAt.toISOString(), differences.length === 0, digest, plainJson(result)],
  );
  return rows.length > 0;
}

export async function storedResult(em: EntityManager, provider: ProviderName, date: string): Promise<StoredResult | null> {
  const [row] = await rawSql<{ checked_at: string; is_balanced: boolean; digest: string }>(
    em,
    'select checked_at, is_balanced, digest from reconciliations where provider = $1 and date = $2::date and checked_at is not null',
    [provider, date],
  );
  return row ? { checkedAt: new Date(row.checked_at), isBalanced: row.is_balanced, digest: row.digest } : null;
}
