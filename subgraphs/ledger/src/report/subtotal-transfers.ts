import { ensure } from '@tessera/service-kit/errors';
import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { MOVEMENTS } from './movements.ts';

/** One process makes subtotals at a time, the others pass. */
const SUBTOTALS_LOCK = 727_005;
/** So few transfers are counted anew for every trial balance. */
const MIN_TRANSFERS = 20_000;
/** So many are counted in one round. */
const MAX_TRANSFERS = 100_000;
const MAX_PROBES = 60;
/** No transfer is older; where one were, it would be in the first subtotals all the same. */
const BEGINNING_MS = Date.UTC(2020, 0, 1);

export interface SubtotalBounds {
  readonly minTransfers: number;
  readonly maxTransfers: number;
}

/**
 * Makes the next subtotals of the trial balance, in steps of one transaction each: announce a horizon; note which transactions may not have seen
 * it; once those have ended, count what lies before it.
 */
export function subtotalTransfers(bounds: SubtotalBounds = { minTransfers: MIN_TRANSFERS, maxTransfers: MAX_TRANSFERS }) {
  return async ({ em }: UnitOfWork): Promise<boolean> => {
    const [lock] = await rawSql<{ taken: boolean }>(em, 'select pg_try_advisory_xact_lock($1) as taken', [SUBTOTALS_LOCK]);
    if (!lock?.taken) return false;
    const state = ensure((await rawSql<State>(em, STATE))[0], 'the horizon');
    if (!state.is_noted) {
      await rawSql(em, 'update trial_balance_horizon set seen_from = pg_snapshot_xmax(pg_current_snapshot())');
      return true;
    }
    if (!state.is_final) return false;
    const slice = await nextSlice(em, state, bounds);
    if (slice) await rawSql(em, SUBTOTAL, [slice.from, slice.until, null, state.last_until]);
    if (slice && slice.until !== state.horizon) return true;
    await rawSql(em, ANNOUNCE);
    return false;
  };
}

type State = {
  readonly horizon: string;
  readonly is_noted: boolean;
  readonly is_final: boolean;
  /** Until when there are subtotals, and the instant before that; null where there are none. */
  readonly last_until: string | null;
  readonly earlier_until: string | null;
};

const STATE = `
  select h.until_at as horizon, h.seen_from is not null as is_noted, coalesce(h.seen_from <= pg_snapshot_xmin(pg_current_snapshot()), false) as is_final,
    untils[1] as last_until, untils[2] as earlier_until
  from trial_balance_horizon h, (select array(select distinct until_at from trial_balance_subtotals order by until_at desc limit 2) as untils) made`;

const ANNOUNCE = `
  update trial_balance_horizon set until_at = greatest(until_at, date_trunc('milliseconds', clock_timestamp())), seen_from = null`;

const SUBTOTAL = `
  insert into trial_balance_subtotals (until_at, kind, currency, accounts, debits, credits)
  select $2::timestamptz, kind, currency, sum(accounts), sum(debits), sum(credits)
  from (select kind, currency, accounts, debits, credits from trial_balance_subtotals where until_at = $4::timestamptz union all ${MOVEMENTS}) parts
  group by kind, currency`;

interface Slice {
  readonly from: string;
  readonly until: string;
}

/** The next stretch of time with neither too few nor too many transfers; null where there is not enough before the horizon. */
async function nextSlice(em: EntityManager, state: State, { minTransfers, maxTransfers }: SubtotalBounds): Promise<Slice | null> {
  const from = state.last_until ?? '-infinity';
  const count = (until: string) => countUpTo(em, { from, until }, maxTransfers + 1);
  const all = await count(state.horizon);
  if (all < minTransfers) return null;
  if (all <= maxTransfers) return { from, until: state.horizon };
  let tooEarly = state.last_until ? instant(state.last_until) : BEGINNING_MS;
  let tooLate = instant(state.horizon);
  // As long as the last one, to begin with.
  let guess = state.last_until && state.earlier_until ? tooEarly + (tooEarly - instant(state.earlier_until)) : middle(tooEarly, tooLate);
  for (let probes = 0; probes < MAX_PROBES && tooLate - tooEarly > 1; probes += 1) {
    guess = Math.min(Math.max(guess, tooEarly + 1), tooLate - 1);
    const found = await count(new Date(guess).toISOString());
    if (found >= minTransfers && found <= maxTransfers) return { from, until: new Date(guess).toISOString() };
    if (found < minTransfers) tooEarly = guess;
    else tooLate = guess;
    guess = middle(tooEarly, tooLate);
  }
  return { from, until: new Date(tooLate).toISOString() }; // that many within one millisecond
}

/** Counts no further than `limit`. */
async function countUpTo(em: EntityManager, { from, until }: Slice, limit: number): Promise<number> {
  const text = `select count(*)::int as count from (
    select from transfers where created_at >= $1::timestamptz and created_at < $2::timestamptz limit ${limit}) found`;
  return (await rawSql<{ count: number }>(em, text, [from, until]))[0]?.count ?? 0;
}

function instant(text: string): number {
  return new Date(text).getTime();
}

function middle(left: number, right: number): number {
  return Math.floor((left + right) / 2);
}
