import { createHash } from 'node:crypto';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { ProviderAdapter } from '../provider/provider-adapter.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { CurrencyTotal, Difference } from './books.ts';
import { dayOf, windowOf } from './day.ts';
import { readLedgerBook, readOwnBook } from './read-books.ts';
import { type Bounds, readMovements } from './read-movements.ts';
import { compareBooks } from './reconciliation.ts';
import { totalsOf } from './totals.ts';

export interface ReconciliationResult {
  readonly provider: ProviderName;
  /** A day in UTC, as YYYY-MM-DD. */
  readonly date: string;
  readonly checkedAt: Date;
  readonly totals: readonly CurrencyTotal[];
  readonly differences: readonly Difference[];
  /** More than the differences where not all of them were stored. */
  readonly differenceCount: number;
  /** The same for the same totals and differences. */
  readonly digest: string;
}

/**
 * Compares a day of the provider's books with ours and the ledger's. No transaction is open while the provider is asked. The provider is read
 * first: what happens meanwhile is known here and not there, so the day ends for us when the reading began.
 * @throws BookTooLarge when the provider cannot be read in time or the day is larger than the bound; TesseraError SERVICE_UNAVAILABLE when
 * it cannot be read
 */
export async function reconcile(adapter: ProviderAdapter, date: string, em: EntityManager, bounds: Bounds): Promise<ReconciliationResult> {
  const checkedAt = new Date();
  const whole = dayOf(date);
  const window = windowOf(whole);
  const movements = await readMovements(adapter, window, bounds);
  const day = { from: whole.from, until: checkedAt < whole.until ? checkedAt : whole.until };
  const objects = await readOwnBook(em, adapter.name, day, movements);
  const entries = await readLedgerBook(em, adapter.name, day, objects);
  const differences = compareBooks({ day, window, movements, objects, entries });
  const totals = totalsOf({ day: whole, movements, objects, entries });
  const digest = digestOf(totals.map(withoutNothing), differences);
  return { provider: adapter.name, date, checkedAt, totals, differences, differenceCount: differences.length, digest };
}

/** As results were told before there were conversions: they stay comparable. */
function withoutNothing({ convertedMinor, ...total }: CurrencyTotal) {
  return convertedMinor === 0n ? total : { ...total, convertedMinor };
}

function digestOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(plainJson(parts)).digest('hex');
}

/** Amounts as text. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? each.toString() : each));
}
