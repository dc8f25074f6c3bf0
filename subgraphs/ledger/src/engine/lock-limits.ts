import type { AccountState } from './account.ts';
import type { Item } from './item.ts';
import { COUNTED_CODES, type DefaultLimits, type LimitState, limitKey } from './limit.ts';
import type { Sql } from './sql.ts';
import { STATEMENTS } from './statements.ts';

type Asking = Pick<Sql, 'query'>;

/**
 * Locks and reads the limits of those who pay, after the accounts and in one order, so that what a user sends from several wallets or through
 * several processes is counted one after the other. Where nobody who pays has a limit, nothing is asked.
 */
export async function lockLimits(
  sql: Asking,
  items: readonly Item[],
  { accountOf, defaults }: { readonly accountOf: (reference: string) => AccountState | undefined; readonly defaults: DefaultLimits },
): Promise<Map<string, LimitState>> {
  const owners = new Map<string, readonly [ownerId: string, currency: string]>();
  for (const { request } of items) {
    for (const leg of request.legs) {
      if (leg.kind !== 'MOVE' || !COUNTED_CODES.includes(leg.code)) continue;
      const payer = accountOf(leg.debit);
      if (payer?.kind !== 'WALLET' || payer.ownerId === null || !(payer.isLimited || payer.currency in defaults)) continue;
      owners.set(limitKey({ ownerId: payer.ownerId, currency: payer.currency }), [payer.ownerId, payer.currency]);
    }
  }
  if (owners.size === 0) return new Map();
  const known = await read(sql, [...owners.values()], defaults);
  const missing = [...owners].flatMap(([key, owner]) => (known.has(key) ? [] : [owner]));
  if (missing.length === 0) return known;
  await sql.query(STATEMENTS.openLimits, columnsOf(missing));
  return new Map([...known, ...(await read(sql, missing, defaults))]);
}

async function read(
  sql: Asking,
  owners: readonly (readonly [string, string])[],
  defaults: DefaultLimits,
): Promise<Map<string, LimitState>> {
  const rows = await sql.query<LimitRow>(STATEMENTS.lockLimits, columnsOf(owners));
  return new Map(rows.map((row) => stateOf(row, defaults)).map((limit) => [limitKey(limit), limit]));
}

export type LimitRow = {
  readonly owner_id: string;
  readonly currency: string;
  readonly per_transfer_minor: string | null;
  readonly per_day_minor: string | null;
  readonly is_own: boolean;
  readonly used_minor: string;
  readonly used_on: string;
};

/** What somebody has set, even that there is no limit, stands before the default. */
export function stateOf(row: LimitRow, defaults: DefaultLimits): LimitState {
  const ofHouse = row.is_own ? undefined : defaults[row.currency];
  const big = (minor: string | null): bigint | null => (minor === null ? null : BigInt(minor));
  return {
    ownerId: row.owner_id,
    currency: row.currency,
    perTransferMinor: ofHouse ? ofHouse.perTransferMinor : big(row.per_transfer_minor),
    perDayMinor: ofHouse ? ofHouse.perDayMinor : big(row.per_day_minor),
    usedMinor: BigInt(row.used_minor),
    usedOn: row.used_on,
  };
}

/** What was used by what is decided; nothing where no limit was read. */
export function limitsToWrite(limits: ReadonlyMap<string, LimitState>, before: ReadonlyMap<string, LimitState>): LimitState[] {
  return [...limits.values()].filter((limit) => before.get(limitKey(limit)) !== limit);
}

export function writeLimits(sql: Sql, limits: readonly LimitState[], countedUntil: string): Promise<unknown> {
  return sql.query(STATEMENTS.updateLimits, [
    ...columnsOf(limits.map(({ ownerId, currency }) => [ownerId, currency] as const)),
    limits.map(({ usedMinor }) => usedMinor.toString()),
    limits.map(({ usedOn }) => usedOn),
    countedUntil,
  ]);
}

function columnsOf(owners: readonly (readonly [string, string])[]): [string[], string[]] {
  return [owners.map(([ownerId]) => ownerId), owners.map(([, currency]) => currency)];
}
