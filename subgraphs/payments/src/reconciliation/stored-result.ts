import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { z } from 'zod';
import type { ProviderName } from '../provider/provider-name.ts';
import type { KnownDays } from './day.ts';
import { plainJson, type ReconciliationResult } from './reconcile.ts';

/** The stored results of daily comparisons: one per provider and day, whatever the number of processes. */

const MAX_STORED_DIFFERENCES = 1_000;

/** As many days back as are ever looked at. */
export async function knownDays(em: EntityManager, provider: ProviderName, maxDays: number): Promise<KnownDays> {
  const [begun] = await rawSql<{ first: string | null }>(em, 'select min(date)::text as first from reconciliations where provider = $1', [
    provider,
  ]);
  const rows = await rawSql<{ date: string }>(
    em,
    'select date::text as date from reconciliations where provider = $1 and checked_at is not null order by date desc limit $2',
    [provider, maxDays],
  );
  return { first: begun?.first ?? null, checked: new Set(rows.map(({ date }) => date)) };
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
  { provider, date, checkedAt, totals, differences, differenceCount, digest }: ReconciliationResult,
): Promise<boolean> {
  const result = { totals, differences: differences.slice(0, MAX_STORED_DIFFERENCES), differenceCount };
  const rows = await rawSql(
    em,
    `update reconciliations set checked_at = $3::timestamptz, is_balanced = $4, digest = $5, result = $6::jsonb
     where provider = $1 and date = $2::date and checked_at is null returning provider`,
    [provider, date, checkedAt.toISOString(), differenceCount === 0, digest, plainJson(result)],
  );
  return rows.length > 0;
}

/** What the daily comparison found, with at most 1,000 of the differences; null when it has not compared that day. */
export async function storedResult(em: EntityManager, provider: ProviderName, date: string): Promise<ReconciliationResult | null> {
  const [row] = await rawSql<{ checked_at: string; digest: string; result: unknown }>(
    em,
    'select checked_at, digest, result from reconciliations where provider = $1 and date = $2::date and checked_at is not null',
    [provider, date],
  );
  return row ? { provider, date, checkedAt: new Date(row.checked_at), digest: row.digest, ...STORED.parse(row.result) } : null;
}

const MINOR = z.string().transform(BigInt);
const AMOUNT = z.object({ currency: z.string(), minor: MINOR }).nullable();

const STORED = z.object({
  totals: z.array(
    z.object({
      currency: z.string(),
      chargedMinor: MINOR,
      refundedMinor: MINOR,
      disputedMinor: MINOR,
      feesMinor: MINOR,
      netMinor: MINOR,
      ledgerNetMinor: MINOR,
      convertedMinor: MINOR.default(0n),
    }),
  ),
  differences: z.array(
    z.object({
      kind: z.enum(['MISSING_HERE', 'MISSING_THERE', 'MISSING_IN_LEDGER', 'AMOUNT_DIFFERS', 'FEE_DIFFERS']),
      book: z.enum(['PROVIDER', 'PAYMENTS', 'LEDGER']),
      providerId: z.string(),
      paymentId: z.string().nullable(),
      expected: AMOUNT,
      actual: AMOUNT,
    }),
  ),
  differenceCount: z.number(),
});
