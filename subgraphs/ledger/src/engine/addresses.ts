import { newId } from '@tessera/service-kit/ids';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { ACCOUNT_RULES, parseAddress } from './address.ts';
import type { PostRequest } from './request.ts';

/** Every account that the legs name, by id or by address, each once. */
export function referencesOf(requests: readonly PostRequest[]): string[] {
  const references = requests.flatMap(({ legs }) =>
    legs.flatMap((leg) => (leg.kind === 'MOVE' || leg.kind === 'HOLD' ? [leg.debit, leg.credit] : [])),
  );
  return [...new Set(references)];
}

/** Opens the system and payable accounts that are named for the first time. Two may try at once: the address is unique. */
export async function openAddresses(em: EntityManager, requests: readonly PostRequest[]): Promise<void> {
  const addresses = referencesOf(requests)
    .filter((reference) => parseAddress(reference) !== null)
    .sort();
  if (addresses.length === 0) return;
  const found = await rawSql<{ address: string }>(em, 'select address from accounts where address = any($1::text[])', [addresses]);
  const known = new Set(found.map(({ address }) => address));
  const missing = addresses.filter((address) => !known.has(address));
  if (missing.length > 0) await rawSql(em, OPEN, [JSON.stringify(missing.map(accountRow))]);
}

const OPEN = `
  insert into accounts (id, address, kind, owner_id, currency, normal_side, floor_minor, opened_at)
  select id, address, kind, owner_id, currency, normal_side, floor_minor, clock_timestamp()
  from jsonb_to_recordset($1::jsonb) as a (id text, address text, kind text, owner_id text, currency text, normal_side text, floor_minor bigint)
  order by address
  on conflict (address) do nothing`;

function accountRow(address: string) {
  const parsed = parseAddress(address);
  if (!parsed) return null;
  const { normalSide, floorMinor } = ACCOUNT_RULES[parsed.kind];
  return {
    id: newId('account'),
    address,
    kind: parsed.kind,
    owner_id: parsed.ownerId,
    currency: parsed.currency,
    normal_side: normalSide,
    floor_minor: floorMinor?.toString() ?? null,
  };
}
