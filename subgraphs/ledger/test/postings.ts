import type { EventPayload, EventType } from '@tessera/schema/contract';
import { onPostingRequested } from '../src/posting/on-posting-requested.ts';
import { onPostingResolutionRequested } from '../src/posting/on-posting-resolution-requested.ts';
import { anEvent, inUnit, sql, type TestLedger } from './a-ledger.ts';

type Leg = EventPayload<'PostingRequested'>['legs'][number];
interface Reference {
  readonly orderId?: string;
  readonly paymentId?: string;
}
interface Pending extends Reference {
  readonly pendingUntil?: string;
}
interface Resolution extends Reference {
  readonly pendingFactKey: string;
  readonly outcome: 'POST' | 'VOID';
}

export const usd = (minor: string) => ({ currency: 'USD', minor });
export const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
export const leg = (debit: string, credit: string, minor: string, code: string): Leg => ({ debit, credit, amount: usd(minor), code });

/** A command of payments, handled at once. */
export function posting(ledger: TestLedger, factKey: string, legs: readonly Leg[], more: Pending = {}): Promise<void> {
  const payload = { factKey, legs: [...legs], pendingUntil: null, orderId: null, paymentId: null, ...more };
  return inUnit(ledger, (unit) => onPostingRequested(anEvent('PostingRequested', payload), unit));
}

export function resolution(ledger: TestLedger, factKey: string, asked: Resolution): Promise<void> {
  const payload = { factKey, orderId: null, paymentId: null, ...asked };
  return inUnit(ledger, (unit) => onPostingResolutionRequested(anEvent('PostingResolutionRequested', payload), unit));
}

export type Told = { readonly type: EventType; readonly aggregateId: string; readonly payload: Record<string, unknown> };

/** Everything that was told under a fact key, oldest first. */
export function told(ledger: TestLedger, factKey: string): Promise<Told[]> {
  return sql<Told>(
    ledger,
    `select type, aggregate_id as "aggregateId", payload from outbox_events where payload ->> 'factKey' = $1 and type not like '%Requested' order by ordinal, place`,
    [factKey],
  );
}

export async function typesTold(ledger: TestLedger, factKey: string): Promise<EventType[]> {
  return (await told(ledger, factKey)).map(({ type }) => type);
}

/** Balance and available amount of every account that is not empty, by address, of wallets by id. */
export async function balances(ledger: TestLedger): Promise<Record<string, string>> {
  const rows = await sql<{ name: string; balance: string; available: string }>(
    ledger,
    `select name, balance, balance - held as available from (
       select coalesce(address, id) as name, sequence,
         case normal_side when 'CREDIT' then credits_posted - debits_posted else debits_posted - credits_posted end as balance,
         case normal_side when 'CREDIT' then debits_pending else credits_pending end as held
       from accounts) a where balance <> 0 or held <> 0`,
  );
  return Object.fromEntries(
    rows.map(({ name, balance, available }) => [name, balance === available ? balance : `${balance} (${available})`]),
  );
}
