import type { AccountState } from './account.ts';

/** What a user may send in one currency. Pure: who holds the locks and who writes is the caller's business. */

/** What users send each other may count, now or by a schedule; payments of orders, postings, reversals and adjustments do not. */
export const COUNTED_CODES: readonly string[] = ['TRANSFER', 'SCHEDULED'];

/** Whether a movement counts for the limits of who pays: what stays with the same user does not. */
export function isCounted(code: string, debit: Party, credit: Party): boolean {
  if (!COUNTED_CODES.includes(code) || debit.kind !== 'WALLET' || debit.ownerId === null) return false;
  return credit.kind !== 'WALLET' || credit.ownerId !== debit.ownerId;
}

type Party = Pick<AccountState, 'kind' | 'ownerId'>;

/** The same in SQL, of a posted transfer and the wallet that pays. */
export const sqlIsCounted = (transfer: string, payer: string): string =>
  `${transfer}.code in (${COUNTED_CODES.map((code) => `'${code}'`).join(', ')}) and not exists (
    select from accounts own where own.id = ${transfer}.credit_account_id and own.kind = 'WALLET' and own.owner_id = ${payer}.owner_id)`;

/** Null: without bound. */
export interface Limits {
  readonly perTransferMinor: bigint | null;
  /** A day is one of UTC. */
  readonly perDayMinor: bigint | null;
}

/** By currency: what holds for everybody for whom nobody has set anything. */
export type DefaultLimits = Readonly<Record<string, Limits>>;

/** Of one user in one currency, over all wallets. */
export interface LimitState extends Limits {
  readonly ownerId: string;
  readonly currency: string;
  readonly usedMinor: bigint;
  /** The day, as YYYY-MM-DD. */
  readonly usedOn: string;
}

export interface ExceededLimit {
  readonly kind: 'PER_TRANSFER' | 'PER_DAY';
  readonly minor: bigint;
  /** When the day's use begins anew; null for a limit that time does not change. */
  readonly resetsAt: Date | null;
}

const DAY_LENGTH = 'YYYY-MM-DD'.length;
const DAY_MS = 86_400_000;

export function limitKey({ ownerId, currency }: Pick<LimitState, 'ownerId' | 'currency'>): string {
  return `${ownerId} ${currency}`;
}

function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, DAY_LENGTH);
}

export function endOfDay(instant: Date): Date {
  return new Date(Date.parse(dayOf(instant)) + DAY_MS);
}

export function usedToday({ usedMinor, usedOn }: Pick<LimitState, 'usedMinor' | 'usedOn'>, now: Date): bigint {
  return usedOn >= dayOf(now) ? usedMinor : 0n;
}

/** The use after one more transfer, or the limit that stands in its way. Counted also where the day has no bound: one may come later. */
export function spend(limit: LimitState, amountMinor: bigint, now: Date): LimitState | ExceededLimit {
  const { perTransferMinor, perDayMinor } = limit;
  if (perTransferMinor !== null && amountMinor > perTransferMinor) return { kind: 'PER_TRANSFER', minor: perTransferMinor, resetsAt: null };
  const usedMinor = usedToday(limit, now) + amountMinor;
  if (perDayMinor !== null && usedMinor > perDayMinor) return { kind: 'PER_DAY', minor: perDayMinor, resetsAt: endOfDay(now) };
  return { ...limit, usedMinor, usedOn: dayOf(now) };
}
