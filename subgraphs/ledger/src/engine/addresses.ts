import { ensure } from '@tessera/service-kit/errors';
import { ACCOUNT_RULES, parseAddress } from './address.ts';
import { newId } from './new-id.ts';
import type { Sql } from './sql.ts';
import { STATEMENTS } from './statements.ts';

/**
 * The ids of the addresses among the references; those named for the first time are opened. What is found here may be undone with this
 * transaction: only after its commit may others be told.
 */
export async function resolveAddresses(
  sql: Sql,
  references: ReadonlySet<string>,
  known: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const unknown: string[] = [];
  for (const reference of references) {
    const id = known.get(reference);
    if (id) ids.set(reference, id);
    else if (reference.includes(':') && parseAddress(reference) !== null) unknown.push(reference);
  }
  if (unknown.length === 0) return ids;
  const missing = await learn(sql, unknown, ids);
  if (missing.length === 0) return ids;
  const rows = missing.sort().map(accountRow);
  await sql.query(
    STATEMENTS.openAddresses,
    COLUMNS.map((column) => rows.map((row) => row[column])),
  );
  await learn(sql, missing, ids);
  return ids;
}

/** Adds what it finds to `ids`; answers the addresses that have no account. */
async function learn(sql: Sql, addresses: readonly string[], ids: Map<string, string>): Promise<string[]> {
  for (const { address, id } of await sql.query<{ address: string; id: string }>(STATEMENTS.addresses, [addresses])) ids.set(address, id);
  return addresses.filter((address) => !ids.has(address));
}

const COLUMNS = ['id', 'address', 'kind', 'ownerId', 'currency', 'normalSide', 'floorMinor'] as const;

function accountRow(address: string): Readonly<Record<(typeof COLUMNS)[number], string | null>> {
  const { kind, ownerId, currency } = ensure(parseAddress(address), 'what an address stands for');
  const { normalSide, floorMinor } = ACCOUNT_RULES[kind];
  return { id: newId('account'), address, kind, ownerId, currency, normalSide, floorMinor: floorMinor?.toString() ?? null };
}
