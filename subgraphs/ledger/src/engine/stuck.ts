import { findReceivers } from './receivers.ts';
import type { Sql, Statement } from './sql.ts';
import type { Queued } from './submission.ts';

/** Accounts that one transaction keeps locked, by every name that they have, with the number of that transaction. */
export type Stuck = ReadonlyMap<string, string>;

export const NOTHING_STUCK: Stuck = new Map();

/** What could not be settled, because what it names is stuck. */
export interface Held {
  readonly items: readonly Queued[];
  readonly stuck: Stuck;
}

const LOCKED: Statement = {
  name: 'locked_accounts',
  text: `
    with free as materialized (
      select id from accounts where id = any($1::text[]) or address = any($1::text[]) for no key update skip locked)
    select id, address, xmax::text as holder from accounts a
    where (id = any($1::text[]) or address = any($1::text[])) and not exists (select from free f where f.id = a.id)`,
};

/** Who has locked them just now; waits for nobody. An account that many use is locked whenever one looks, but each time by another transaction. */
export async function findLocked(sql: Sql, names: ReadonlySet<string>): Promise<Stuck> {
  const locked = new Map<string, string>();
  const receivers = (await findReceivers(sql, names)).ids;
  const asked = [...names, ...receivers.values()];
  for (const { id, address, holder } of await sql.query<{ id: string; address: string | null; holder: string }>(LOCKED, [asked])) {
    locked.set(id, holder);
    if (address !== null) locked.set(address, holder);
  }
  for (const [reference, id] of receivers) {
    const holder = locked.get(id);
    if (holder !== undefined) locked.set(reference, holder);
  }
  return locked;
}

/** What was locked before, and still is by the same transaction. */
export function stillLocked(before: Stuck, now: Stuck): Stuck {
  return new Map([...now].filter(([name, holder]) => before.get(name) === holder));
}

export function namesStuck({ names }: Queued, stuck: Stuck): boolean {
  return names.some((name) => stuck.has(name));
}
