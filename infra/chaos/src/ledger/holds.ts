import type { PostRequest } from '@tessera/ledger';
import type { Line } from './line.ts';
import type { Random } from './random.ts';
import type { Query } from './world.ts';

export type Legs = PostRequest['legs'];

/** A hold of an earlier round, as it was placed; it may be resolved by now. */
export interface PlacedHold {
  readonly id: string;
  readonly minor: bigint;
}

/** Some end while requests are under way, so that the sweeper and those who resolve them compete; the others are open until somebody does. */
const SHORT_MS = { from: 150, below: 1_000 };
const LONG_MS = 3_600_000;

export function aHold(random: Random, between: { readonly debit: string; readonly credit: string }, startsAtMs: number): Legs {
  const lasts = random.chance(0.4) ? SHORT_MS.from + random.below(SHORT_MS.below - SHORT_MS.from) : LONG_MS;
  const amount = { currency: 'USD', minor: BigInt(1 + random.below(40)) };
  return [{ kind: 'HOLD', ...between, amount, code: 'ORDER', expiresAt: new Date(startsAtMs + lasts) }];
}

/** Most holds are resolved by one, some by two who do not know of each other, some by nobody yet. */
export function planResolutions(random: Random, holds: readonly PlacedHold[], linked: () => Legs[number]): Legs[] {
  return random.shuffled(
    holds.flatMap((hold) => {
      const askers = random.chance(0.2) ? 0 : random.chance(0.4) ? 2 : 1;
      return Array.from({ length: askers }, () => aResolution(random, hold, linked));
    }),
  );
}

/** Given back, or posted: whole or in part, sometimes with a leg that must be possible too. */
function aResolution(random: Random, { id, minor }: PlacedHold, linked: () => Legs[number]): Legs {
  if (random.chance(0.25)) return [{ kind: 'VOID', holdId: id }];
  const part = random.chance(0.5) ? { amountMinor: (minor + 1n) / 2n } : {};
  return [{ kind: 'POST', holdId: id, ...part }, ...(random.chance(0.3) ? [linked()] : [])];
}

export function isAboutHolds({ legs }: PostRequest): boolean {
  return legs.some((leg) => leg.kind !== 'MOVE');
}

/** Of the round before, resolved or not, and whatever is open still; in the order of their keys, so that a seed asks for the same ones again. */
export async function placedHolds(query: Query, round: number): Promise<PlacedHold[]> {
  const rows = await query<{ id: string; minor: string }>(
    `select id, amount_minor::text as minor from transfers t
     where state = 'PENDING' and (fact_key like $1 or exists (select from open_holds o where o.hold_id = t.id)) order by fact_key, id`,
    [`%:round-${round - 1}-%`],
  );
  return rows.map(({ id, minor }) => ({ id, minor: BigInt(minor) }));
}

export type HoldCounts = Readonly<Record<'placed' | 'posted' | 'inPart' | 'voided' | 'expired', number>>;

/** What happened to holds behind a line. */
export async function countHolds(query: Query, { batch }: Line): Promise<HoldCounts> {
  const [row] = await query<HoldCounts>(
    `select count(*) filter (where state = 'PENDING')::int as placed, count(*) filter (where state = 'POSTED')::int as posted,
       count(*) filter (where state = 'POSTED' and amount_minor < released_minor)::int as "inPart",
       count(*) filter (where state = 'VOIDED')::int as voided, count(*) filter (where state = 'EXPIRED')::int as expired
     from transfers where batch_id > $1::bigint and (state = 'PENDING' or resolves is not null)`,
    [batch],
  );
  return row ?? { placed: 0, posted: 0, inPart: 0, voided: 0, expired: 0 };
}
